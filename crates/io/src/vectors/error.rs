//! What can be wrong with a file of vectors.

use std::path::{Path, PathBuf};

use thiserror::Error;
use vectory_core::Cancelled;

use crate::stream::LineError;

/// Why vectors could not be read or written.
#[derive(Debug, Error)]
pub enum VectorError {
    /// Reading or writing failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A line cannot be read.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The file is not as its form asks.
    #[error("{path}: {place}: {why}")]
    Form {
        /// The file.
        path: PathBuf,
        /// Header, row, line or byte.
        place: String,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// The form of a file cannot be told.
    #[error("{path}: {why}")]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What to do.
        why: String,
    },
    /// A value is NaN or infinite.
    #[error("{path}: row {row}, column {column}: {value} (rows and columns from 0), expected a finite number")]
    NonFinite {
        /// The file.
        path: PathBuf,
        /// The row, from 0.
        row: u64,
        /// The column, from 0.
        column: usize,
        /// The value.
        value: f32,
    },
    /// A value that the target's numbers cannot hold.
    #[error("{path}: row {row}, column {column}: {value} is no {element}; choose another form or element type")]
    Unrepresentable {
        /// The file being written.
        path: PathBuf,
        /// The row, from 0.
        row: u64,
        /// The column, from 0.
        column: usize,
        /// The value.
        value: f32,
        /// The target's numbers.
        element: &'static str,
    },
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// A [`VectorError::Form`].
pub(super) fn form(path: &Path, place: impl Into<String>, why: impl Into<String>) -> VectorError {
    VectorError::Form { path: path.to_owned(), place: place.into(), why: why.into() }
}

/// `read_exact` whose error at the end of the file says where that is and what was to come.
pub(super) fn fill(
    input: &mut impl std::io::Read,
    out: &mut [u8],
    path: &Path,
    place: impl FnOnce() -> String,
    why: &str,
) -> Result<(), VectorError> {
    input.read_exact(out).map_err(|e| {
        // The end of the file as such carries no inner error; a decoder's complaint of a cut stream does, and says more.
        if e.kind() == std::io::ErrorKind::UnexpectedEof && e.get_ref().is_none() {
            form(path, place(), why)
        } else {
            e.into()
        }
    })
}
