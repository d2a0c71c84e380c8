//! AVX2: a row at a time, 32 bytes of codes an instruction.
#![allow(unsafe_op_in_unsafe_fn, reason = "`Job` states the contract once")]

use std::arch::x86_64::*;

use super::kernel::{BATCH, Job};
use super::scalar::finish;

/// As all kernels: see [`Job`].
#[target_feature(enable = "avx2,fma")]
pub unsafe fn scores(job: &Job<'_>, out: &mut [f32; BATCH]) -> u64 {
    let half = job.stride - 8;
    let mut above = 0;
    for (j, id) in job.ids.iter().enumerate() {
        let record = job.codes.as_ptr().add(*id as usize * job.stride);
        let sum = sum(job, record, half);
        let step = record.add(half).cast::<f32>().read_unaligned();
        let bias = record.add(half + 4).cast::<f32>().read_unaligned();
        out[j] = finish(sum, job, step, bias);
        above |= u64::from(out[j] > job.floor) << j;
    }
    above
}

#[inline(always)]
unsafe fn sum(job: &Job<'_>, record: *const u8, half: usize) -> i32 {
    let (nibble, ones) = (_mm256_set1_epi8(15), _mm256_set1_epi16(1));
    let mut acc = _mm256_setzero_si256();
    let mut at = 0;
    while at < half {
        let x = _mm256_loadu_si256(record.add(at).cast());
        let low = _mm256_loadu_si256(job.query.low.as_ptr().add(at).cast());
        let high = _mm256_loadu_si256(job.query.high.as_ptr().add(at).cast());
        // Two products of at most 15 · 127 fit 16 bits, and so do four.
        let a = _mm256_maddubs_epi16(_mm256_and_si256(x, nibble), low);
        let b = _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16::<4>(x), nibble), high);
        acc = _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_add_epi16(a, b), ones));
        at += 32;
    }
    let x = _mm_add_epi32(_mm256_castsi256_si128(acc), _mm256_extracti128_si256::<1>(acc));
    let x = _mm_add_epi32(x, _mm_shuffle_epi32::<0b01_00_11_10>(x));
    _mm_cvtsi128_si32(_mm_add_epi32(x, _mm_shuffle_epi32::<0b10_11_00_01>(x)))
}
