//! Products of byte (or half-byte) codes with a query of 16-bit integers.
//!
//! A query is rounded to integers of up to 14 bits and a sign, few enough that Σ code · query fits 32 bits: the rounding is
//! far below that of the codes, and the sums are exact on every instruction set. For VNNI the integers are split into two
//! planes of signed bytes (128 · high + low), so that 64 products are two instructions.

use super::{Records, Which, kernels};
use crate::codes::Aligned;

/// Query integers are padded with zeros to a multiple of this.
const PAD: usize = 64;

/// A query of integers: `value ≈ scale · integer`.
#[derive(Clone, Debug, Default)]
pub(crate) struct IntQuery {
    /// What one step is worth.
    pub scale: f32,
    /// `high[n] low[n]`, then `wide[n]` of i16, n padded.
    planes: Aligned,
    padded: usize,
}

impl IntQuery {
    /// Rounds `values`, which meet codes of at most `largest`; `values[j]` meets code byte (or half-byte) j.
    pub fn set(&mut self, values: &[f32], largest: u32) {
        self.padded = values.len().next_multiple_of(PAD);
        self.planes.resize(4 * self.padded);
        let top = values.iter().fold(0.0f32, |m, v| m.max(v.abs()));
        let most = most(values.len(), largest) as f32;
        self.scale = if top > 0.0 && top.is_finite() { top / most } else { 0.0 };
        let inverse = if self.scale > 0.0 { most / top } else { 0.0 };
        let (bytes, wide) = self.planes.bytes_mut().split_at_mut(2 * self.padded);
        bytes.fill(0);
        wide.fill(0);
        let (high, low) = bytes.split_at_mut(self.padded);
        let wide: &mut [i16] = bytemuck::cast_slice_mut(wide);
        let planes = Planes { high, low, wide };
        // SAFETY: the kernels are of this CPU.
        unsafe { (kernels().ints.round)(values, inverse, most, planes) }
    }

    pub(super) fn high(&self) -> *const u8 {
        self.planes.bytes().as_ptr()
    }

    pub(super) fn low(&self) -> *const u8 {
        self.planes.bytes()[self.padded..].as_ptr()
    }

    pub(super) fn wide(&self) -> *const i16 {
        bytemuck::cast_slice(&self.planes.bytes()[2 * self.padded..]).as_ptr()
    }
}

/// The largest integer that a query of `n` values may have against codes up to `largest`.
fn most(n: usize, largest: u32) -> i32 {
    let fits = i32::MAX.cast_unsigned() as u64 / (n.max(1) as u64 * u64::from(largest.max(1)));
    fits.clamp(1, 127 * 128 + 63) as i32
}

/// Where the rounded values of a query go.
pub(crate) struct Planes<'a> {
    high: &'a mut [u8],
    low: &'a mut [u8],
    wide: &'a mut [i16],
}

/// Rounds to integers of at most `most` and splits them: `128 · high + low`. Plain code that the shells compile, each for its
/// instructions: without them rounding is a call.
#[inline(always)]
pub(super) fn round(values: &[f32], inverse: f32, most: f32, planes: Planes<'_>) {
    let Planes { high, low, wide } = planes;
    for (((v, high), low), wide) in values.iter().zip(high).zip(low).zip(wide) {
        // A subnormal `top` makes the inverse infinite: the clamp keeps the planes in range.
        let int = (v * inverse).round_ties_even().clamp(-most, most) as i32;
        let up = (int + 64) >> 7;
        (*high, *low) = ((up as i8).cast_unsigned(), ((int - (up << 7)) as i8).cast_unsigned());
        *wide = int as i16;
    }
}

type Kernel = unsafe fn(&IntQuery, Records<'_>, Which<'_>, &mut [i32]);

