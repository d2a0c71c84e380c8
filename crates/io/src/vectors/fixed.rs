//! Rows of equally wide numbers one after the other: the body of `.npy`, `.fbin` and `.safetensors`.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use super::error::{fill, form};
use super::rows::batch_rows;
use super::{Batch, Element, MAX_DIM, Names, RowReader, RowWriter, VectorError, Written, npy, safetensors};
use crate::stream::{Input, Output};

/// What a header says of the rows behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub rows: u64,
    pub dim: usize,
    pub element: Element,
    /// Big-endian numbers.
    pub big: bool,
}

impl Shape {
    /// The size of a row in bytes.
    pub fn row_bytes(&self) -> usize {
        self.dim * self.element.bytes()
    }

    /// Refuses shapes that are damage rather than data: rows of nothing or of more than [`MAX_DIM`] values, and, where the size of
    /// the body is known, any other size.
    pub fn check(&self, path: &Path, body: Option<u64>) -> Result<(), VectorError> {
        let Self { rows, dim, element, .. } = *self;
        if (dim == 0 && rows > 0) || dim > MAX_DIM {
            return Err(form(path, "header", format!("rows of {dim} values, expected 1 to {MAX_DIM}")));
        }
        let want = u128::from(rows) * self.row_bytes() as u128;
        match body {
            Some(have) if u128::from(have) != want => {
                let what = format!("{rows} rows of {dim} {} are {want} bytes", element.name());
                let cut = if u128::from(have) < want { "the file is cut, or" } else { "there is more in the file, or" };
                Err(form(path, "header", format!("{what}, but {have} bytes follow: {cut} the header is wrong")))
            }
            _ => Ok(()),
        }
    }
}

/// Reads such rows from a stream that stands at the first.
pub struct FixedRows {
    input: Input,
    path: PathBuf,
    shape: Shape,
    done: u64,
    raw: Vec<u8>,
    names: Vec<String>,
}

impl FixedRows {
    /// `names` are those of all rows, or nothing.
    pub fn new(input: Input, path: &Path, shape: Shape, names: Vec<String>) -> Self {
        Self { input, path: path.to_owned(), shape, done: 0, raw: Vec::new(), names }
    }

    fn fill(&mut self) -> Result<(), VectorError> {
        let last = self.done + (self.raw.len() / self.shape.row_bytes()) as u64;
        let place = || format!("rows {} to {}", self.done, last - 1);
        fill(
            &mut self.input,
            &mut self.raw,
            &self.path,
            place,
            "the file ends before them, though its header promises them",
        )
    }

    fn end(&mut self) -> Result<usize, VectorError> {
        if self.input.fill_buf()?.is_empty() {
            return Ok(0);
        }
        let why = format!("bytes follow the {} rows of the header", self.shape.rows);
        Err(form(&self.path, "end", why))
    }
}

impl RowReader for FixedRows {
    fn dim(&self) -> usize {
        self.shape.dim
    }

    fn rows(&self) -> Option<u64> {
        Some(self.shape.rows)
    }

    fn has_names(&self) -> bool {
        !self.names.is_empty()
    }

    fn element(&self) -> Option<Element> {
        Some(self.shape.element)
    }

    fn read(&mut self, batch: &mut Batch, limit: usize) -> Result<usize, VectorError> {
        batch.clear();
        let left = self.shape.rows - self.done;
        if left == 0 {
            return self.end();
        }
        let n = limit.min(16 * batch_rows(self.shape.dim)).min(usize::try_from(left).unwrap_or(usize::MAX));
        self.raw.resize(n * self.shape.row_bytes(), 0);
        self.fill()?;
        if self.shape.big {
            self.raw.chunks_exact_mut(self.shape.element.bytes()).for_each(<[u8]>::reverse);
        }
        self.shape.element.decode(&self.raw, &mut batch.values).map_err(|i| {
            let (row, column) = (self.done + (i / self.shape.dim) as u64, i % self.shape.dim);
            let why = format!(
                "the integer cannot be held exactly by f32 (beyond 2^24); are these {} ids?",
                self.shape.element.name()
            );
            form(&self.path, format!("row {row}, column {column}"), why)
        })?;
        if !self.names.is_empty() {
            let start = self.done as usize;
            batch.names.extend(self.names[start..start + n].iter_mut().map(std::mem::take));
        }
        self.done += n as u64;
        Ok(n)
    }
}

