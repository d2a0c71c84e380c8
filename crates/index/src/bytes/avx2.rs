//! The plain code, compiled for AVX2.

use super::Job;
use super::plain::{round_all, scores_all};
use crate::pool::BATCH;

/// See [`super::Job`].
#[target_feature(enable = "avx2,fma")]
pub unsafe fn scores(job: &Job<'_>, out: &mut [f32; BATCH]) -> u64 {
    scores_all(job, out)
}

/// See [`super::plain::round`].
#[target_feature(enable = "avx2,fma")]
pub unsafe fn round(values: &[f32], out: &mut [i8]) -> (f32, i32) {
    round_all(values, out)
}
