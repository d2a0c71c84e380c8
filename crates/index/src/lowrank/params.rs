//! What the index is told.

use thiserror::Error;

/// Clusters and rank.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LowRankParams {
    /// Clusters; with fewer rows than that there are as many as rows. 0: about 1.6 √n.
    pub clusters: usize,
    /// Values kept of a row, at most its dimension.
    pub rank: usize,
    /// Rounds of k-means.
    pub iterations: usize,
}

impl Default for LowRankParams {
    fn default() -> Self {
        Self { clusters: 0, rank: 32, iterations: 10 }
    }
}

/// A parameter outside its range.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("lorann `{field}` is {value}, must be {range}")]
pub struct LowRankParamsError {
    /// Which.
    pub field: &'static str,
    /// What it is.
    pub value: String,
    /// What is legal.
    pub range: &'static str,
}

impl LowRankParams {
    /// # Errors
    /// [`LowRankParamsError`] names the first field that is out of range.
    pub fn check(&self) -> Result<(), LowRankParamsError> {
        let bad = |field, value: usize, range| Err(LowRankParamsError { field, value: value.to_string(), range });
        if self.clusters > 1 << 20 {
            return bad("clusters", self.clusters, "in 0..=1048576");
        }
        if !(1..=128).contains(&self.rank) {
            return bad("rank", self.rank, "in 1..=128");
        }
        if self.iterations == 0 {
            return bad("iterations", 0, "1 or more");
        }
        Ok(())
    }

    /// Clusters for so many rows.
    #[must_use]
    pub fn clusters_for(&self, rows: usize) -> usize {
        let wanted = if self.clusters == 0 { rows.isqrt() * 8 / 5 } else { self.clusters };
        wanted.clamp(1, rows.max(1))
    }
}
