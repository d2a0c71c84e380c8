//! Bit strings that lie side by side: how many bits differ from a query's. For rows that are bits to begin with; [`crate::sign`]
//! makes bits of other rows.

use vectory_core::bits::BitRowsRef;

use crate::kernels::{Records, Which, bits};

/// Differing bits of the rows from `start` on, as many as `out` has places.
pub fn block(query: &[u64], rows: BitRowsRef<'_>, start: usize, out: &mut [u32]) {
    differing(query, rows, Which::From(start), out);
}

/// Differing bits of the rows `ids`.
pub fn scores(query: &[u64], rows: BitRowsRef<'_>, ids: &[u32], out: &mut [u32]) {
    differing(query, rows, Which::Ids(ids), out);
}

fn differing(query: &[u64], rows: BitRowsRef<'_>, which: Which<'_>, out: &mut [u32]) {
    let stride = 8 * rows.words_per_row();
    let records = Records { bytes: bytemuck::cast_slice(rows.as_slice()), stride, used: stride };
    bits::hamming(bytemuck::cast_slice(query), records, which, out);
}
