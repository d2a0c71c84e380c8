//! What can be wrong with a source.

use thiserror::Error;

use super::{SkipReason, SourceParamsError};
use crate::stream::LineError;

/// Why a source cannot be read on.
#[derive(Debug, Error)]
pub enum SourceError {
    /// Reading failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A folder cannot be walked.
    #[error("{path}: {source}")]
    Walk {
        /// The folder given.
        path: String,
        /// What the walk met.
        source: ignore::Error,
    },
    /// There is no such file or folder.
    #[error("{path}: no such file or folder")]
    Missing {
        /// What was given.
        path: String,
    },
    /// A line cannot be read.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A record is not as it should be.
    #[error("{path}:{place}: {why}")]
    Record {
        /// The file.
        path: String,
        /// Line or record number, from 1.
        place: u64,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// A table has no column of the name given, or none that looks like text.
    #[error("{path}: {why}; its columns are {columns}")]
    Column {
        /// The file.
        path: String,
        /// What is missing, and what to do.
        why: String,
        /// The columns there are.
        columns: String,
    },
    /// A Parquet file is damaged or not one.
    #[error("{path}: {why}")]
    Parquet {
        /// The file.
        path: String,
        /// What the reader said.
        why: String,
    },
    /// A parameter is out of its range.
    #[error(transparent)]
    Params(#[from] SourceParamsError),
}

impl SourceError {
    /// As what it counts where errors are skipped.
    #[must_use]
    pub fn reason(&self) -> SkipReason {
        match self {
            Self::Record { .. } => SkipReason::BadRecord,
            Self::Line(LineError::TooLong { .. }) => SkipReason::TooLarge,
            Self::Column { .. } => SkipReason::NoText,
            _ => SkipReason::Unreadable,
        }
    }
}
