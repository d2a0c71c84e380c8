//! How files of vectors are read and written.

use std::path::PathBuf;

use super::{Element, Format};

/// What to do with NaN and infinite values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NonFinite {
    /// Hand them on.
    #[default]
    Keep,
    /// Stop at the first with its row and column.
    Refuse,
}

/// How a file is read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The form; none: told by the file's name.
    pub format: Option<Format>,
    /// Which array of an `.npz`, tensor of a `.safetensors`, list column of a Parquet file. None: the only one that can be meant.
    pub array: Option<String>,
    /// Which column of a Parquet file holds the names. None: `id`, `name`, `word`, … if there is one.
    pub ids: Option<String>,
    /// A file with the names of the rows: one a line, or the metadata `.tsv` of the embedding projector.
    pub names: Option<PathBuf>,
    /// What to do with NaN and infinite values.
    pub non_finite: NonFinite,
}

/// How a file is written.
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    /// The form; none: told by the file's name.
    pub format: Option<Format>,
    /// The numbers (`.npy`, `.npz`, `.safetensors`; the other forms have theirs). None: f32.
    pub element: Option<Element>,
    /// A file to write the names of the rows to, one a line.
    pub names: Option<PathBuf>,
    /// How many rows will come, if that is known: headers of text forms then need no padding. Another number is an error at the end.
    pub rows: Option<u64>,
}
