//! What can be wrong with exported items.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::stream::LineError;
use crate::vectors::VectorError;

/// Why items could not be written or read.
#[derive(Debug, Error)]
pub enum ItemError {
    /// A file failed; the text names it.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A line cannot be read.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A file of vectors failed.
    #[error(transparent)]
    Vectors(#[from] VectorError),
    /// The file is not as its form asks.
    #[error("{path}: {place}: {why}")]
    Form {
        /// The file.
        path: PathBuf,
        /// Head, column, row or line.
        place: String,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// A table or folder that was not exported from a space.
    #[error("{path}: was not exported from a space; import it with --vectors (a file of vectors, or the table itself)")]
    Foreign {
        /// The file or folder.
        path: PathBuf,
    },
    /// Something is there already.
    #[error("{path}: is there already; name another place, or remove it")]
    Exists {
        /// The folder.
        path: PathBuf,
    },
}

/// An [`ItemError::Form`].
pub(super) fn form(path: &Path, place: impl Into<String>, why: impl Into<String>) -> ItemError {
    ItemError::Form { path: path.to_owned(), place: place.into(), why: why.into() }
}
