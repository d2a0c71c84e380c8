//! What goes wrong on the way out or in.

use std::path::PathBuf;

use thiserror::Error;
use vectory_core::Cancelled;
use vectory_io::items::ItemError;
use vectory_io::vectors::VectorError;

use crate::search::OpenError;
use crate::store::StoreError;
use crate::write::WriteError;

/// Why a space could not be exported or imported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The files on the other side.
    #[error(transparent)]
    Items(#[from] ItemError),
    /// A file of vectors.
    #[error(transparent)]
    Vectors(#[from] VectorError),
    /// The space cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A space cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The space cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A file failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Something is there already.
    #[error("{path}: is there already; name another folder, or remove it")]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// What was read cannot be made a space of.
    #[error("{path}: {why}")]
    Form {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong, and what would be right.
        why: String,
    },
}
