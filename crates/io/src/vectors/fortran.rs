//! `.npy` arrays in Fortran order: a column lies together, so rows are gathered. A plain file is mapped; anything else is taken
//! into memory first.

use std::io::Read;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use super::error::form;
use super::npy::NpyHeader;
use super::rows::batch_rows;
use super::{Batch, RowReader, VectorError, mapped};
use crate::stream::{Compression, Input};

enum Body {
    Mapped { map: Mmap, start: usize },
    Memory(Vec<u8>),
}

/// Rows of an array that is stored column by column.
pub struct FortranRows {
    body: Body,
    path: PathBuf,
    header: NpyHeader,
    done: u64,
    raw: Vec<u8>,
}

impl FortranRows {
    /// `input` stands at the first number.
    pub fn new(input: Input, path: &Path, header: NpyHeader) -> Result<Self, VectorError> {
        let shape = header.shape;
        let want = u128::from(shape.rows) * shape.row_bytes() as u128;
        let archive = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("npz"));
        let body = if input.compression() == Compression::None && !archive {
            Body::Mapped { map: mapped::map(path)?, start: header.start as usize }
        } else {
            let mut all = Vec::new();
            input.take(u64::try_from(want).unwrap_or(u64::MAX).saturating_add(1)).read_to_end(&mut all)?;
            Body::Memory(all)
        };
        let own = Self { body, path: path.to_owned(), header, done: 0, raw: Vec::new() };
        if own.bytes().len() as u128 != want {
            let why = format!("{} bytes of numbers, expected {want}", own.bytes().len());
            return Err(form(path, "header", why));
        }
        Ok(own)
    }

    fn bytes(&self) -> &[u8] {
        match &self.body {
            Body::Mapped { map, start } => map.get(*start..).unwrap_or_default(),
            Body::Memory(all) => all,
        }
    }
}

impl RowReader for FortranRows {
    fn dim(&self) -> usize {
        self.header.shape.dim
    }

    fn rows(&self) -> Option<u64> {
        Some(self.header.shape.rows)
    }

    fn has_names(&self) -> bool {
        false
    }

    fn read(&mut self, batch: &mut Batch, limit: usize) -> Result<usize, VectorError> {
        batch.clear();
        let shape = self.header.shape;
        let (size, rows) = (shape.element.bytes(), shape.rows as usize);
        let n = limit.min(batch_rows(shape.dim)).min(rows - self.done as usize);
        let mut raw = std::mem::take(&mut self.raw);
        raw.resize(n * shape.row_bytes(), 0);
        let all = self.bytes();
        for column in 0..shape.dim {
            let start = (column * rows + self.done as usize) * size;
            for (i, cell) in all[start..start + n * size].chunks_exact(size).enumerate() {
                let at = (i * shape.dim + column) * size;
                raw[at..at + size].copy_from_slice(cell);
            }
        }
        if shape.big {
            raw.chunks_exact_mut(size).for_each(<[u8]>::reverse);
        }
        shape.element.decode(&raw, &mut batch.values).map_err(|i| {
            let place = format!("row {}, column {}", self.done + (i / shape.dim) as u64, i % shape.dim);
            form(&self.path, place, "the integer cannot be held exactly by f32 (beyond 2^24)")
        })?;
        self.raw = raw;
        self.done += n as u64;
        Ok(n)
    }
}
