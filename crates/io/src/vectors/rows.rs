//! Batches of rows, and what reads and writes them.

use super::{Element, VectorError};

/// Some rows in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// The values, row after row.
    pub values: Vec<f32>,
    /// A name a row, or nothing where the file has no names.
    pub names: Vec<String>,
}

impl Batch {
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.names.clear();
    }
}

/// Reads rows front to back.
pub trait RowReader: Send {
    /// Values a row. 0 only for a file without rows whose form does not say.
    fn dim(&self) -> usize;

    /// How many rows there are, where the file says so. The reader makes sure that it is true before it says that it is done.
    fn rows(&self) -> Option<u64>;

    /// Whether rows have names.
    fn has_names(&self) -> bool;

    /// The numbers in the file, where it has one kind of them and says so.
    fn element(&self) -> Option<Element> {
        None
    }

    /// Replaces the batch by up to `limit` next rows and gives their number; 0 when there are no more.
    ///
    /// # Errors
    /// [`VectorError`] with the place of what is wrong. Reading on after an error is not defined.
    fn read(&mut self, batch: &mut Batch, limit: usize) -> Result<usize, VectorError>;
}

/// Writes rows front to back. The target is as it was until [`RowWriter::finish`].
pub trait RowWriter: Send {
    /// Appends the rows in `values` (a multiple of the dimension), with a name each or none at all.
    ///
    /// # Errors
    /// [`VectorError`] when writing fails, or a value or name cannot be held by the form.
    fn write(&mut self, values: &[f32], names: &[String]) -> Result<(), VectorError>;

    /// Completes the file and puts it in its place.
    ///
    /// # Errors
    /// [`VectorError`] when writing fails.
    fn finish(self: Box<Self>) -> Result<Written, VectorError>;
}

/// Where the names of written rows went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// There were none.
    None,
    /// Into the file itself.
    Kept,
    /// Into the file asked for.
    Beside,
    /// Nowhere: the form has no place for them.
    Dropped,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Values a row.
    pub dim: usize,
    /// What became of their names.
    pub names: Names,
}

/// How many rows make a batch of about a mebibyte.
pub(super) fn batch_rows(dim: usize) -> usize {
    ((1 << 18) / dim.max(1)).clamp(1, 1 << 16)
}