/// Over bytes and over half-bytes.
#[derive(Clone, Copy)]
pub(crate) struct IntKernels {
    pub bytes: Kernel,
    pub nibbles: Kernel,
    pub round: unsafe fn(&[f32], f32, f32, Planes<'_>),
}

/// Σ code · query of each record whose bytes are codes; `records.used` is how many, a multiple of 16.
pub(crate) fn bytes(query: &IntQuery, records: Records<'_>, which: Which<'_>, out: &mut [i32]) {
    check(query, records, which, out, records.used);
    // SAFETY: the kernels are of this CPU; every record asked for is there and the query is as long.
    unsafe { (kernels().ints.bytes)(query, records, which, out) }
}

/// As [`bytes`] for half-bytes: the low half of byte j is code j, the high half code `used + j`. The query has its values for
/// high halves from [`nibble_half`] on.
pub(crate) fn nibbles(query: &IntQuery, records: Records<'_>, which: Which<'_>, out: &mut [i32]) {
    check(query, records, which, out, 2 * nibble_half(records.used));
    // SAFETY: as above.
    unsafe { (kernels().ints.nibbles)(query, records, which, out) }
}

/// Where a query's values for high halves start.
pub(crate) fn nibble_half(used: usize) -> usize {
    used.next_multiple_of(PAD)
}

fn check(query: &IntQuery, records: Records<'_>, which: Which<'_>, out: &[i32], codes: usize) {
    assert!(records.used.is_multiple_of(16) && codes <= query.padded, "{codes} codes, {} query values", query.padded);
    which.check(records, out.len());
}

/// What an instruction set must offer.
///
/// # Safety
/// Every method may be called only where the CPU has the instruction set; pointers must be valid for what is read.
pub(super) trait Ints {
    /// A register of query values.
    type Q: Copy;
    /// Running sums.
    type Acc: Copy;
    /// Code bytes a step takes: 16, 32 or 64; a step with fewer bytes left takes the rest (a multiple of 16).
    const N: usize;
    unsafe fn zero() -> Self::Acc;
    /// The query's values from `j` on.
    unsafe fn query(q: &IntQuery, j: usize) -> Self::Q;
    /// Adds the products with `n ≤ N` code bytes.
    unsafe fn bytes(acc: Self::Acc, q: Self::Q, p: *const u8, n: usize) -> Self::Acc;
    /// Adds the products with `n ≤ N` bytes of two codes: `q[0]` meets the low halves.
    unsafe fn nibbles(acc: Self::Acc, q: [Self::Q; 2], p: *const u8, n: usize) -> Self::Acc;
    /// The four sums.
    unsafe fn sums(acc: [Self::Acc; 4]) -> [i32; 4];
}

/// Four records at a time, so that four chains of sums and four streams of loads run side by side.
#[inline(always)]
pub(super) unsafe fn run<I: Ints, const NIBBLES: bool>(
    q: &IntQuery,
    r: Records<'_>,
    which: Which<'_>,
    out: &mut [i32],
) {
    let base = r.bytes.as_ptr();
    let half = nibble_half(r.used);
    let mut i = 0;
    while i < out.len() {
        let n = (out.len() - i).min(4);
        // Past the end the last record is scored again, and not written.
        let p: [*const u8; 4] = std::array::from_fn(|k| base.add(which.at(i + k.min(n - 1)) * r.stride));
        let mut acc = [I::zero(); 4];
        let mut j = 0;
        while j < r.used {
            let left = (r.used - j).min(I::N);
            let low = I::query(q, j);
            if NIBBLES {
                let both = [low, I::query(q, half + j)];
                for k in 0..4 {
                    acc[k] = I::nibbles(acc[k], both, p[k].add(j), left);
                }
            } else {
                for k in 0..4 {
                    acc[k] = I::bytes(acc[k], low, p[k].add(j), left);
                }
            }
            j += I::N;
        }
        out[i..i + n].copy_from_slice(&I::sums(acc)[..n]);
        i += n;
    }
}

/// The two kernels of an instruction set.
macro_rules! int_kernels {
    ($i:ty $(, $f:literal)?) => {{
        use crate::kernels::{Records, Which, ints::{self, IntKernels, IntQuery, Planes, run}};
        $(#[target_feature(enable = $f)])?
        unsafe fn bytes(q: &IntQuery, r: Records<'_>, which: Which<'_>, out: &mut [i32]) {
            run::<$i, false>(q, r, which, out);
        }
        $(#[target_feature(enable = $f)])?
        unsafe fn nibbles(q: &IntQuery, r: Records<'_>, which: Which<'_>, out: &mut [i32]) {
            run::<$i, true>(q, r, which, out);
        }
        $(#[target_feature(enable = $f)])?
        unsafe fn round(values: &[f32], inverse: f32, most: f32, planes: Planes<'_>) {
            ints::round(values, inverse, most, planes);
        }
        IntKernels { bytes, nibbles, round }
    }};
}
pub(super) use int_kernels;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernels::supported;

    #[test]
    fn the_planes_are_the_integers() {
        let values: Vec<f32> = (-700..700).map(|v| v as f32 / 31.0).collect();
        let mut q = IntQuery::default();
        q.set(&values, 255);
        let bytes = q.planes.bytes();
        let wide: &[i16] = bytemuck::cast_slice(&bytes[2 * q.padded..]);
        for (j, v) in values.iter().enumerate() {
            let (high, low) = (bytes[j].cast_signed(), bytes[q.padded + j].cast_signed());
            assert_eq!(i32::from(high) * 128 + i32::from(low), i32::from(wide[j]));
            assert!((f32::from(wide[j]) * q.scale - v).abs() <= q.scale * 0.51);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn every_set_equals_plain_sums(blocks in 1usize..14, rows in 1usize..12, seed: u64, extra in 0usize..40) {
            use rand::RngExt;
            let mut rng = vectory_core::rng::stream(seed, "ints");
            let used = blocks * 16;
            let stride = used + extra;
            let data: Vec<u8> = (0..rows * stride).map(|_| rng.random()).collect();
            let records = Records { bytes: &data, stride, used };
            let ids: Vec<u32> = (0..rows as u32 + 3).map(|i| (i * 7) % rows as u32).collect();
            let half = nibble_half(used);
            let values: Vec<f32> = (0..2 * half).map(|_| rng.random_range(-1.0..1.0)).collect();
            let mut q = IntQuery::default();
            q.set(&values, 255);
            for k in supported() {
                let (mut again, inverse) = (q.clone(), 1.0 / q.scale);
                let planes = again.planes.bytes_mut();
                let n = q.padded;
                planes.fill(0);
                let (bytes, wide) = planes.split_at_mut(2 * n);
                let (high, low) = bytes.split_at_mut(n);
                let most = most(values.len(), 255) as f32;
                // SAFETY: `supported` gave the kernels.
                unsafe { (k.ints.round)(&values, inverse, most, Planes { high, low, wide: bytemuck::cast_slice_mut(wide) }) };
                let (a, b): (&[i16], &[i16]) =
                    (bytemuck::cast_slice(&again.planes.bytes()[2 * n..]), bytemuck::cast_slice(&q.planes.bytes()[2 * n..]));
                prop_assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1), "{}", k.name);
            }
            let wide: Vec<i64> = bytemuck::cast_slice::<u8, i16>(&q.planes.bytes()[2 * q.padded..]).iter().map(|v| i64::from(*v)).collect();
            for k in supported() {
                let (mut all, mut some, mut nib) = (vec![0; rows], vec![0; ids.len()], vec![0; rows]);
                // SAFETY: `supported` gave the kernels; the records are there and the query is long enough.
                unsafe {
                    (k.ints.bytes)(&q, records, Which::From(0), &mut all);
                    (k.ints.bytes)(&q, records, Which::Ids(&ids), &mut some);
                    (k.ints.nibbles)(&q, records, Which::From(0), &mut nib);
                }
                for row in 0..rows {
                    let codes = &data[row * stride..][..used];
                    let want: i64 = codes.iter().zip(&wide).map(|(c, w)| i64::from(*c) * w).sum();
                    prop_assert_eq!(i64::from(all[row]), want, "{} bytes", k.name);
                    let low = codes.iter().zip(&wide).map(|(c, w)| i64::from(c & 15) * w);
                    let high = codes.iter().zip(&wide[half..]).map(|(c, w)| i64::from(c >> 4) * w);
                    prop_assert_eq!(i64::from(nib[row]), low.chain(high).sum::<i64>(), "{} nibbles", k.name);
                }
                for (id, s) in ids.iter().zip(&some) {
                    prop_assert_eq!(*s, all[*id as usize], "{}", k.name);
                }
            }
        }
    }
}
