//! Judgements (qrels), runs and whole test collections, in the forms of TREC and BEIR.
//!
//! | file | form |
//! |---|---|
//! | qrels, TREC | `query iteration document grade`, by blanks |
//! | qrels, BEIR | `query-id⇥corpus-id⇥score` with a header line |
//! | run | `query Q0 document rank score tag`, by blanks |
//! | collection, BEIR | a folder with `corpus.jsonl`, `queries.jsonl`, `qrels/SPLIT.tsv` |
//!
//! All may be compressed (`.gz`, `.zst`). Rows come in the order of the file; what they mean (ties, duplicates) is the judge's.

pub mod beir;
mod qrels;
mod run;

use thiserror::Error;

use crate::documents::SourceError;
use crate::stream::{LineError, Lines};

pub use qrels::{Judgement, read_qrels, write_qrels};
pub use run::{RunRow, read_run, write_run};

/// Longer lines are refused: no id is that long.
const LINE: usize = 1 << 20;

/// Why a qrels file, run or collection could not be read or written.
#[derive(Debug, Error)]
pub enum TrecError {
    /// Reading or writing failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A line cannot be read.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A line is not as it should be.
    #[error("{path}:{line}: {why}")]
    Form {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// A folder is not a collection.
    #[error("{path}: {why}")]
    Collection {
        /// The folder.
        path: String,
        /// What is missing.
        why: String,
    },
    /// The queries cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// Calls `row` with every line that is not empty, as text, and its number.
fn each_line(lines: &mut Lines, mut row: impl FnMut(&str, u64) -> Result<(), String>) -> Result<(), TrecError> {
    let path = lines.name();
    while lines.next_line()?.is_some() {
        let line = lines.line();
        let form = |why| TrecError::Form { path: path.clone(), line, why };
        let text = std::str::from_utf8(lines.last()).map_err(|_| form("not UTF-8".into()))?;
        if !text.trim().is_empty() {
            row(text, line).map_err(form)?;
        }
    }
    Ok(())
}
