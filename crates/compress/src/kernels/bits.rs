//! Differing bits of bit strings.

use super::{Records, Which, kernels};

/// Over bit strings.
pub(crate) type Hamming = unsafe fn(&[u8], Records<'_>, Which<'_>, &mut [u32]);

/// How many bits of each record differ from the query, whose length is `records.used`, a multiple of 8.
pub(crate) fn hamming(query: &[u8], records: Records<'_>, which: Which<'_>, out: &mut [u32]) {
    assert!(query.len() == records.used && query.len().is_multiple_of(8), "a query of {} bytes", query.len());
    which.check(records, out.len());
    // SAFETY: the kernel is of this CPU; every record asked for is there and as long as the query.
    unsafe { (kernels().hamming)(query, records, which, out) }
}

/// What an instruction set must offer.
///
/// # Safety
/// As [`super::ints::Ints`].
pub(super) trait Bits {
    /// Differing bits of two strings of `n` bytes, a multiple of 8.
    unsafe fn differ(a: *const u8, b: *const u8, n: usize) -> u32;
    /// Differing bits of the query (16 bytes) and each of `out.len()` strings that lie side by side, as far as it goes: how
    /// many were done.
    unsafe fn packed16(_: *const u8, _: *const u8, _: &mut [u32]) -> usize {
        0
    }
}

#[inline(always)]
pub(super) unsafe fn run<B: Bits>(q: &[u8], r: Records<'_>, which: Which<'_>, out: &mut [u32]) {
    let base = r.bytes.as_ptr();
    let mut done = 0;
    if let (Which::From(start), 16, 16) = (which, r.used, r.stride) {
        done = B::packed16(q.as_ptr(), base.add(16 * start), out);
    }
    for i in done..out.len() {
        out[i] = B::differ(q.as_ptr(), base.add(which.at(i) * r.stride), r.used);
    }
}

/// The kernel of an instruction set.
macro_rules! hamming_kernel {
    ($b:ty $(, $f:literal)?) => {{
        use crate::kernels::{Records, Which, bits::run};
        $(#[target_feature(enable = $f)])?
        unsafe fn hamming(q: &[u8], r: Records<'_>, which: Which<'_>, out: &mut [u32]) {
            run::<$b>(q, r, which, out);
        }
        hamming
    }};
}
pub(super) use hamming_kernel;

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::kernels::supported;

    #[test]
    fn every_set_counts_the_same() {
        let mut rng = vectory_core::rng::stream(4, "bits");
        for bytes in [8usize, 16, 24, 48, 64, 96, 192, 200] {
            let data: Vec<u8> = (0..37 * bytes).map(|_| rng.random()).collect();
            let query: Vec<u8> = (0..bytes).map(|_| rng.random()).collect();
            let records = Records { bytes: &data, stride: bytes, used: bytes };
            let want: Vec<u32> =
                data.chunks(bytes).map(|r| r.iter().zip(&query).map(|(a, b)| (a ^ b).count_ones()).sum()).collect();
            for k in supported() {
                let (mut all, mut some) = (vec![0; 37], vec![0; 3]);
                // SAFETY: `supported` gave the kernels; the records are there.
                unsafe {
                    (k.hamming)(&query, records, Which::From(0), &mut all);
                    (k.hamming)(&query, records, Which::Ids(&[36, 0, 7]), &mut some);
                }
                assert_eq!(all, want, "{} {bytes}", k.name);
                assert_eq!(some, [want[36], want[0], want[7]]);
            }
        }
    }
}
