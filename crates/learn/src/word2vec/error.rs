//! What can go wrong in a training.

use thiserror::Error;
use vectory_core::Cancelled;

use crate::checkpoint::CheckpointError;
use crate::embedding::EmbeddingError;
use crate::sampling::DriverError;
use crate::vocabulary::CorpusError;

/// Why nothing was learned.
#[derive(Debug, Error)]
pub enum TrainError {
    /// A parameter is out of its range.
    #[error("{field} is {value}, expected {legal}")]
    Param {
        /// Which.
        field: &'static str,
        /// What it was.
        value: String,
        /// What it may be.
        legal: String,
    },
    /// The corpus could not be read.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// The model could not be made.
    #[error(transparent)]
    Model(#[from] EmbeddingError),
    /// A checkpoint could not be written or read, or is of another training.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A corpus of a single distinct word has nothing to tell apart.
    #[error("the vocabulary has {0} word(s), expected at least 2; lower min_count or give more text")]
    TooFewWords(usize),
    /// The values ran away.
    #[error("training diverged: a vector holds a value that is not finite; lower the learning rate (it was {0})")]
    Diverged(f32),
    /// Interrupted; a checkpoint, if one was asked for, has been written.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<DriverError> for TrainError {
    fn from(e: DriverError) -> Self {
        match e {
            DriverError::Cancelled(c) => Self::Cancelled(c),
            DriverError::Corpus(c) => Self::Corpus(c),
        }
    }
}
