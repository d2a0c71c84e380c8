//! What to look at, and why it may be impossible.

use serde::Serialize;
use thiserror::Error;
use vectory_core::linalg::LinalgError;
use vectory_core::neighbors::NeighborsError;
use vectory_core::{Cancelled, Metric};

/// What an inspection looks at.
#[derive(Clone, Debug, Serialize)]
pub struct InspectParams {
    /// How the vectors are compared: `cosine`, `dot` or `l2`. Decides who is a neighbour.
    pub metric: Metric,
    /// Neighbours that count for hubness (1 ..= 1000).
    pub k: usize,
    /// Rows that take part in what needs neighbours (at least 10). Fewer rows than this: everything is exact.
    pub sample: usize,
    /// Seed of the samples.
    pub seed: u64,
}

impl Default for InspectParams {
    fn default() -> Self {
        Self { metric: Metric::Cosine, k: 10, sample: 10_000, seed: 0 }
    }
}

impl InspectParams {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`InspectError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), InspectError> {
        let bad = |field, legal, got: String| Err(InspectError::Param { field, legal, got });
        if !matches!(self.metric, Metric::Cosine | Metric::Dot | Metric::L2) {
            return bad("metric", "cosine, dot or l2", self.metric.to_string());
        }
        if !(1..=1000).contains(&self.k) {
            return bad("k", "1 ..= 1000", self.k.to_string());
        }
        if self.sample < 10 {
            return bad("sample", "10 or more", self.sample.to_string());
        }
        Ok(())
    }
}

/// Why vectors could not be inspected.
#[derive(Debug, Error)]
pub enum InspectError {
    /// A parameter is out of range.
    #[error("`{field}` must be {legal}, not {got}")]
    Param {
        /// Which parameter.
        field: &'static str,
        /// Its legal values.
        legal: &'static str,
        /// What was given.
        got: String,
    },
    /// There is nothing to look at.
    #[error(
        "{rows} rows of {dim} values, {usable} of them usable (finite, and not zero under cosine): nothing to measure; at least 2 are needed"
    )]
    Empty {
        /// Rows given.
        rows: usize,
        /// Values a row.
        dim: usize,
        /// Usable rows.
        usable: usize,
    },
    /// A decomposition or a neighbour search failed.
    #[error("{0}")]
    Compute(String),
    /// Interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<NeighborsError> for InspectError {
    fn from(e: NeighborsError) -> Self {
        match e {
            NeighborsError::Cancelled(c) => Self::Cancelled(c),
            other => Self::compute(other),
        }
    }
}

impl From<LinalgError> for InspectError {
    fn from(e: LinalgError) -> Self {
        match e {
            LinalgError::Cancelled(c) => Self::Cancelled(c),
            other => Self::compute(other),
        }
    }
}

impl InspectError {
    pub(crate) fn compute(e: impl std::fmt::Display) -> Self {
        Self::Compute(e.to_string())
    }
}
