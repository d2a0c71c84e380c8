//! Files of records: one document a record.

mod delimited;
mod jsonl;
mod lines;
mod parquet;
mod value;

use std::path::Path;

pub use delimited::Delimited;
pub use jsonl::Jsonl;
pub use lines::TextLines;
pub use parquet::ParquetRecords;
pub use value::{is_vector, value};

/// The kinds of record files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A JSON object a line.
    Jsonl,
    /// Cells between commas.
    Csv,
    /// Cells between tabs.
    Tsv,
    /// Parquet.
    Parquet,
}

impl RecordKind {
    /// What the name says, compression aside.
    pub fn of(path: &Path) -> Option<Self> {
        Some(match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Self::Jsonl,
            "csv" => Self::Csv,
            "tsv" | "tab" => Self::Tsv,
            "parquet" | "pq" => Self::Parquet,
            _ => return None,
        })
    }
}
