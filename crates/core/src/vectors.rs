//! Dense rows of f32: the representation that most of the house works on.

use std::sync::Arc;

use memmap2::Mmap;
use thiserror::Error;

/// Why rows could not be made.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ShapeError {
    /// The number of values is not rows × dim.
    #[error("{values} values do not make rows of {dim}")]
    Ragged {
        /// How many values there are.
        values: usize,
        /// How many a row has.
        dim: usize,
    },
    /// A mapped range lies outside its file or is not aligned to four bytes.
    #[error("bytes {start}..{end} of a mapped file of {len} bytes are not rows of f32")]
    Range {
        /// First byte.
        start: usize,
        /// One past the last byte.
        end: usize,
        /// The length of the file.
        len: usize,
    },
}

/// `n × dim` rows of f32, row-major, owned (64-byte aligned) or a read-only map of a file. Cloning a map is cheap.
#[derive(Clone)]
pub struct Vectors {
    store: Store,
    rows: usize,
    dim: usize,
}

#[derive(Clone)]
enum Store {
    Owned(Aligned),
    Mapped { map: Arc<Mmap>, start: usize },
}

/// A cache line of f32: the unit of allocation that makes owned rows 64-byte aligned.
#[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C, align(64))]
struct Line([f32; 16]);

#[derive(Clone, Default)]
struct Aligned {
    lines: Vec<Line>,
}

impl Aligned {
    fn zeros(len: usize) -> Self {
        Self { lines: vec![Line([0.0; 16]); len.div_ceil(16)] }
    }
}

impl Vectors {
    /// `rows × dim` zeros.
    #[must_use]
    pub fn zeros(rows: usize, dim: usize) -> Self {
        Self { store: Store::Owned(Aligned::zeros(rows * dim)), rows, dim }
    }

    /// Copies `values` (row-major) into aligned rows.
    ///
    /// # Errors
    /// [`ShapeError::Ragged`] when the length is not a multiple of `dim` (`dim` 0 takes no values).
    pub fn from_slice(values: &[f32], dim: usize) -> Result<Self, ShapeError> {
        let rows = rows_of(values.len(), dim)?;
        let mut out = Self::zeros(rows, dim);
        out.as_mut_slice().copy_from_slice(values);
        Ok(out)
    }

    /// Rows from an iterator of equally long slices.
    ///
    /// # Errors
    /// [`ShapeError::Ragged`] at the first row of another length.
    pub fn from_rows<'a>(rows: impl IntoIterator<Item = &'a [f32]>) -> Result<Self, ShapeError> {
        let mut flat = Vec::new();
        let mut dim = None;
        for row in rows {
            let d = *dim.get_or_insert(row.len());
            if row.len() != d {
                return Err(ShapeError::Ragged { values: row.len(), dim: d });
            }
            flat.extend_from_slice(row);
        }
        Self::from_slice(&flat, dim.unwrap_or(0))
    }

    /// Rows that stay in a mapped file: `rows × dim` little-endian f32 from byte `start`.
    ///
    /// # Errors
    /// [`ShapeError::Range`] when the bytes are not all in the file, or the start is not aligned to four.
    pub fn from_map(map: Arc<Mmap>, start: usize, rows: usize, dim: usize) -> Result<Self, ShapeError> {
        let end = rows.checked_mul(dim).and_then(|v| v.checked_mul(4)).and_then(|v| v.checked_add(start));
        match end {
            Some(end) if end <= map.len() && (map.as_ptr() as usize + start).is_multiple_of(4) => {
                Ok(Self { store: Store::Mapped { map, start }, rows, dim })
            }
            _ => Err(ShapeError::Range { start, end: end.unwrap_or(usize::MAX), len: map.len() }),
        }
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many values a row has.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// All values, row after row.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        let len = self.rows * self.dim;
        match &self.store {
            Store::Owned(a) => &bytemuck::cast_slice::<Line, f32>(&a.lines)[..len],
            Store::Mapped { map, start } => bytemuck::cast_slice(&map[*start..*start + len * 4]),
        }
    }

    /// All values, to be changed. A mapped set is copied into memory first.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        let len = self.rows * self.dim;
        if let Store::Mapped { .. } = self.store {
            let mut owned = Aligned::zeros(len);
            bytemuck::cast_slice_mut::<Line, f32>(&mut owned.lines)[..len].copy_from_slice(self.as_slice());
            self.store = Store::Owned(owned);
        }
        match &mut self.store {
            Store::Owned(a) => &mut bytemuck::cast_slice_mut::<Line, f32>(&mut a.lines)[..len],
            Store::Mapped { .. } => &mut [],
        }
    }

    /// Row `i`. Panics when there is no such row, as slices do.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f32] {
        &self.as_slice()[i * self.dim..(i + 1) * self.dim]
    }

    /// Row `i`, to be changed.
    pub fn row_mut(&mut self, i: usize) -> &mut [f32] {
        let dim = self.dim;
        &mut self.as_mut_slice()[i * dim..(i + 1) * dim]
    }

    /// Every row in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f32]> + Clone {
        self.view().iter()
    }

    /// A copy of the rows with these numbers, in that order. Panics when there is no such row, as slices do.
    #[must_use]
    pub fn picked(&self, rows: impl ExactSizeIterator<Item = usize>) -> Self {
        self.view().picked(rows)
    }

    /// A borrowed view of all rows.
    #[must_use]
    pub fn view(&self) -> VectorsRef<'_> {
        VectorsRef { values: self.as_slice(), rows: self.rows, dim: self.dim }
    }

    /// Scales each row to unit length; a zero row stays zero.
    pub fn normalize(&mut self) {
        let dim = self.dim;
        if dim > 0 {
            self.as_mut_slice().chunks_exact_mut(dim).for_each(normalize);
        }
    }

    /// Whether the rows are a map of a file rather than memory of our own.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        matches!(self.store, Store::Mapped { .. })
    }
}

