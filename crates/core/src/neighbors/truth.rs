//! Ground truth in the flat form that files and benchmarks use, and recall against it.

use super::{NeighborsError, exact};
use crate::{Context, Hit, Metric, VectorsRef};

/// Neighbours of all queries as two row-major tables of `queries × k`.
#[derive(Clone, Debug, PartialEq)]
pub struct GroundTruth {
    /// Places a query has: `k`, or the base's rows where they are fewer.
    pub k: usize,
    /// Ids, best first.
    pub ids: Vec<u32>,
    /// Scores; larger is nearer.
    pub scores: Vec<f32>,
}

impl GroundTruth {
    /// How many queries.
    #[must_use]
    pub fn queries(&self) -> usize {
        self.ids.len() / self.k.max(1)
    }

    /// The ids of query `i`, best first.
    #[must_use]
    pub fn row(&self, i: usize) -> &[u32] {
        &self.ids[i * self.k..(i + 1) * self.k]
    }
}

/// [`exact`], as tables.
///
/// # Errors
/// As [`exact`].
pub fn ground_truth(
    base: VectorsRef<'_>,
    queries: VectorsRef<'_>,
    metric: Metric,
    k: usize,
    ctx: &Context,
) -> Result<GroundTruth, NeighborsError> {
    let found = exact(base, queries, metric, k, ctx)?;
    let hits = || found.iter().flatten();
    Ok(GroundTruth {
        k: k.min(base.rows()),
        ids: hits().map(|h| h.id).collect(),
        scores: hits().map(|h| h.score).collect(),
    })
}

/// The mean share of the true best `k` that were found among the first `k`. A found row counts as true when it scores no
/// worse than the true k-th, so that ties at the border are not mistakes.
#[must_use]
pub fn recall(found: &[Vec<Hit>], truth: &[Vec<Hit>], k: usize) -> f64 {
    let one = |(f, t): (&Vec<Hit>, &Vec<Hit>)| {
        let t = &t[..k.min(t.len())];
        let Some(last) = t.last() else { return 1.0 };
        let reaches = |h: &&Hit| h.score >= last.score || t.iter().any(|x| x.id == h.id);
        f.iter().take(t.len()).filter(reaches).count() as f64 / t.len() as f64
    };
    let n = found.len().min(truth.len());
    if n == 0 { 1.0 } else { found.iter().zip(truth).map(one).sum::<f64>() / n as f64 }
}
