//! Differing bits of bit strings.

use std::ops::Range;

use super::{Records, Which, kernels};

/// Over bit strings.
#[derive(Clone, Copy)]
pub(crate) struct BitKernels {
    pub hamming: unsafe fn(&[u8], Records<'_>, Which<'_>, &mut [u32]),
    pub within: unsafe fn(&[u8], Records<'_>, Range<usize>, u32, &mut Near<'_>),
}

/// Takes a row and how many of its bits differ; says how many may differ from there on.
pub(crate) type Near<'a> = dyn FnMut(usize, u32) -> u32 + 'a;

/// How many bits of each record differ from the query, whose length is `records.used`, a multiple of 8.
pub(crate) fn hamming(query: &[u8], records: Records<'_>, which: Which<'_>, out: &mut [u32]) {
    assert!(query.len() == records.used && query.len().is_multiple_of(8), "a query of {} bytes", query.len());
    which.check(records, out.len());
    // SAFETY: the kernel is of this CPU; every record asked for is there and as long as the query.
    unsafe { (kernels().bits.hamming)(query, records, which, out) }
}

/// Gives `take` the records of `rows` of which at most `most` bits differ from the query, ascending.
pub(crate) fn within(query: &[u8], records: Records<'_>, rows: Range<usize>, most: u32, take: &mut Near<'_>) {
    assert!(query.len() == records.used && query.len().is_multiple_of(8), "a query of {} bytes", query.len());
    Which::From(rows.start).check(records, rows.len());
    // SAFETY: as in `hamming`.
    unsafe { (kernels().bits.within)(query, records, rows, most, take) }
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
    /// Strings of 16 bytes that lie side by side, taken in blocks: which rows of a block differ in at most `most` bits, a bit
    /// each from the lowest. `None`: there is no such instruction.
    unsafe fn near16(_: *const u8, _: *const u8, _: u32) -> Option<u32> {
        None
    }
}

/// Strings in a block of [`Bits::near16`].
const BLOCK: usize = 16;

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

#[inline(always)]
pub(super) unsafe fn run_within<B: Bits>(
    q: &[u8],
    r: Records<'_>,
    rows: Range<usize>,
    mut most: u32,
    take: &mut Near<'_>,
) {
    let base = r.bytes.as_ptr();
    let mut at = rows.start;
    if (r.used, r.stride) == (16, 16) {
        while at + BLOCK <= rows.end {
            let Some(mut near) = B::near16(q.as_ptr(), base.add(16 * at), most) else { break };
            while near != 0 {
                let row = at + near.trailing_zeros() as usize;
                near &= near - 1;
                let differ = B::differ(q.as_ptr(), base.add(16 * row), 16);
                if differ <= most {
                    most = take(row, differ);
                }
            }
            at += BLOCK;
        }
    }
    for row in at..rows.end {
        let differ = B::differ(q.as_ptr(), base.add(row * r.stride), r.used);
        if differ <= most {
            most = take(row, differ);
        }
    }
}

/// The kernels of an instruction set.
macro_rules! bit_kernels {
    ($b:ty $(, $f:literal)?) => {{
        use crate::kernels::{Records, Which, bits::{BitKernels, Near, run, run_within}};
        $(#[target_feature(enable = $f)])?
        unsafe fn hamming(q: &[u8], r: Records<'_>, which: Which<'_>, out: &mut [u32]) {
            run::<$b>(q, r, which, out);
        }
        $(#[target_feature(enable = $f)])?
        unsafe fn within(q: &[u8], r: Records<'_>, rows: std::ops::Range<usize>, most: u32, take: &mut Near<'_>) {
            run_within::<$b>(q, r, rows, most, take);
        }
        BitKernels { hamming, within }
    }};
}
pub(super) use bit_kernels;

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
                    (k.bits.hamming)(&query, records, Which::From(0), &mut all);
                    (k.bits.hamming)(&query, records, Which::Ids(&[36, 0, 7]), &mut some);
                }
                assert_eq!(all, want, "{} {bytes}", k.name);
                assert_eq!(some, [want[36], want[0], want[7]]);
                // The bound falls as rows are taken: no row above it comes, none at it is left out.
                let mut bound = 8 * bytes as u32;
                let (mut found, mut expected) = (Vec::new(), Vec::new());
                for (row, count) in want.iter().enumerate().skip(3).filter(|(row, _)| *row < 36) {
                    if *count <= bound {
                        bound = (*count + bound) / 2;
                        expected.push((row, *count));
                    }
                }
                let mut bound = 8 * bytes as u32;
                let mut take = |row, count| {
                    bound = (count + bound) / 2;
                    found.push((row, count));
                    bound
                };
                // SAFETY: as above.
                unsafe { (k.bits.within)(&query, records, 3..36, 8 * bytes as u32, &mut take) };
                assert_eq!(found, expected, "{} {bytes}", k.name);
            }
        }
    }
}
