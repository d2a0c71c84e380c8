//! What can be wrong when words are learned from counts.

use thiserror::Error;
use vectory_core::Cancelled;
use vectory_core::artifact::ArtifactError;
use vectory_core::linalg::LinalgError;

use crate::checkpoint::CheckpointError;
use crate::vocabulary::CorpusError;

/// Why words could not be counted or learned.
#[derive(Debug, Error)]
pub enum WordsError {
    /// A parameter is out of its range.
    #[error("{field} is {value}, expected {legal}")]
    Param {
        /// Which.
        field: &'static str,
        /// What it was.
        value: String,
        /// What it may be.
        legal: &'static str,
    },
    /// There is nothing to learn from.
    #[error("no two words stand within the window of each other: give more text, or lower min_count")]
    NoPairs,
    /// A file of counts whose parts do not fit each other.
    #[error("{path}: the counts are damaged ({why}): count again")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The values ran away.
    #[error("training diverged in epoch {epoch} (the loss is not finite): lower the learning rate")]
    Diverged {
        /// From 1.
        epoch: usize,
    },
    /// The corpus could not be read.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// A checkpoint could not be written or read, or is of another training.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A file of ours could not be read or written.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// A scratch file could not be read or written.
    #[error("a scratch file of counts: {0}")]
    Scratch(#[from] std::io::Error),
    /// A decomposition failed.
    #[error(transparent)]
    Linalg(#[from] LinalgError),
    /// Interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl WordsError {
    pub(crate) fn param(field: &'static str, value: impl ToString, legal: &'static str) -> Self {
        Self::Param { field, value: value.to_string(), legal }
    }

    /// Values of a vector.
    pub(crate) fn check_dim(dim: usize) -> Result<(), Self> {
        if (1..=4096).contains(&dim) { Ok(()) } else { Err(Self::param("dim", dim, "1 to 4096")) }
    }

    /// Numbers of passes and the like.
    pub(crate) fn check_counts(counts: &[(&'static str, usize)]) -> Result<(), Self> {
        let wrong = counts.iter().find(|c| c.1 == 0);
        wrong.map_or(Ok(()), |(field, value)| Err(Self::param(field, value, "at least 1")))
    }

    /// Rates and scales.
    pub(crate) fn check_positive(values: &[(&'static str, f32)]) -> Result<(), Self> {
        let wrong = values.iter().find(|v| !(v.1 > 0.0 && v.1.is_finite()));
        wrong.map_or(Ok(()), |(field, value)| Err(Self::param(field, value, "positive")))
    }

    /// Shares.
    pub(crate) fn check_shares(values: &[(&'static str, f32)]) -> Result<(), Self> {
        let wrong = values.iter().find(|v| !(0.0..=1.0).contains(&v.1));
        wrong.map_or(Ok(()), |(field, value)| Err(Self::param(field, value, "0 to 1")))
    }
}
