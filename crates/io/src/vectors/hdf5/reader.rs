//! The rows of a dataset, in batches.

use std::path::Path;

use super::super::error::form;
use super::super::{Batch, Element, RowReader, VectorError};
use super::Hdf5;
use super::dataset::{Dataset, decode, place};
use crate::stream::Compression;

/// Rows of one dataset: bands are decoded one at a time.
struct Rows {
    file: Hdf5,
    name: String,
    dataset: Dataset,
    /// The next band, and rows that were given out.
    band: usize,
    done: u64,
    /// Values of the current band from `used` on are still to be given out.
    values: Vec<f32>,
    used: usize,
}

/// Opens the named dataset, else the usual one.
pub fn open(path: &Path, name: Option<&str>) -> Result<Box<dyn RowReader>, VectorError> {
    if Compression::of(path).0 != Compression::None {
        return Err(form(path, "header", "a compressed HDF5 file cannot be read from; decompress it first"));
    }
    let file = Hdf5::open(path)?;
    let name = match name {
        Some(name) => name.to_owned(),
        None => file.usual()?,
    };
    let at = file.find(&name)?;
    let dataset = Dataset::read(file.bytes(), at).map_err(|why| form(path, format!("dataset `{name}`"), why))?;
    dataset.shape.check(path, None)?;
    Ok(Box::new(Rows { file, name, dataset, band: 0, done: 0, values: Vec::new(), used: 0 }))
}

impl Rows {
    fn next_band(&mut self) -> Result<(), VectorError> {
        let bad = |why: String| form(&self.file.path, format!("dataset `{}`", self.name), why);
        let mut raw = self.dataset.bytes(self.file.bytes(), self.band).map_err(bad)?;
        self.band += 1;
        self.values.clear();
        self.used = 0;
        decode(&self.dataset.shape, &mut raw, &mut self.values).map_err(|i| {
            let (row, column) = place(&self.dataset.shape, self.done, i);
            bad(format!("row {row}, column {column}: an integer beyond 2^24, which f32 cannot hold exactly"))
        })
    }
}

impl RowReader for Rows {
    fn dim(&self) -> usize {
        self.dataset.shape.dim
    }

    fn rows(&self) -> Option<u64> {
        Some(self.dataset.shape.rows)
    }

    fn has_names(&self) -> bool {
        false
    }

    fn element(&self) -> Option<Element> {
        Some(self.dataset.shape.element)
    }

    fn read(&mut self, batch: &mut Batch, limit: usize) -> Result<usize, VectorError> {
        batch.clear();
        let dim = self.dim();
        if self.done >= self.dataset.shape.rows || limit == 0 || dim == 0 {
            return Ok(0);
        }
        if self.used == self.values.len() {
            self.next_band()?;
        }
        let n = limit.min((self.values.len() - self.used) / dim);
        batch.values.extend_from_slice(&self.values[self.used..self.used + n * dim]);
        self.used += n * dim;
        self.done += n as u64;
        Ok(n)
    }
}
