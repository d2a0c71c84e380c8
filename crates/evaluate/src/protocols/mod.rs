//! What frozen vectors are worth when they carry labels: the usual protocols, each a function of rows and labels.
//!
//! | protocol | question | function |
//! |---|---|---|
//! | linear probe | what can a linear model read? | [`linear_probe`] |
//! | k nearest neighbours | are the nearest of the same class? | [`nearest`] |
//! | few-shot | how far do a few examples a class go? | [`few_shot`] |
//! | clustering | are classes groups? | [`clustering`] |
//! | retrieval | does a row find its class? | [`retrieval`] |
//! | uncertainty | does an uncertainty tell wrong from right neighbours? | [`uncertainty()`] |
//!
//! [`feet`](mod@feet) puts several models beside each other (Lee et al., FEET, 2024).

pub(crate) mod claim;
mod clusters;
pub mod feet;
mod few;
mod heads;
mod labels;
mod own;
#[cfg(test)]
mod tests;
pub(crate) mod uncertainty;

pub(crate) use clusters::of_groups;
pub use clusters::{Clustering, clustering};
pub use feet::{Feet, FeetModel, FeetParams, feet};
pub use few::{FewShot, few_shot};
pub use heads::{Scores, linear_probe, nearest};
pub use labels::{Labelled, Split};
pub use own::{Retrieval, retrieval};
pub use uncertainty::{Bin, Binned, Uncertainty, binned, nearest_is_right, uncertainty};

use vectory_core::Cancelled;
use vectory_core::cluster::ClusterError;
use vectory_core::linalg::LinalgError;
use vectory_core::neighbors::NeighborsError;

/// Why a protocol could not be run.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Rows and labels do not pair.
    #[error("{rows} rows have {labels} labels")]
    Pairs {
        /// How many rows.
        rows: usize,
        /// How many labels.
        labels: usize,
    },
    /// Too little to judge by.
    #[error("{0}")]
    TooFew(String),
    /// A parameter outside its range.
    #[error("{field} must be {legal}")]
    Param {
        /// Which one.
        field: &'static str,
        /// What it may be.
        legal: &'static str,
    },
    /// A head could not be fitted.
    #[error(transparent)]
    Linalg(#[from] LinalgError),
    /// Rows could not be grouped.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Neighbours could not be found.
    #[error(transparent)]
    Neighbors(#[from] NeighborsError),
}
