//! Documents from wherever they are: folders, record files, test collections, stdin.
//!
//! | source | becomes |
//! |---|---|
//! | a folder | one document a text file (`.gitignore` respected, hidden files left out), in the order of the paths; record files in it record by record |
//! | `.txt`, `.md`, `.html`, `.rst`, `.tex`, source code, anything that reads as text | one document |
//! | `.jsonl`, `.ndjson`, `.csv`, `.tsv`, `.parquet` | one document a record; columns by name or found out, the others are payload |
//! | a folder with `corpus.jsonl` (BEIR) | its corpus |
//! | `-` | records if the first line is a JSON object, else one document a line |
//!
//! Each also as `.gz` or `.zst` (but for Parquet, which has its own). [`open`] gives them one by one; memory grows with one
//! document. What is no document is counted with its reason ([`Counts`]), never dropped in silence.

mod clean;
mod counts;
mod decode;
mod document;
mod error;
mod file;
mod folder;
mod open;
mod params;
mod record;
mod records;
mod time;

/// Cells of tables as JSON.
pub(crate) mod cells {
    pub use super::records::{is_vector, value};
}

pub use counts::Counts;
pub use document::{Document, Item, SkipReason, Skipped};
pub use error::SourceError;
pub use open::{Sources, open, open_input, total_bytes};
pub use params::{Seen, SeenFn, SourceParams, SourceParamsError, SourceSpec, Unit};
