//! `.fvecs`, `.ivecs`, `.bvecs`: each row is its length (i32) and its numbers (the TEXMEX sets, Jégou et al. 2011).

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use super::error::{fill, form};
use super::rows::batch_rows;
use super::{Batch, Element, Format, MAX_DIM, Names, RowReader, RowWriter, VectorError, Written};
use crate::stream::{self, Compression, Input, Output};

/// The element of a form.
pub fn element(format: Format) -> Element {
    match format {
        Format::Ivecs => Element::I32,
        Format::Bvecs => Element::U8,
        _ => Element::F32,
    }
}

/// Reads such rows; all must have the length of the first.
pub struct Vecs {
    input: Input,
    path: PathBuf,
    element: Element,
    dim: usize,
    rows: Option<u64>,
    done: u64,
    raw: Vec<u8>,
}

impl Vecs {
    pub fn open(path: &Path, format: Format) -> Result<Self, VectorError> {
        let (mut input, element) = (stream::open(path, None)?, element(format));
        let size = if input.compression() == Compression::None { Some(fs_err::metadata(path)?.len()) } else { None };
        let head = input.fill_buf()?.first_chunk().copied();
        let (path, rows) = (path.to_owned(), size.filter(|s| *s == 0));
        let mut own = Self { input, path, element, dim: 0, rows, done: 0, raw: Vec::new() };
        if let Some(length) = head {
            own.dim = own.length(length)?;
            let row = 4 + own.dim as u64 * element.bytes() as u64;
            // A file of another size is cut or ragged; the row where that shows is named when it is reached.
            own.rows = size.filter(|s| s % row == 0).map(|s| s / row);
            if size.is_some_and(|s| s < row) {
                return Err(form(
                    &own.path,
                    "row 0",
                    format!("a row of {} {} does not fit the file", own.dim, element.name()),
                ));
            }
        } else if !own.input.fill_buf()?.is_empty() {
            return Err(form(&own.path, "row 0", "the file ends within the row's length"));
        }
        Ok(own)
    }

    fn length(&self, raw: [u8; 4]) -> Result<usize, VectorError> {
        let n = i32::from_le_bytes(raw);
        match usize::try_from(n) {
            Ok(dim) if dim > 0 && dim <= MAX_DIM => Ok(dim),
            _ => {
                Err(form(&self.path, format!("row {}", self.done), format!("a length of {n}, expected 1 to {MAX_DIM}")))
            }
        }
    }

    /// Reads one row's bytes behind those in `raw`; false at the end of the file.
    fn row(&mut self) -> Result<bool, VectorError> {
        let mut length = [0; 4];
        if self.input.fill_buf()?.is_empty() {
            return Ok(false);
        }
        let place = || format!("row {}", self.done);
        fill(&mut self.input, &mut length, &self.path, place, "the file ends within the row's length")?;
        let dim = self.length(length)?;
        if dim != self.dim {
            let why = format!("{dim} values, expected {} as in row 0", self.dim);
            return Err(form(&self.path, format!("row {}", self.done), why));
        }
        let start = self.raw.len();
        self.raw.resize(start + dim * self.element.bytes(), 0);
        fill(
            &mut self.input,
            &mut self.raw[start..],
            &self.path,
            || format!("row {}", self.done),
            "the file ends within the row",
        )?;
        self.done += 1;
        Ok(true)
    }
}

impl RowReader for Vecs {
    fn dim(&self) -> usize {
        self.dim
    }

    fn rows(&self) -> Option<u64> {
        self.rows
    }

    fn has_names(&self) -> bool {
        false
    }

    fn read(&mut self, batch: &mut Batch, limit: usize) -> Result<usize, VectorError> {
        batch.clear();
        self.raw.clear();
        let (first, mut n) = (self.done, 0);
        while n < limit.min(16 * batch_rows(self.dim)) && self.row()? {
            n += 1;
        }
        self.element.decode(&self.raw, &mut batch.values).map_err(|i| {
            let place = format!("row {}, column {}", first + (i / self.dim) as u64, i % self.dim);
            form(&self.path, place, "the integer cannot be held exactly by f32 (beyond 2^24); read ids as ids")
        })?;
        Ok(n)
    }
}

/// Writes such rows.
pub struct VecsWriter {
    out: Output,
    element: Element,
    dim: usize,
    rows: u64,
    named: bool,
    raw: Vec<u8>,
}

impl VecsWriter {
    pub fn create(path: &Path, dim: usize, element: Element) -> Result<Self, VectorError> {
        Ok(Self { out: Output::create(path)?, element, dim, rows: 0, named: false, raw: Vec::new() })
    }
}

impl RowWriter for VecsWriter {
    fn write(&mut self, values: &[f32], names: &[String]) -> Result<(), VectorError> {
        self.named |= !names.is_empty();
        self.raw.clear();
        for row in values.chunks_exact(self.dim) {
            self.raw.extend_from_slice(&(self.dim as i32).to_le_bytes());
            self.element.encode(row, &mut self.raw).map_err(|column| VectorError::Unrepresentable {
                path: self.out.target().to_owned(),
                row: self.rows,
                column,
                value: row[column],
                element: self.element.name(),
            })?;
            self.rows += 1;
        }
        Ok(self.out.write_all(&self.raw)?)
    }

    fn finish(self: Box<Self>) -> Result<Written, VectorError> {
        self.out.commit()?;
        let names = if self.named { Names::Dropped } else { Names::None };
        Ok(Written { rows: self.rows, dim: self.dim, names })
    }
}
