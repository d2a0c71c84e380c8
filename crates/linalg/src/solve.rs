//! Linear systems with a symmetric positive definite matrix.

use faer::Side;
use faer::linalg::solvers::{Llt, LltError, Solve};

use crate::{Error, Mat, Result};

/// Solves `a · x = b` for symmetric positive definite `a` (n × n; its lower triangle is read) and any number of columns
/// in `b` (n × m). O(n³ + n² m).
///
/// # Errors
/// [`Error::NotSquare`], [`Error::Shape`], [`Error::NonFinite`]; [`Error::NotPositiveDefinite`] where a ridge would help.
pub fn cholesky_solve(a: &Mat, b: &Mat) -> Result<Mat> {
    a.check_square()?;
    if a.rows != b.rows {
        return Err(Error::Shape { operation: "a solve", left: a.shape(), right: b.shape() });
    }
    a.check_finite()?;
    b.check_finite()?;
    if b.data.is_empty() {
        return Ok(b.clone());
    }
    let factor = factorize(a)?;
    Ok(Mat::from_view(factor.solve(b.view()).as_ref()))
}

fn factorize(a: &Mat) -> Result<Llt<f64>> {
    a.view().llt(Side::Lower).map_err(|e| {
        let LltError::NonPositivePivot { index } = e;
        Error::NotPositiveDefinite { pivot: index }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svd::tests::{close, random};
    use crate::{matmul, transpose};
    use proptest::prelude::*;

    #[test]
    fn indefinite_is_refused() {
        let a = Mat::new(2, 2, vec![1.0, 2.0, 2.0, 1.0]).unwrap();
        let e = cholesky_solve(&a, &Mat::identity(2)).unwrap_err();
        assert!(matches!(e, Error::NotPositiveDefinite { .. }), "{e}");
        assert!(matches!(cholesky_solve(&a, &Mat::identity(3)), Err(Error::Shape { .. })));
    }

    proptest! {
        #[test]
        fn the_solution_solves(n in 1usize..20, m in 1usize..6, seed in any::<u64>()) {
            let g = random(n, n, seed);
            let mut a = matmul(&g, &transpose(&g)).unwrap();
            (0..n).for_each(|i| a.row_mut(i)[i] += 1.0);
            let b = random(n, m, seed ^ 1);
            let x = cholesky_solve(&a, &b).unwrap();
            prop_assert!(close(&matmul(&a, &x).unwrap(), &b, 1e-10));
        }
    }
}
