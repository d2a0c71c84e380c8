//! What topics are told.

use vectory_core::cluster::ClusterError;
use vectory_core::neighbors::NeighborsError;
use vectory_core::{Cancelled, EncodeError};
use vectory_transform::umap::UmapError;

/// How topics are found.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicParams {
    /// Neighbours of the map.
    pub n_neighbors: usize,
    /// Dimensions of the map that is clustered.
    pub dims: usize,
    /// Fewest texts of a topic, 2 or more.
    pub min_cluster_size: usize,
    /// Topics whose vectors are nearer than this (1 − cosine) are one.
    pub merge: f64,
    /// Words and texts that are named with a topic.
    pub top: usize,
}

impl Default for TopicParams {
    fn default() -> Self {
        Self { n_neighbors: 15, dims: 5, min_cluster_size: 15, merge: 0.1, top: 20 }
    }
}

/// Why there are no topics.
#[derive(Debug, thiserror::Error)]
pub enum TopicError {
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A parameter outside its range.
    #[error("{field} must be {legal}")]
    Param {
        /// Which one.
        field: &'static str,
        /// What it may be.
        legal: &'static str,
    },
    /// Words of another dimension than texts.
    #[error("texts have {texts} dimensions, words {words}: both must come from one encoder")]
    Dim {
        /// Of the texts.
        texts: usize,
        /// Of the words.
        words: usize,
    },
    /// Nothing to find topics in.
    #[error("{0}")]
    TooFew(String),
    /// The encoder failed.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The map.
    #[error(transparent)]
    Umap(#[from] UmapError),
    /// The groups.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Neighbours.
    #[error(transparent)]
    Neighbors(#[from] NeighborsError),
}
