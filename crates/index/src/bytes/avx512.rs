//! AVX-512 with VNNI.
#![allow(unsafe_op_in_unsafe_fn, reason = "`Job` states the contract once")]

use std::arch::x86_64::*;

use super::{COLUMNS, INPUTS, Job, LINE};
use crate::pool::BATCH;

/// See [`super::Job`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma")]
pub unsafe fn scores(job: &Job<'_>, out: &mut [f32; BATCH]) -> u64 {
    match job.biases.len() / COLUMNS - job.block {
        1 => blocks::<1>(job, out),
        2 => blocks::<2>(job, out),
        3 => blocks::<3>(job, out),
        _ => blocks::<4>(job, out),
    }
}

/// Where the line of a group of the `b`-th block from the first one stands.
#[inline(always)]
unsafe fn line(job: &Job<'_>, b: usize, group: usize) -> *const u8 {
    job.matrix.as_ptr().add(((job.block + b) * job.groups + group) * LINE)
}

#[inline(always)]
unsafe fn blocks<const N: usize>(job: &Job<'_>, out: &mut [f32; BATCH]) -> u64 {
    // Two sums a block, for the chains of additions are what takes time.
    let mut acc = [[_mm512_setzero_si512(); 2]; N];
    let mut g = 0;
    while g < job.groups {
        let two = if g + 1 < job.groups { 2 } else { 1 };
        for (half, group) in (g..g + two).enumerate() {
            let q = _mm512_set1_epi32(job.query.as_ptr().add(group * INPUTS).cast::<i32>().read_unaligned());
            for b in 0..N {
                acc[b][half] = _mm512_dpbusd_epi32(acc[b][half], _mm512_loadu_si512(line(job, b, group).cast()), q);
            }
        }
        g += 2;
    }
    let (scale, base) = (_mm512_set1_ps(job.scale), _mm512_set1_ps(job.base));
    let (offset, floor) = (_mm512_set1_epi32(job.offset), _mm512_set1_ps(job.floor));
    let mut above = 0;
    for b in 0..N {
        let sum = _mm512_sub_epi32(_mm512_add_epi32(acc[b][0], acc[b][1]), offset);
        let bias = _mm512_add_ps(base, _mm512_loadu_ps(job.biases.as_ptr().add((job.block + b) * COLUMNS)));
        let score = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), scale, bias);
        _mm512_storeu_ps(out.as_mut_ptr().add(b * COLUMNS), score);
        above |= u64::from(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(score, floor)) << (b * COLUMNS);
    }
    above
}

/// See [`super::plain::round`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx2")]
pub unsafe fn round(values: &[f32], out: &mut [i8]) -> (f32, i32) {
    super::plain::round_all(values, out)
}
