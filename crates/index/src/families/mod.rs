//! The older families of approximate search, small, for comparison: trees and hashing.
//!
//! Each proposes rows, likely ones first, and the proposed rows are ranked by their full values ([`Ranked`]): a forest of
//! random-projection trees ([`Forest`], as in Annoy), a k-d tree ([`KdTree`], Bentley 1975, searched best bin first,
//! Arya and Mount 1993), locality-sensitive hashing ([`Lsh`]: hyperplanes, cross-polytopes, p-stable projections, probed in
//! the order of their likelihood). `ef` of a search is the number of rows that are proposed before it ends.
//!
//! **When.** To see on one's own vectors why graphs and inverted files took their place; a forest also where an index must
//! be built in the shortest time. Inner products are searched as distances in one dimension more, cosine on unit rows.

pub(crate) mod claim;
mod forest;
mod kd;
mod lsh;
mod node;
mod ranked;
#[cfg(test)]
mod tests;

pub use forest::{Forest, ForestParams};
pub use kd::{KdTree, Touched};
pub use lsh::{Hashing, Lsh, LshParams};
pub use ranked::{Gather, Ranked};

use thiserror::Error;
use vectory_core::{Cancelled, Metric};

/// Why a tree or tables could not be made.
#[derive(Debug, Error)]
pub enum FamilyError {
    /// A parameter outside its range.
    #[error("`{field}` is {value}, must be {legal}")]
    Params {
        /// Which.
        field: &'static str,
        /// What it is.
        value: usize,
        /// What is legal.
        legal: &'static str,
    },
    /// A metric that it does not serve.
    #[error("{family} does not serve {metric}; it takes {takes}")]
    Metric {
        /// What was to be built.
        family: &'static str,
        /// The metric.
        metric: Metric,
        /// What it takes.
        takes: &'static str,
    },
    /// A value is NaN or infinite.
    #[error("row {row}, column {column}: value is not finite")]
    NonFinite {
        /// Which row.
        row: usize,
        /// Which value of it.
        column: usize,
    },
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Dense metric and finite values, or the error that says what is wrong.
fn check(rows: vectory_core::VectorsRef<'_>, metric: Metric, family: &'static str) -> Result<(), FamilyError> {
    if !matches!(metric, Metric::Cosine | Metric::Dot | Metric::L2) {
        return Err(FamilyError::Metric { family, metric, takes: "cosine, dot and l2" });
    }
    match rows.first_non_finite() {
        Some((row, column)) => Err(FamilyError::NonFinite { row, column }),
        None => Ok(()),
    }
}
