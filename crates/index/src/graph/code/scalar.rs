//! Plain code.

use super::kernel::{BATCH, Job};

/// As all kernels: see [`Job`].
pub unsafe fn scores(job: &Job<'_>, out: &mut [f32; BATCH]) -> u64 {
    let half = job.stride - 8;
    let mut above = 0;
    for (j, id) in job.ids.iter().enumerate() {
        let record = &job.codes[*id as usize * job.stride..][..job.stride];
        let planes = job.query.low.iter().zip(&job.query.high);
        let sum: i32 = record[..half]
            .iter()
            .zip(planes)
            .map(|(c, (l, h))| i32::from(c & 15) * i32::from(*l) + i32::from(c >> 4) * i32::from(*h))
            .sum();
        let number = |at: usize| f32::from_le_bytes([0, 1, 2, 3].map(|b| record[at + b]));
        out[j] = finish(sum, job, number(half), number(half + 4));
        above |= u64::from(out[j] > job.floor) << j;
    }
    above
}

/// The score from the integer sum: in this order, with one rounding at the end, on every instruction set.
#[inline(always)]
pub fn finish(sum: i32, job: &Job<'_>, step: f32, bias: f32) -> f32 {
    ((sum as f32 - job.query.offset) * job.query.scale).mul_add(step, -bias)
}
