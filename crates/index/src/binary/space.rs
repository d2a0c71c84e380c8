//! Scores of rows of bits.

use vectory_compress::bits;
use vectory_core::Metric;
use vectory_core::bits::BitRowsRef;

use crate::graph::{BATCH, Between, Scores, at_least, prefetch};

/// Rows of bits under a metric.
#[derive(Clone, Copy)]
pub struct Space<'a> {
    pub rows: BitRowsRef<'a>,
    pub metric: Metric,
    /// Set bits of each row, where the metric needs them.
    pub ones: &'a [u32],
}

/// A query under the same metric.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    pub space: Space<'a>,
    words: &'a [u64],
    ones: u32,
}

/// Set bits of each row, where the metric needs them.
pub fn ones(rows: BitRowsRef<'_>, metric: Metric) -> Vec<u32> {
    if metric == Metric::Jaccard { rows.iter().map(count).collect() } else { Vec::new() }
}

fn count(words: &[u64]) -> u32 {
    words.iter().map(|w| w.count_ones()).sum()
}

impl<'a> Space<'a> {
    pub fn query(self, words: &'a [u64]) -> Query<'a> {
        Query { space: self, words, ones: count(words) }
    }

    /// Row `id` as a query.
    pub fn row_query(self, id: u32) -> Query<'a> {
        self.query(self.rows.row(id as usize))
    }
}

impl Query<'_> {
    /// The scores of the rows from `start` on.
    pub fn block(&self, start: usize, out: &mut [f32]) {
        let mut counts = [0u32; BATCH];
        for (i, out) in out.chunks_mut(BATCH).enumerate() {
            let (start, counts) = (start + i * BATCH, &mut counts[..out.len()]);
            bits::block(self.words, self.space.rows, start, counts);
            out.iter_mut().zip(start..).zip(counts).for_each(|((s, id), c)| *s = self.score(id, *c));
        }
    }

    /// The scores of the rows `ids`.
    pub fn some(&self, ids: &[u32], out: &mut [f32]) {
        let mut counts = [0u32; BATCH];
        for (ids, out) in ids.chunks(BATCH).zip(out.chunks_mut(BATCH)) {
            let counts = &mut counts[..ids.len()];
            bits::scores(self.words, self.space.rows, ids, counts);
            out.iter_mut().zip(ids).zip(counts).for_each(|((s, id), c)| *s = self.score(*id as usize, *c));
        }
    }

    /// The score of a row that differs in so many bits.
    #[inline]
    fn score(&self, id: usize, differing: u32) -> f32 {
        if self.space.metric != Metric::Jaccard {
            return -(differing as f32);
        }
        let sum = self.ones + self.space.ones[id];
        if sum == 0 { 1.0 } else { (sum - differing) as f32 / (sum + differing) as f32 }
    }
}

impl Scores for Query<'_> {
    const CHEAP: bool = false;

    fn rows(&self) -> usize {
        self.space.rows.rows()
    }

    #[inline]
    fn prefetch(&self, ids: &[u32]) {
        for id in ids {
            self.space.rows.row(*id as usize).iter().step_by(8).for_each(prefetch);
        }
    }

    #[inline]
    fn scores(&self, ids: &[u32], floor: f32, out: &mut [f32; BATCH]) -> u64 {
        self.some(ids, &mut out[..ids.len()]);
        out[..ids.len()].iter().enumerate().fold(0, |above, (j, s)| above | u64::from(*s > floor) << j)
    }
}

impl Between for Space<'_> {
    /// The row's number.
    type Ready = u32;

    fn ceiling(&self) -> f32 {
        if self.metric == Metric::Jaccard { 1.0 } else { 0.0 }
    }

    fn ready(&self, id: u32, ready: &mut u32) {
        *ready = id;
    }

    fn nearer(&self, ready: &u32, others: &[u32], _: f32, floor: impl Fn(usize) -> f32) -> u64 {
        let mut out = [0.0; BATCH];
        self.row_query(*ready).some(others, &mut out);
        at_least(&out[..others.len()], floor)
    }
}
