//! Statistics of rows in f64, on [`vectory_linalg`]'s decompositions: covariance, principal components, ridge regression,
//! orthogonal Procrustes.
//!
//! Rows are read in blocks, so a mapped set larger than memory works; sums are taken in a fixed order, so results do not
//! depend on the number of threads. The cost is O(n · d²) for the sums and O(d³) for the decomposition.

mod moments;
mod pca;
mod procrustes;
mod ridge;
mod sparse_svd;

pub use moments::{covariance, paired, second_moment, weighted_covariance};
pub use pca::{Method, Pca, PcaParams};
pub use procrustes::{Procrustes, procrustes};
pub use ridge::{Ridge, ridge};
pub use sparse_svd::{SparseSvd, SparseSvdParams, sparse_svd};
pub use vectory_linalg::{Mat, cholesky_solve, eigen_symmetric, qr_thin, svd_thin};

use crate::Cancelled;

/// Why a statistic could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LinalgError {
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Too few rows.
    #[error("{needed} rows are needed, there are {rows}")]
    TooFew {
        /// Fewest rows that it takes.
        needed: usize,
        /// How many there are.
        rows: usize,
    },
    /// Two sets of different numbers of rows.
    #[error("{x} rows do not pair with {y} rows")]
    Pairs {
        /// Rows of the first.
        x: usize,
        /// Rows of the second.
        y: usize,
    },
    /// Rows of another dimension than was fitted.
    #[error("rows have {found} dimensions, expected {expected}")]
    Dim {
        /// Of the rows.
        found: usize,
        /// As fitted.
        expected: usize,
    },
    /// A value is NaN or infinite.
    #[error("row {row} has a value that is not finite at dimension {dim}")]
    NonFinite {
        /// Which row.
        row: usize,
        /// Which dimension.
        dim: usize,
    },
    /// A parameter outside its range.
    #[error("{field} is {value}, must be {legal}")]
    Param {
        /// Which one.
        field: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        legal: &'static str,
    },
    /// The decomposition failed.
    #[error(transparent)]
    Decomposition(#[from] vectory_linalg::Error),
    /// The saved form could not be written or read.
    #[error(transparent)]
    Artifact(#[from] crate::artifact::ArtifactError),
}

pub(crate) fn check_finite(rows: crate::VectorsRef<'_>) -> Result<(), LinalgError> {
    match rows.first_non_finite() {
        Some((row, dim)) => Err(LinalgError::NonFinite { row, dim }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
