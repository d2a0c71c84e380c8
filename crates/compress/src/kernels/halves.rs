//! Products of rows of 16-bit floats with a query of f32.

use super::{Records, Which, kernels};

type Kernel = unsafe fn(&[f32], Records<'_>, Which<'_>, &mut [f32]);

/// Over half precision and bfloat16.
#[derive(Clone, Copy)]
pub(crate) struct HalfKernels {
    pub f16: Kernel,
    pub bf16: Kernel,
}

/// Σ row · query of each record of `query.len()` 16-bit floats; `query` is padded with zeros to a multiple of 16, as the
/// records are.
pub(crate) fn dots(bf16: bool, query: &[f32], records: Records<'_>, which: Which<'_>, out: &mut [f32]) {
    assert!(query.len().is_multiple_of(16) && 2 * query.len() == records.used, "a query of {} values", query.len());
    which.check(records, out.len());
    let k = kernels().halves;
    // SAFETY: the kernels are of this CPU; every record asked for is there and as long as the query.
    unsafe { (if bf16 { k.bf16 } else { k.f16 })(query, records, which, out) }
}

/// What an instruction set must offer.
///
/// # Safety
/// As [`super::ints::Ints`].
pub(super) trait Halves {
    /// Running sums.
    type Acc: Copy;
    unsafe fn zero() -> Self::Acc;
    /// Adds the products of 16 query values with 16 half floats.
    unsafe fn f16(acc: Self::Acc, q: *const f32, p: *const u8) -> Self::Acc;
    /// Adds the products of 16 query values with 16 bfloat16s.
    unsafe fn bf16(acc: Self::Acc, q: *const f32, p: *const u8) -> Self::Acc;
    unsafe fn sums(acc: [Self::Acc; 4]) -> [f32; 4];
}

/// Four records at a time.
#[inline(always)]
pub(super) unsafe fn run<H: Halves, const BF16: bool>(q: &[f32], r: Records<'_>, which: Which<'_>, out: &mut [f32]) {
    let (base, query) = (r.bytes.as_ptr(), q.as_ptr());
    let mut i = 0;
    while i < out.len() {
        let n = (out.len() - i).min(4);
        let p: [*const u8; 4] = std::array::from_fn(|k| base.add(which.at(i + k.min(n - 1)) * r.stride));
        let mut acc = [H::zero(); 4];
        for j in (0..q.len()).step_by(16) {
            for k in 0..4 {
                let at = p[k].add(2 * j);
                acc[k] = if BF16 { H::bf16(acc[k], query.add(j), at) } else { H::f16(acc[k], query.add(j), at) };
            }
        }
        out[i..i + n].copy_from_slice(&H::sums(acc)[..n]);
        i += n;
    }
}

/// The two kernels of an instruction set.
macro_rules! half_kernels {
    ($h:ty $(, $f:literal)?) => {{
        use crate::kernels::{Records, Which, halves::{HalfKernels, run}};
        $(#[target_feature(enable = $f)])?
        unsafe fn f16(q: &[f32], r: Records<'_>, which: Which<'_>, out: &mut [f32]) {
            run::<$h, false>(q, r, which, out);
        }
        $(#[target_feature(enable = $f)])?
        unsafe fn bf16(q: &[f32], r: Records<'_>, which: Which<'_>, out: &mut [f32]) {
            run::<$h, true>(q, r, which, out);
        }
        HalfKernels { f16, bf16 }
    }};
}
pub(super) use half_kernels;

#[cfg(test)]
mod tests {
    use half::{bf16, f16};
    use rand::RngExt;

    use super::*;
    use crate::kernels::supported;

    #[test]
    fn every_set_equals_plain_sums() {
        let mut rng = vectory_core::rng::stream(1, "halves");
        for dim in [16usize, 48, 112, 384] {
            let rows: Vec<f32> = (0..9 * dim).map(|_| rng.random_range(-1.0..1.0)).collect();
            let query: Vec<f32> = (0..dim).map(|_| rng.random_range(-1.0..1.0)).collect();
            for bf in [false, true] {
                let bits = |v: &f32| if bf { bf16::from_f32(*v).to_bits() } else { f16::from_f32(*v).to_bits() };
                let back = |b: u16| if bf { bf16::from_bits(b).to_f64() } else { f16::from_bits(b).to_f64() };
                let data: Vec<u16> = rows.iter().map(bits).collect();
                let bytes: &[u8] = bytemuck::cast_slice(&data);
                let records = Records { bytes, stride: 2 * dim, used: 2 * dim };
                for k in supported() {
                    let mut out = [0.0; 9];
                    // SAFETY: `supported` gave the kernels; nine records are there.
                    unsafe {
                        (if bf { k.halves.bf16 } else { k.halves.f16 })(&query, records, Which::From(0), &mut out);
                    };
                    for (row, got) in data.chunks(dim).zip(out) {
                        let want: f64 = row.iter().zip(&query).map(|(b, q)| back(*b) * f64::from(*q)).sum();
                        assert!((want - f64::from(got)).abs() < 1e-5 * dim as f64, "{} {dim}", k.name);
                    }
                }
            }
        }
    }
}
