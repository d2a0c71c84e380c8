//! What pooling is told.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vectory_core::Cancelled;
use vectory_core::cluster::ClusterError;

/// How tokens are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PoolMethod {
    /// Ward's hierarchical method over the tokens' distances to all others, cut at the number of groups: the best.
    #[default]
    Hierarchical,
    /// k-means by cosine.
    KMeans,
    /// Runs of neighbouring tokens: the baseline.
    Sequential,
}

impl std::str::FromStr for PoolMethod {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        match s.to_ascii_lowercase().as_str() {
            "hierarchical" | "ward" => Ok(Self::Hierarchical),
            "kmeans" | "k-means" => Ok(Self::KMeans),
            "sequential" => Ok(Self::Sequential),
            _ => Err(format!("unknown pooling `{s}` (hierarchical, kmeans, sequential)")),
        }
    }
}

/// How bags are pooled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PoolingParams {
    /// n tokens become ⌊n / factor⌋, at least one.
    pub factor: usize,
    /// The first tokens of a document that stay as they are and do not count (marks of its beginning).
    pub protected: usize,
    /// How tokens are grouped.
    pub method: PoolMethod,
}

impl Default for PoolingParams {
    fn default() -> Self {
        Self { factor: 2, protected: 0, method: PoolMethod::Hierarchical }
    }
}

/// Why bags could not be pooled.
#[derive(Debug, Error)]
pub enum PoolingError {
    /// A factor of 0.
    #[error("`factor` is 0, must be 1 or more")]
    Factor,
    /// A value that is NaN or infinite.
    #[error("token {row}, value {column} is not a finite number")]
    NonFinite {
        /// Which row of all.
        row: usize,
        /// Which value of it.
        column: usize,
    },
    /// k-means failed.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
