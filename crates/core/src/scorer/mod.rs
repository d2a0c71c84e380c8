//! Metrics in three forms, one module a kind of representation:
//!
//! - **plain**: a function of two items ([`dense`], [`poincare`], [`binary`], [`max_sim`], [`kl`]);
//! - **stateful**: a set of items with what can be computed once for it ([`Flat`], [`Binaries`], [`Bags`], [`Gaussians`]);
//! - **query-preprocessed**: a [`Scorer`], with the query folded in, that scores batches of ids.
//!
//! Scores are larger for what is nearer; see [`Metric::shown`] for the values that people expect.

mod bags;
mod bits;
mod flat;
mod gaussians;
mod plain;

pub use bags::{BagScorer, Bags};
pub use bits::{Binaries, BinaryScorer};
pub use flat::{Flat, FlatScorer};
pub use gaussians::{GaussianScorer, Gaussians};
pub use plain::{binary, dense, kl, max_sim, poincare};

use crate::Metric;
use crate::repr::Kind;

/// A query against a set of items: what an index asks for scores.
pub trait Scorer {
    /// How many items there are; ids are below it.
    fn len(&self) -> usize;

    /// Whether there is no item.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The score of each id, in order. Panics at an id past the end, and when `out` is not as long as `ids`.
    fn score(&self, ids: &[u32], out: &mut [f32]);

    /// The score of one id.
    fn score_one(&self, id: u32) -> f32 {
        let mut out = [0.0];
        self.score(&[id], &mut out);
        out[0]
    }
}

/// Why items do not compare.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ScorerError {
    /// A metric of another kind of representation.
    #[error("metric `{metric}` does not compare {kind:?} items")]
    Metric {
        /// What was asked for.
        metric: Metric,
        /// What there is.
        kind: Kind,
    },
    /// A query of another dimension.
    #[error("the query has {query} values an item, the set has {set}")]
    Dim {
        /// Of the query.
        query: usize,
        /// Of the set.
        set: usize,
    },
    /// Parts of a set that do not fit each other.
    #[error("{0}")]
    Shape(String),
}

fn check(kind: Kind, metric: Metric) -> Result<(), ScorerError> {
    if kind.allows(metric) { Ok(()) } else { Err(ScorerError::Metric { metric, kind }) }
}

fn check_dim(query: usize, set: usize) -> Result<(), ScorerError> {
    if query == set { Ok(()) } else { Err(ScorerError::Dim { query, set }) }
}

#[cfg(test)]
mod tests;
