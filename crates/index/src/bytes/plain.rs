//! For every processor; the compiler makes of it what the shell allows.

use super::{COLUMNS, INPUTS, Job, LINE, round_to_i32};
use crate::pool::BATCH;

/// See [`super::Job`].
pub unsafe fn scores(job: &Job<'_>, out: &mut [f32; BATCH]) -> u64 {
    scores_all(job, out)
}

#[inline(always)]
pub fn scores_all(job: &Job<'_>, out: &mut [f32; BATCH]) -> u64 {
    let blocks = (job.biases.len() / COLUMNS - job.block).min(BATCH / COLUMNS);
    let mut above = 0;
    for b in 0..blocks {
        let block = job.block + b;
        let lines = &job.matrix[block * job.groups * LINE..(block + 1) * job.groups * LINE];
        let mut sums = [0i32; COLUMNS];
        for (line, q) in lines.chunks_exact(LINE).zip(job.query.chunks_exact(INPUTS)) {
            for (sum, column) in sums.iter_mut().zip(line.chunks_exact(INPUTS)) {
                *sum += column.iter().zip(q).map(|(m, q)| i32::from(*m) * i32::from(*q)).sum::<i32>();
            }
        }
        for (j, sum) in sums.iter().enumerate() {
            let bias = job.base + job.biases[block * COLUMNS + j];
            let score = ((sum - job.offset) as f32).mul_add(job.scale, bias);
            out[b * COLUMNS + j] = score;
            above |= u64::from(score > job.floor) << (b * COLUMNS + j);
        }
    }
    above
}

/// Rounds so that the largest becomes 127; gives what one is worth, and the sum.
pub unsafe fn round(values: &[f32], out: &mut [i8]) -> (f32, i32) {
    round_all(values, out)
}

#[inline(always)]
pub fn round_all(values: &[f32], out: &mut [i8]) -> (f32, i32) {
    let mut largest = [0.0f32; 16];
    for part in values.chunks(16) {
        largest.iter_mut().zip(part).for_each(|(m, v)| *m = if v.abs() > *m { v.abs() } else { *m });
    }
    let largest = largest.iter().fold(0.0f32, |m, v| if *v > m { *v } else { m });
    if largest <= f32::MIN_POSITIVE * 127.0 {
        out.fill(0);
        return (0.0, 0);
    }
    let up = 127.0 / largest;
    let mut sum = 0;
    for (o, v) in out.iter_mut().zip(values) {
        let rounded = round_to_i32(v * up);
        *o = rounded as i8;
        sum += rounded;
    }
    (largest / 127.0, sum)
}
