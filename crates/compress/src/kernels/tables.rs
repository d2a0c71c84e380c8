//! Sums of tables of 256 entries over byte codes.
//!
//! Plain code for every CPU: four rows side by side keep both load ports busy, which is the limit; gather instructions would
//! issue the same loads.

use super::{Records, Which};

/// Σ_j tables[256 j + code_j] of each record of `records.used` codes.
pub(crate) fn sums(tables: &[f32], records: Records<'_>, which: Which<'_>, out: &mut [f32]) {
    assert!(tables.len() >= 256 * records.used, "{} entries for {} codes", tables.len(), records.used);
    which.check(records, out.len());
    let mut i = 0;
    while i < out.len() {
        let n = (out.len() - i).min(4);
        let row = |k: usize| &records.bytes[which.at(i + k.min(n - 1)) * records.stride..][..records.used];
        let rows = [row(0), row(1), row(2), row(3)];
        let mut acc = [0.0f32; 4];
        for j in 0..records.used {
            for k in 0..4 {
                // SAFETY: j is below the length of each row; a byte is below 256 and the tables were counted above.
                acc[k] += unsafe { *tables.get_unchecked(256 * j + usize::from(*rows[k].get_unchecked(j))) };
            }
        }
        out[i..i + n].copy_from_slice(&acc[..n]);
        i += n;
    }
}
