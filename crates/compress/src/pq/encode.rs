//! The nearest centroid of each part.

use vectory_core::simd;

/// Centroids of all parts, column by column, so that all distances of a part are computed side by side.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Columns {
    /// For each part: one run of `k` squared lengths, then for each of its dimensions a run of `k` values.
    values: Vec<f32>,
    k: usize,
}

impl Columns {
    /// `codebook` holds, part after part, `k` centroids of the part's dimensions.
    pub fn new(codebook: &[f32], ends: &[usize], k: usize) -> Self {
        let mut values = Vec::with_capacity(codebook.len() + ends.len() * k);
        let mut start = 0;
        for end in ends {
            let part = &codebook[start * k..end * k];
            let width = end - start;
            values.extend(part.chunks_exact(width).map(|c| simd::dot(c, c)));
            (0..width).for_each(|j| values.extend(part.iter().skip(j).step_by(width)));
            start = *end;
        }
        Self { values, k }
    }

    /// The product of every centroid with its part of a query; under l2 minus the squared distance.
    pub fn entries(&self, query: &[f32], ends: &[usize], l2: bool, out: &mut [f32]) {
        let (mut at, mut start) = (0, 0);
        for (end, out) in ends.iter().zip(out.chunks_exact_mut(self.k)) {
            let part = &query[start..*end];
            let factor = if l2 { 2.0 } else { 1.0 };
            if l2 {
                let square: f32 = part.iter().map(|v| v * v).sum();
                out.iter_mut().zip(&self.values[at..]).for_each(|(o, s)| *o = -square - s);
            } else {
                out.fill(0.0);
            }
            at += self.k;
            for v in part {
                // Short runs: a kernel's call would cost more than its work.
                let v = factor * v;
                out.iter_mut().zip(&self.values[at..at + self.k]).for_each(|(o, c)| *o += v * c);
                at += self.k;
            }
            start = *end;
        }
    }

    /// The code of each part of a row; `scores` is a buffer.
    pub fn nearest(&self, row: &[f32], ends: &[usize], scores: &mut Vec<f32>, mut take: impl FnMut(usize, u8)) {
        let (mut at, mut start) = (0, 0);
        for (part, end) in ends.iter().enumerate() {
            scores.clear();
            scores.extend_from_slice(&self.values[at..at + self.k]);
            at += self.k;
            for v in &row[start..*end] {
                simd::axpy(-2.0 * v, &self.values[at..at + self.k], scores);
                at += self.k;
            }
            take(part, smallest(scores) as u8);
            start = *end;
        }
    }
}

/// The first place of the smallest value.
pub(crate) fn smallest(values: &[f32]) -> usize {
    let mut lanes = [f32::INFINITY; 16];
    for chunk in values.chunks_exact(16) {
        lanes.iter_mut().zip(chunk).for_each(|(l, v)| *l = if *v < *l { *v } else { *l });
    }
    let least =
        lanes.iter().chain(values.chunks_exact(16).remainder()).fold(f32::INFINITY, |m, v| if *v < m { *v } else { m });
    values.iter().position(|v| *v <= least).unwrap_or(0)
}
