//! Groups of rows: k-means, here, and [`hdbscan()`](fn@hdbscan), whose groups may have any shape.
//!
//! k-means: rows into k groups around their means (Lloyd 1957/1982), started by k-means++ (Arthur and Vassilvitskii 2007).
//!
//! For coarse quantizers, codebooks, selection and a first look at structure; groups that are not round need another
//! method. Options: spherical (cosine), mini-batch (Sculley 2010), balanced (no group above ⌈n / k⌉). Distances go through
//! blocked products, 2 n k d operations an iteration. The result is the same for any number of threads.

mod again;
mod assign;
mod balanced;
mod fit;
mod hdbscan;
mod init;
mod mini_batch;
mod params;
mod update;

pub use assign::nearest;
pub use fit::{KMeans, kmeans};
pub use hdbscan::{Hdbscan, HdbscanParams, Selection, hdbscan};
pub use params::{Init, KMeansParams};

use crate::Cancelled;

/// Why rows could not be clustered.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ClusterError {
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Fewer rows than clusters.
    #[error("{k} clusters need at least as many rows, there are {rows}")]
    TooFew {
        /// Clusters asked for.
        k: usize,
        /// Rows there are.
        rows: usize,
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
    /// Rows and centroids of different dimensions.
    #[error("rows have {rows} dimensions, centroids {centroids}")]
    Dim {
        /// Of the rows.
        rows: usize,
        /// Of the centroids.
        centroids: usize,
    },
    /// A value is NaN or infinite.
    #[error("row {row} has a value that is not finite at dimension {dim}")]
    NonFinite {
        /// Which row.
        row: usize,
        /// Which dimension.
        dim: usize,
    },
}

#[cfg(test)]
mod tests;