/// What stands before the rows and is completed when their number is known.
enum Header {
    Npy,
    Bin,
    Safetensors { names: Vec<u8> },
}

/// Writes such rows behind a header.
pub struct FixedWriter {
    out: Output,
    header: Header,
    element: Element,
    dim: usize,
    rows: u64,
    raw: Vec<u8>,
    had_names: bool,
}

impl FixedWriter {
    /// A `.npy` file.
    pub fn npy(path: &Path, dim: usize, element: Element) -> Result<Self, VectorError> {
        npy::descr(element).ok_or_else(|| form(path, "header", format!("NumPy has no {}", element.name())))?;
        Self::begin(path, dim, element, Header::Npy)
    }

    /// A `.fbin`, `.u8bin`, `.i8bin` or `.ibin` file.
    pub fn bin(path: &Path, dim: usize, element: Element) -> Result<Self, VectorError> {
        Self::begin(path, dim, element, Header::Bin)
    }

    /// A `.safetensors` file: tensor `vectors`, and `names` if rows have names.
    pub fn safetensors(path: &Path, dim: usize, element: Element) -> Result<Self, VectorError> {
        Self::begin(path, dim, element, Header::Safetensors { names: Vec::new() })
    }

    fn begin(path: &Path, dim: usize, element: Element, header: Header) -> Result<Self, VectorError> {
        let out = Output::create_patched(path)?;
        let mut w = Self { out, header, element, dim, rows: 0, raw: Vec::new(), had_names: false };
        let head = w.head();
        w.out.write_all(&head)?;
        Ok(w)
    }

    /// The header for the rows so far; equally long for any number of them.
    fn head(&self) -> Vec<u8> {
        match &self.header {
            Header::Npy => npy::header(self.rows, self.dim, self.element),
            Header::Bin => [(self.rows as u32).to_le_bytes(), (self.dim as u32).to_le_bytes()].concat(),
            Header::Safetensors { names } => safetensors::header(self.rows, self.dim, self.element, names.len()),
        }
    }

    fn keep_names(&mut self, new: &[String]) -> Result<(), VectorError> {
        self.had_names |= !new.is_empty();
        let Header::Safetensors { names } = &mut self.header else { return Ok(()) };
        for name in new {
            if name.contains('\n') {
                return Err(form(self.out.target(), format!("name `{name}`"), "a name cannot hold a line end"));
            }
            names.extend_from_slice(name.as_bytes());
            names.push(b'\n');
        }
        Ok(())
    }
}

impl RowWriter for FixedWriter {
    fn write(&mut self, values: &[f32], names: &[String]) -> Result<(), VectorError> {
        self.raw.clear();
        self.element.encode(values, &mut self.raw).map_err(|i| VectorError::Unrepresentable {
            path: self.out.target().to_owned(),
            row: self.rows + (i / self.dim) as u64,
            column: i % self.dim,
            value: values[i],
            element: self.element.name(),
        })?;
        self.out.write_all(&self.raw)?;
        self.rows += (values.len() / self.dim) as u64;
        self.keep_names(names)
    }

    fn finish(mut self: Box<Self>) -> Result<Written, VectorError> {
        if matches!(self.header, Header::Bin) && self.rows > u64::from(u32::MAX) {
            return Err(form(
                self.out.target(),
                "header",
                format!("{} rows do not fit this form (32-bit count)", self.rows),
            ));
        }
        let mut kept = Names::Dropped;
        if let Header::Safetensors { names } = &mut self.header {
            // One line end a name, but for the last: as many names as line ends plus one.
            names.pop();
            self.out.write_all(names)?;
            kept = Names::Kept;
        }
        let head = self.head();
        self.out.patch(0, &head)?;
        self.out.commit()?;
        let names = if self.had_names { kept } else { Names::None };
        Ok(Written { rows: self.rows, dim: self.dim, names })
    }
}
