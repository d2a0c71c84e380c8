//! Snapshots: one file that holds a space as it was at one commit, made while it is written to.
//!
//! Segments never change, so they are linked or copied as they are; the table of items is copied from one read transaction. The file
//! is a ZIP archive without compression; each entry carries its checksum, and restoring reads every byte against it.
//!
//! An **increment** holds what is new since another snapshot, by content: the segments that the other does not have (by number and
//! checksum), and the documents whose records differ. Nothing is remembered in the space for it: every snapshot carries the hash of
//! every document's record, 12 bytes each. An increment is restored with its chain, back to a full snapshot; each link names the one
//! before by the hash of its content.
//!
//! | entry | what it is |
//! |---|---|
//! | `snapshot.json` | the card: its name by content, on which snapshot it stands, all segments and which of them are here |
//! | `documents.sums` | number (u32) and hash (u64) of every document |
//! | `items.redb`, or `changes.redb` and `removed` | all items; or those that differ, and the numbers that are gone |
//! | `space.toml`, `*.transform.safetensors`, `*.learned.safetensors`, `segments/000042/*` | as in the space |

mod archive;
mod card;
mod restore;
mod write;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use restore::restore;

use crate::store::StoreError;

/// Why a snapshot could not be made or restored.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// A file failed; the text names it.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The space cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file is no snapshot, or is damaged.
    #[error("{path}: {why}")]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Something is there already.
    #[error("{0}: is there already; name another folder, or remove it")]
    Exists(PathBuf),
}

fn archive(path: &Path, why: impl std::fmt::Display) -> SnapshotError {
    SnapshotError::Archive { path: path.to_owned(), why: why.to_string() }
}
