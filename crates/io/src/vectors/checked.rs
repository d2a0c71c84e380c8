//! Refusing NaN and infinite values.

use std::path::{Path, PathBuf};

use super::{Batch, Element, RowReader, VectorError};

/// Hands on another reader's rows as long as they are finite.
pub struct Checked {
    inner: Box<dyn RowReader>,
    path: PathBuf,
    done: u64,
}

impl Checked {
    pub fn new(inner: Box<dyn RowReader>, path: &Path) -> Self {
        Self { inner, path: path.to_owned(), done: 0 }
    }
}

impl RowReader for Checked {
    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn rows(&self) -> Option<u64> {
        self.inner.rows()
    }

    fn has_names(&self) -> bool {
        self.inner.has_names()
    }

    fn element(&self) -> Option<Element> {
        self.inner.element()
    }

    fn read(&mut self, batch: &mut Batch, limit: usize) -> Result<usize, VectorError> {
        let n = self.inner.read(batch, limit)?;
        finite(&batch.values, self.dim(), self.done, &self.path)?;
        self.done += n as u64;
        Ok(n)
    }
}

/// The first value that is not finite, as an error; `first` is the number of the first row.
pub fn finite(values: &[f32], dim: usize, first: u64, path: &Path) -> Result<(), VectorError> {
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(i) => Err(VectorError::NonFinite {
            path: path.to_owned(),
            row: first + (i / dim) as u64,
            column: i % dim,
            value: values[i],
        }),
    }
}
