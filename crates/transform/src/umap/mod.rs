//! UMAP (McInnes, Healy and Melville 2018): few dimensions that keep who is near whom.
//!
//! For a map to look at (2 dimensions) or to cluster in (about 5); not for distances between far groups, which mean little
//! in the result. Each row's neighbours become fuzzy memberships, and stochastic gradient descent lays rows out so that
//! members lie near and others apart.
//!
//! The neighbours are exact for small sets and NN-descent's above ([`near_self`](vectory_core::neighbors::near_self)).
//! Edges are laid out in rounds of disjoint blocks of random rows, each block pair by one task in a fixed order, and rows
//! are pushed away from rows of that pair; so the map is the same for any number of threads, and the descent is still the
//! sequential one within a block pair. Cost: the neighbours, then about n · 15 · epochs · (1 + negatives).

mod curve;
mod forces;
mod graph;
mod init;
mod layout;
mod model;
mod params;
mod settle;
#[cfg(test)]
mod tests;

pub use model::{Umap, umap, umap_of};
pub use params::{Init, UmapParams};

use vectory_core::linalg::LinalgError;
use vectory_core::neighbors::NeighborsError;
use vectory_core::{Cancelled, artifact::ArtifactError};

/// Why there is no map.
#[derive(Debug, thiserror::Error)]
pub enum UmapError {
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
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
    /// A value is NaN or infinite.
    #[error("row {row} has a value that is not finite at dimension {dim}")]
    NonFinite {
        /// Which row.
        row: usize,
        /// Which dimension.
        dim: usize,
    },
    /// New rows of another dimension than was fitted.
    #[error("rows have {found} dimensions, the map was fitted to {expected}")]
    Dim {
        /// Of the rows.
        found: usize,
        /// As fitted.
        expected: usize,
    },
    /// The neighbours could not be found.
    #[error(transparent)]
    Neighbors(NeighborsError),
    /// The start could not be computed.
    #[error(transparent)]
    Linalg(LinalgError),
    /// The saved form could not be written or read.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}

impl From<NeighborsError> for UmapError {
    fn from(e: NeighborsError) -> Self {
        match e {
            NeighborsError::Cancelled(c) => Self::Cancelled(c),
            e => Self::Neighbors(e),
        }
    }
}

impl From<LinalgError> for UmapError {
    fn from(e: LinalgError) -> Self {
        match e {
            LinalgError::Cancelled(c) => Self::Cancelled(c),
            e => Self::Linalg(e),
        }
    }
}
