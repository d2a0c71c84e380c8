//! What goes wrong while writing.

use std::path::PathBuf;

use thiserror::Error;
use vectory_core::{Cancelled, EncodeError};
use vectory_index::graph::GraphError;
use vectory_index::inverted::BuildError;

use crate::engine::EngineError;
use crate::recipe::RecipeError;
use crate::store::{LockError, StoreError};

/// Why a space could not be written to. What was committed before stays as it was.
#[derive(Debug, Error)]
pub enum WriteError {
    /// Another writer is at work, or the folder cannot be written to.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The recipe cannot be used.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The parts of a view could not be made.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The encoder failed.
    #[error("view `{view}`: {source}")]
    Encode {
        /// Which view.
        view: String,
        /// What it said.
        source: EncodeError,
    },
    /// Postings could not be made.
    #[error(transparent)]
    Postings(#[from] BuildError),
    /// The graph could not be made.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The folder is there and is something else.
    #[error("{path}: is there and is not a space; name another folder, or remove it")]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// There is no space.
    #[error("{path}: there is no space here (it has no space.toml); make one with `vectory build SOURCE -o {path}`")]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The space was made by another recipe.
    #[error("{path}: was made by another recipe ({difference}); build into another folder, or leave out --recipe")]
    OtherRecipe {
        /// The folder.
        path: PathBuf,
        /// The first table that differs.
        difference: String,
    },
    /// More than a space can number.
    #[error("the space has used up its {limit} {what} numbers; build it anew")]
    Full {
        /// What there is too much of.
        what: &'static str,
        /// How many there can be.
        limit: u64,
    },
    /// A point cannot be taken as it is; nothing was changed.
    #[error("{0}")]
    Refused(String),
    /// The transaction ended early; begin again.
    #[error("the transaction is closed")]
    Closed,
}

impl From<std::io::Error> for WriteError {
    fn from(e: std::io::Error) -> Self {
        Self::Store(e.into())
    }
}

impl From<redb::CommitError> for WriteError {
    fn from(e: redb::CommitError) -> Self {
        Self::Store(e.into())
    }
}

impl WriteError {
    /// Whether it was the caller who asked for the stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Cancelled(_)
                | Self::Store(StoreError::Cancelled(_))
                | Self::Encode { source: EncodeError::Cancelled(_), .. }
        )
    }
}
