//! What goes wrong with files.

use std::path::PathBuf;

use thiserror::Error;
use vectory_core::Cancelled;
use vectory_core::artifact::ArtifactError;
use vectory_index::file::FileError;

/// Why a space could not be read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Reading or writing failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The table of items failed.
    #[error("items.redb: {0}")]
    Items(Box<redb::Error>),
    /// A file is not what the manifest says.
    #[error("{path}: {why} (`vectory check --repair` rebuilds what can be rebuilt)")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A space of a newer Vectory.
    #[error("{path}: format {found}; this version reads up to {known}")]
    Newer {
        /// The file that says so.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest known.
        known: u32,
    },
    /// A view has another encoder since this reader opened the space.
    #[error("{path}: a view was made anew by another encoder; open the space again")]
    Reembedded {
        /// The space.
        path: PathBuf,
    },
    /// Rows could not be read.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// An index file could not be read.
    #[error(transparent)]
    Index(#[from] FileError),
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

macro_rules! from_redb {
    ($($kind:ident),*) => {$(
        impl From<redb::$kind> for StoreError {
            fn from(e: redb::$kind) -> Self {
                Self::Items(Box::new(e.into()))
            }
        }
    )*};
}
from_redb!(DatabaseError, TransactionError, TableError, StorageError, CommitError, CompactionError);

impl StoreError {
    pub(crate) fn damaged(path: impl Into<PathBuf>, why: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), why: why.into() }
    }

    /// Whether a file was not there.
    pub(crate) fn is_missing(&self) -> bool {
        let missing = |e: &std::io::Error| e.kind() == std::io::ErrorKind::NotFound;
        match self {
            Self::Io(e) | Self::Artifact(ArtifactError::Io(e)) | Self::Index(FileError::Io(e)) => missing(e),
            _ => false,
        }
    }
}
