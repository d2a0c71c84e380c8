//! The second look, by full rows, at candidates that were found by estimates.

use crate::pool::{BATCH, Near, Pool};

/// Rows looked at together.
const STEP: usize = 8;
/// Errors of fewer rows say too little about those of others.
const LEAST: usize = 16;

/// What is sought.
#[derive(Clone, Copy)]
pub(crate) struct Want {
    /// Hits.
    pub k: usize,
    /// Candidates that are looked at, at most.
    pub depth: usize,
    /// What one unit of the estimates is worth in scores.
    pub worth: f32,
    /// A candidate is looked at while its estimate, so many standard deviations of the errors up, would make it one of the
    /// best. The best estimates are too high rather than too low, more so the coarser they are.
    pub deviations: f32,
}

/// What knows the scores.
pub(crate) trait Exact {
    /// The row that a candidate stands for.
    fn row(&self, candidate: u32) -> u32;
    /// Asks the processor to fetch rows.
    fn fetch(&self, rows: &[u32]);
    /// The scores of rows.
    fn scores(&self, rows: &[u32], out: &mut [f32]);
}

/// How far scores are from their estimates, counted from the first such distance: it has a large part that all share.
#[derive(Default)]
struct Errors {
    first: f32,
    count: f32,
    sum: f32,
    squares: f32,
}

impl Errors {
    fn take(&mut self, error: f32) {
        if self.count == 0.0 {
            self.first = error;
        }
        let from = error - self.first;
        self.count += 1.0;
        self.sum += from;
        self.squares += from * from;
    }

    /// What to add to an estimate for what the score may well be.
    fn ceiling(&self, deviations: f32) -> f32 {
        let mean = self.sum / self.count;
        self.first + mean + deviations * (self.squares / self.count - mean * mean).max(0.0).sqrt()
    }
}

/// The candidates of a second look, and its buffers.
#[derive(Default)]
pub(crate) struct Second {
    /// The candidates with their scores, in the order of their estimates.
    pub near: Vec<Near>,
    best: Pool,
    ids: Vec<u32>,
    scores: Vec<f32>,
}

impl Second {
    /// The candidates with the scores that they have.
    pub fn gather(&mut self, pool: &Pool) {
        self.near.clear();
        self.near.extend(pool.near());
    }

    /// The first `n` candidates with the scores that `score` has for them.
    pub fn rescore(&mut self, pool: &Pool, n: usize, score: impl FnOnce(&[u32], &mut [f32])) {
        let Self { near, ids, scores, .. } = self;
        ids.clear();
        ids.extend(pool.near().take(n).map(|n| n.id));
        scores.resize(ids.len(), 0.0);
        score(ids, scores);
        near.clear();
        near.extend(ids.iter().zip(&*scores).map(|(id, score)| Near { score: *score, id: *id }));
    }

    /// As [`Second::rescore`], until what is left is unlikely to be among the best `k`: how far estimates are from scores is
    /// measured on those that were looked at.
    pub fn rescore_promising(&mut self, pool: &Pool, want: Want, by: &impl Exact) {
        let Self { near, best, ids, .. } = self;
        near.clear();
        near.extend(pool.near().take(want.depth));
        ids.clear();
        ids.extend(near.iter().map(|n| by.row(n.id)));
        best.reset(want.k, want.k);
        let mut errors = Errors::default();
        let (mut done, least) = (0, want.k.max(LEAST));
        by.fetch(&ids[..ids.len().min(least.next_multiple_of(STEP))]);
        while done < ids.len() {
            // As the score would be but for a constant of the query, which is in the errors.
            let estimate = near[done].score * want.worth;
            if done >= least && estimate + errors.ceiling(want.deviations) < best.score_at(want.k - 1) {
                break;
            }
            let step = &ids[done..ids.len().min(done + STEP)];
            if done >= least {
                by.fetch(&ids[(done + STEP).min(ids.len())..(done + 2 * STEP).min(ids.len())]);
            }
            let mut out = [0.0; BATCH];
            by.scores(step, &mut out[..step.len()]);
            for ((n, id), exact) in near[done..].iter_mut().zip(step).zip(&out[..step.len()]) {
                errors.take(exact - n.score * want.worth);
                *n = Near { score: *exact, id: *id };
            }
            best.offer(&out, (1 << step.len()) - 1, |j| step[j]);
            done += step.len();
        }
        near.truncate(done);
    }

    /// The best of [`Second::rescore_promising`], best first.
    pub fn best(&self, k: usize) -> impl Iterator<Item = Near> {
        self.best.near().take(k)
    }
}
