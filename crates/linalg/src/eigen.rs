//! The eigenvalues and eigenvectors of a symmetric matrix.

use faer::Side;

use crate::{Error, Mat, Result};

/// Eigenpairs, the largest value first.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen {
    /// Descending.
    pub values: Vec<f64>,
    /// Row `i` is the unit eigenvector of `values[i]`; its largest entry (by size) is positive.
    pub vectors: Mat,
}

/// Decomposes a symmetric matrix; only its lower triangle is read. O(n³).
///
/// # Errors
/// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::NoConvergence`].
pub fn eigen_symmetric(a: &Mat) -> Result<Eigen> {
    a.check_square()?;
    a.check_finite()?;
    let n = a.rows;
    if n == 0 {
        return Ok(Eigen { values: vec![], vectors: Mat::default() });
    }
    let e = a.view().self_adjoint_eigen(Side::Lower).map_err(|_| Error::NoConvergence("eigenvalue"))?;
    let (u, s) = (e.U(), e.S().column_vector());
    let values = (0..n).rev().map(|i| s[i]).collect();
    let mut vectors = Mat::from_fn(n, n, |i, j| u[(j, n - 1 - i)]);
    (0..n).for_each(|i| fix_sign(vectors.row_mut(i)));
    Ok(Eigen { values, vectors })
}

/// Makes the entry of largest size positive (the first of equals), so that the sign is not the library's accident.
pub(crate) fn fix_sign(row: &mut [f64]) {
    let largest = row.iter().fold(0.0f64, |m, v| if v.abs() > m.abs() + 1e-12 { *v } else { m });
    if largest < 0.0 {
        row.iter_mut().for_each(|v| *v = -*v);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{matmul, transpose};
    use proptest::prelude::*;

    #[test]
    fn two_by_two_by_hand() {
        let e = eigen_symmetric(&Mat::new(2, 2, vec![2.0, 1.0, 1.0, 2.0]).unwrap()).unwrap();
        assert!((e.values[0] - 3.0).abs() < 1e-14 && (e.values[1] - 1.0).abs() < 1e-14);
        let h = 0.5f64.sqrt();
        assert!((e.vectors.at(0, 0) - h).abs() < 1e-14 && (e.vectors.at(0, 1) - h).abs() < 1e-14);
    }

    #[test]
    fn bad_matrices_are_refused() {
        assert_eq!(eigen_symmetric(&Mat::zeros(2, 3)).unwrap_err(), Error::NotSquare { rows: 2, cols: 3 });
        let nan = Mat::new(2, 2, vec![1.0, 0.0, f64::NAN, 1.0]).unwrap();
        assert_eq!(eigen_symmetric(&nan).unwrap_err(), Error::NonFinite { row: 1, col: 0 });
    }

    proptest! {
        #[test]
        fn vectors_rebuild_the_matrix(n in 1usize..24, seed in any::<u64>()) {
            let g = crate::svd::tests::random(n, n, seed);
            let a = matmul(&g, &transpose(&g)).unwrap();
            let e = eigen_symmetric(&a).unwrap();
            prop_assert!(e.values.windows(2).all(|w| w[0] >= w[1]));
            let scaled = Mat::from_fn(n, n, |i, j| e.values[i] * e.vectors.at(i, j));
            let back = matmul(&transpose(&e.vectors), &scaled).unwrap();
            let scale = 1.0 + e.values[0].abs();
            prop_assert!(a.data.iter().zip(&back.data).all(|(x, y)| (x - y).abs() < 1e-11 * scale));
        }
    }
}
