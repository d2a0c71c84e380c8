//! The matrix, and the ways to and from faer's.

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{MatMut, MatRef, Par};

use crate::{Error, Result};

/// A dense row-major matrix of f64.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Mat {
    /// How many rows.
    pub rows: usize,
    /// How many columns.
    pub cols: usize,
    /// `rows × cols` values, row after row.
    pub data: Vec<f64>,
}

impl Mat {
    /// `rows × cols` zeros.
    #[must_use]
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }

    /// The identity of size `n`.
    #[must_use]
    pub fn identity(n: usize) -> Self {
        Self::from_fn(n, n, |i, j| if i == j { 1.0 } else { 0.0 })
    }

    /// Takes `rows × cols` values, row after row.
    ///
    /// # Errors
    /// [`Error::Ragged`] when their number is another.
    pub fn new(rows: usize, cols: usize, data: Vec<f64>) -> Result<Self> {
        if rows.checked_mul(cols) == Some(data.len()) {
            Ok(Self { rows, cols, data })
        } else {
            Err(Error::Ragged { values: data.len(), rows, cols })
        }
    }

    /// Each value from its row and column.
    #[must_use]
    pub fn from_fn(rows: usize, cols: usize, mut f: impl FnMut(usize, usize) -> f64) -> Self {
        let mut data = Vec::with_capacity(rows * cols);
        for i in 0..rows {
            data.extend((0..cols).map(|j| f(i, j)));
        }
        Self { rows, cols, data }
    }

    /// Row `i`. Panics when there is no such row, as slices do.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f64] {
        &self.data[i * self.cols..(i + 1) * self.cols]
    }

    /// Row `i`, to be changed.
    pub fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.data[i * self.cols..(i + 1) * self.cols]
    }

    /// The value at row `i`, column `j`.
    #[must_use]
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.row(i)[j]
    }

    /// (rows, columns).
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        (self.rows, self.cols)
    }

    pub(crate) fn view(&self) -> MatRef<'_, f64> {
        MatRef::from_row_major_slice(&self.data, self.rows, self.cols)
    }

    pub(crate) fn from_view(m: MatRef<'_, f64>) -> Self {
        Self::from_fn(m.nrows(), m.ncols(), |i, j| m[(i, j)])
    }

    /// Refuses a matrix with NaN or infinite values: faer's iterations may not end on them.
    pub(crate) fn check_finite(&self) -> Result<()> {
        match self.data.iter().position(|v| !v.is_finite()) {
            Some(p) => Err(Error::NonFinite { row: p / self.cols, col: p % self.cols }),
            None => Ok(()),
        }
    }

    pub(crate) fn check_square(&self) -> Result<()> {
        if self.rows == self.cols { Ok(()) } else { Err(Error::NotSquare { rows: self.rows, cols: self.cols }) }
    }
}

/// `a · b`.
///
/// # Errors
/// [`Error::Shape`] when `a`'s columns are not `b`'s rows.
pub fn matmul(a: &Mat, b: &Mat) -> Result<Mat> {
    if a.cols != b.rows {
        return Err(Error::Shape { operation: "a product", left: a.shape(), right: b.shape() });
    }
    let mut c = Mat::zeros(a.rows, b.cols);
    let out = MatMut::from_row_major_slice_mut(&mut c.data, a.rows, b.cols);
    faer::linalg::matmul::matmul(out, faer::Accum::Replace, a.view(), b.view(), 1.0, Par::Seq);
    Ok(c)
}

/// `aᵀ · b`.
///
/// # Errors
/// [`Error::Shape`] when the two have not equally many rows.
pub fn matmul_tn(a: &Mat, b: &Mat) -> Result<Mat> {
    if a.rows != b.rows {
        return Err(Error::Shape { operation: "a product of a transpose", left: a.shape(), right: b.shape() });
    }
    let mut c = Mat::zeros(a.cols, b.cols);
    let out = MatMut::from_row_major_slice_mut(&mut c.data, a.cols, b.cols);
    faer::linalg::matmul::matmul(out, faer::Accum::Replace, a.view().transpose(), b.view(), 1.0, Par::Seq);
    Ok(c)
}

/// Adds `xᵀ · x` to the lower triangle of `sum`: the step of a covariance over blocks of rows. [`mirror`] completes it.
///
/// # Errors
/// [`Error::Shape`] when `sum` is not as large as `x` has columns.
pub fn add_gram(sum: &mut Mat, x: &Mat) -> Result<()> {
    if sum.shape() != (x.cols, x.cols) {
        return Err(Error::Shape { operation: "a sum of squares", left: sum.shape(), right: x.shape() });
    }
    let n = x.cols;
    let out = MatMut::from_row_major_slice_mut(&mut sum.data, n, n);
    let (lower, full) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
    triangular::matmul(out, lower, faer::Accum::Add, x.view().transpose(), full, x.view(), full, 1.0, Par::Seq);
    Ok(())
}

/// Copies the lower triangle onto the upper.
pub fn mirror(a: &mut Mat) {
    for i in 0..a.rows.min(a.cols) {
        for j in i + 1..a.cols.min(a.rows) {
            a.data[i * a.cols + j] = a.data[j * a.cols + i];
        }
    }
}

/// Rows become columns.
#[must_use]
pub fn transpose(a: &Mat) -> Mat {
    Mat::from_fn(a.cols, a.rows, |i, j| a.at(j, i))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_product_by_hand() {
        let a = Mat::new(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        assert_eq!(matmul(&a, &transpose(&a)).unwrap().data, [14.0, 32.0, 32.0, 77.0]);
        assert!(matches!(matmul(&a, &a), Err(Error::Shape { .. })));
        assert!(matches!(Mat::new(2, 2, vec![1.0]), Err(Error::Ragged { .. })));
    }

    #[test]
    fn products_of_a_transpose_and_sums_of_squares() {
        let a = Mat::new(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        let want = matmul(&transpose(&a), &a).unwrap();
        assert_eq!(matmul_tn(&a, &a).unwrap(), want);
        let mut sum = Mat::identity(3);
        add_gram(&mut sum, &a).unwrap();
        mirror(&mut sum);
        assert_eq!(sum, Mat::from_fn(3, 3, |i, j| want.at(i, j) + f64::from(u8::from(i == j))));
    }

    #[test]
    fn empty_matrices_multiply() {
        let c = matmul(&Mat::zeros(3, 0), &Mat::zeros(0, 2)).unwrap();
        assert_eq!(c, Mat::zeros(3, 2));
    }
}
