//! Sparse matrices in rows (CSR): counts, weights of terms, adjacency.

use crate::repr::SparseRef;
use crate::{Cancelled, Context, Vectors, VectorsRef, simd};
use rayon::prelude::*;

/// Rows that one task multiplies.
const ROWS: usize = 256;

/// A sparse matrix that lies elsewhere, in memory or mapped: row `i` has the entries `offsets[i]..offsets[i + 1]`.
#[derive(Clone, Copy, Debug)]
pub struct CsrRef<'a> {
    /// One more than the rows, ascending from 0.
    pub offsets: &'a [u64],
    /// The columns of all rows, ascending within a row.
    pub columns: &'a [u32],
    /// One value a column.
    pub values: &'a [f32],
    /// How many columns there are.
    pub cols: usize,
}

/// A sparse matrix in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Csr {
    /// As in [`CsrRef`].
    pub offsets: Vec<u64>,
    /// As in [`CsrRef`].
    pub columns: Vec<u32>,
    /// As in [`CsrRef`].
    pub values: Vec<f32>,
    /// How many columns there are.
    pub cols: usize,
}

impl Csr {
    /// A matrix without rows yet.
    #[must_use]
    pub fn new(cols: usize) -> Self {
        Self { offsets: vec![0], columns: vec![], values: vec![], cols }
    }

    /// Appends a row; columns ascending.
    pub fn push_row(&mut self, row: impl IntoIterator<Item = (u32, f32)>) {
        for (column, value) in row {
            self.columns.push(column);
            self.values.push(value);
        }
        self.offsets.push(self.columns.len() as u64);
    }

    /// Borrowed.
    #[must_use]
    pub fn view(&self) -> CsrRef<'_> {
        CsrRef { offsets: &self.offsets, columns: &self.columns, values: &self.values, cols: self.cols }
    }
}

impl<'a> CsrRef<'a> {
    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// How many entries are kept.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.columns.len()
    }

    /// One row. Panics past the end, as slices do.
    #[must_use]
    pub fn row(&self, i: usize) -> SparseRef<'a> {
        let (start, end) = (self.offsets[i] as usize, self.offsets[i + 1] as usize);
        SparseRef { dims: &self.columns[start..end], weights: &self.values[start..end] }
    }

    /// Sums of the rows and of the columns, in f64, in the order of the entries.
    #[must_use]
    pub fn sums(&self) -> (Vec<f64>, Vec<f64>) {
        let (mut rows, mut cols) = (vec![0.0; self.rows()], vec![0.0; self.cols]);
        for (i, sum) in rows.iter_mut().enumerate() {
            let row = self.row(i);
            for (j, v) in row.dims.iter().zip(row.weights) {
                *sum += f64::from(*v);
                cols[*j as usize] += f64::from(*v);
            }
        }
        (rows, cols)
    }

    /// Rows become columns. O(entries).
    #[must_use]
    pub fn transposed(&self) -> Csr {
        let mut offsets = vec![0u64; self.cols + 1];
        self.columns.iter().for_each(|j| offsets[*j as usize + 1] += 1);
        for j in 0..self.cols {
            offsets[j + 1] += offsets[j];
        }
        let mut next = offsets.clone();
        let mut out =
            Csr { columns: vec![0; self.entries()], values: vec![0.0; self.entries()], cols: self.rows(), offsets };
        for i in 0..self.rows() {
            let row = self.row(i);
            for (j, v) in row.dims.iter().zip(row.weights) {
                let at = &mut next[*j as usize];
                (out.columns[*at as usize], out.values[*at as usize]) = (i as u32, *v);
                *at += 1;
            }
        }
        out
    }

    /// The product with a dense matrix of as many rows as this has columns, on `ctx`'s pool. O(entries · d).
    ///
    /// # Errors
    /// When interrupted. Panics when the shapes do not fit.
    pub fn times(&self, x: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, Cancelled> {
        assert_eq!(x.rows(), self.cols, "{} rows do not multiply with {} columns", x.rows(), self.cols);
        let (mut out, dim) = (Vectors::zeros(self.rows(), x.dim()), x.dim());
        if dim == 0 {
            return Ok(out);
        }
        ctx.pool().install(|| {
            out.as_mut_slice().par_chunks_mut(dim * ROWS).enumerate().try_for_each(|(block, rows)| {
                ctx.check()?;
                for (i, to) in rows.chunks_exact_mut(dim).enumerate() {
                    let row = self.row(block * ROWS + i);
                    row.dims.iter().zip(row.weights).for_each(|(j, v)| simd::axpy(*v, x.row(*j as usize), to));
                }
                Ok(())
            })
        })?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Csr {
        let mut m = Csr::new(3);
        m.push_row([(0, 1.0), (2, 2.0)]);
        m.push_row([]);
        m.push_row([(1, 3.0), (2, 4.0)]);
        m.push_row([(0, 5.0)]);
        m
    }

    #[test]
    fn products_sums_and_transposes_agree_with_the_dense_matrix() {
        let (m, ctx) = (small(), Context::new(1, 2).unwrap());
        let dense = [[1.0, 0.0, 2.0], [0.0, 0.0, 0.0], [0.0, 3.0, 4.0], [5.0, 0.0, 0.0]];
        let x = Vectors::from_slice(&[1.0, -1.0, 2.0, 0.5, 3.0, 0.0], 2).unwrap();
        let got = m.view().times(x.view(), &ctx).unwrap();
        for (i, row) in dense.iter().enumerate() {
            for c in 0..2 {
                let want: f32 = (0..3).map(|j| row[j] * x.row(j)[c]).sum();
                assert_eq!(got.row(i)[c], want);
            }
        }
        let t = m.view().transposed();
        for (i, row) in dense.iter().enumerate() {
            for (j, want) in row.iter().enumerate() {
                let r = t.view().row(j);
                let got = r.dims.iter().position(|d| *d as usize == i).map_or(0.0, |at| r.weights[at]);
                assert_eq!(got, *want);
            }
        }
        assert_eq!(t.view().transposed(), m);
        assert_eq!(m.view().sums(), (vec![3.0, 0.0, 7.0, 5.0], vec![6.0, 3.0, 6.0]));
    }
}
