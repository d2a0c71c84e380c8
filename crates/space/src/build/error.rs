//! What goes wrong while building.

use thiserror::Error;
use vectory_io::documents::SourceError;

use crate::write::WriteError;

/// Why a build stopped. What was committed before stays.
#[derive(Debug, Error)]
pub enum BuildError {
    /// A source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The space cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// What is read twice must be there twice.
    #[error(
        "the recipe learns its encoder (encode.learn), so the sources are read twice, which stdin cannot be; give files"
    )]
    LearnFromStdin,
    /// There is nothing to build from.
    #[error("{sources}: no document found{skipped}")]
    Empty {
        /// The sources.
        sources: String,
        /// What was skipped, in words; empty when nothing was.
        skipped: String,
    },
}

impl BuildError {
    /// Whether it was the caller who asked for the stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Write(e) if e.is_cancelled())
    }
}
