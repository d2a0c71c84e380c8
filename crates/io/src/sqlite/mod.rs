//! Just enough of SQLite's file form to read tables front to back and to write new ones: for word vectors that come as a database.
//!
//! No query language, no index, no journal: a file that was left in the middle of a transaction (a `-journal` or `-wal` beside it) is
//! refused. Reads any page size, UTF-8 text, overflow pages. What is written, the sqlite3 program opens.
//!
//! Source: *SQLite Database File Format*, sqlite.org.

mod read;
mod record;
mod write;

pub use read::{Database, Rows, Table};
pub use record::Value;
pub(crate) use write::first_page;
pub use write::{TableWriter, finish};

use std::path::PathBuf;

/// Why a database could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SqliteError {
    /// Reading failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Not such a file, or a damaged one.
    #[error("{path}: not a readable SQLite file ({why})")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

#[cfg(test)]
mod tests;