impl std::fmt::Debug for Vectors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vectors({} × {}{})", self.rows, self.dim, if self.is_mapped() { ", mapped" } else { "" })
    }
}

/// A borrowed view of [`Vectors`], or of any slice that holds rows.
#[derive(Clone, Copy, Debug)]
pub struct VectorsRef<'a> {
    values: &'a [f32],
    rows: usize,
    dim: usize,
}

impl<'a> VectorsRef<'a> {
    /// Sees `values` as rows of `dim`.
    ///
    /// # Errors
    /// [`ShapeError::Ragged`] when the length is not a multiple of `dim`.
    pub fn new(values: &'a [f32], dim: usize) -> Result<Self, ShapeError> {
        Ok(Self { values, rows: rows_of(values.len(), dim)?, dim })
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many values a row has.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// All values, row after row.
    #[must_use]
    pub fn as_slice(&self) -> &'a [f32] {
        self.values
    }

    /// Row `i`. Panics when there is no such row, as slices do.
    #[must_use]
    pub fn row(&self, i: usize) -> &'a [f32] {
        &self.values[i * self.dim..(i + 1) * self.dim]
    }

    /// Rows `start..end`.
    #[must_use]
    pub fn slice(&self, start: usize, end: usize) -> Self {
        Self { values: &self.values[start * self.dim..end * self.dim], rows: end - start, dim: self.dim }
    }

    /// A copy of the rows with these numbers, in that order. Panics when there is no such row, as slices do.
    #[must_use]
    pub fn picked(&self, rows: impl ExactSizeIterator<Item = usize>) -> Vectors {
        let mut out = Vectors::zeros(rows.len(), self.dim);
        rows.enumerate().for_each(|(to, from)| out.row_mut(to).copy_from_slice(self.row(from)));
        out
    }

    /// Every row in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a [f32]> + Clone {
        (0..self.rows).map(move |i| self.row(i))
    }

    /// The first value that is NaN or infinite, as (row, column).
    #[must_use]
    pub fn first_non_finite(&self) -> Option<(usize, usize)> {
        self.values.iter().position(|v| !v.is_finite()).map(|p| (p / self.dim, p % self.dim))
    }
}

/// Scales a row to unit length; a zero row stays zero.
pub fn normalize(row: &mut [f32]) {
    let norm = row.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt();
    if norm > 0.0 && norm.is_finite() {
        // In f64 where the factor itself leaves the range of f32.
        let scale = (1.0 / norm) as f32;
        if scale.is_normal() {
            row.iter_mut().for_each(|v| *v *= scale);
        } else {
            row.iter_mut().for_each(|v| *v = (f64::from(*v) / norm) as f32);
        }
    }
}

fn rows_of(values: usize, dim: usize) -> Result<usize, ShapeError> {
    match (values, dim) {
        (0, _) => Ok(0),
        (_, 0) => Err(ShapeError::Ragged { values, dim }),
        _ if !values.is_multiple_of(dim) => Err(ShapeError::Ragged { values, dim }),
        _ => Ok(values / dim),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_aligned_and_kept() {
        let v = Vectors::from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3).unwrap();
        assert_eq!(v.as_slice().as_ptr() as usize % 64, 0);
        assert_eq!((v.rows(), v.dim()), (2, 3));
        assert_eq!(v.row(1), &[4.0, 5.0, 6.0]);
        assert_eq!(v.iter().len(), 2);
    }

    #[test]
    fn ragged_values_are_refused() {
        assert_eq!(Vectors::from_slice(&[1.0; 5], 2).unwrap_err(), ShapeError::Ragged { values: 5, dim: 2 });
        assert!(Vectors::from_rows([&[1.0, 2.0][..], &[3.0][..]]).is_err());
    }

    #[test]
    fn normalize_leaves_zero_rows() {
        let mut v = Vectors::from_slice(&[3.0, 4.0, 0.0, 0.0], 2).unwrap();
        v.normalize();
        assert_eq!(v.as_slice(), &[0.6, 0.8, 0.0, 0.0]);
    }

    #[test]
    fn non_finite_is_located() {
        let v = Vectors::from_slice(&[1.0, 2.0, 3.0, f32::NAN], 2).unwrap();
        assert_eq!(v.view().first_non_finite(), Some((1, 1)));
    }
}
