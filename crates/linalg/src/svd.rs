//! The singular value decomposition.

use crate::{Error, Mat, Result};

/// `a = u · diag(s) · vt` with `r = min(rows, cols)` singular values.
#[derive(Clone, Debug, PartialEq)]
pub struct Svd {
    /// rows × r, orthonormal columns.
    pub u: Mat,
    /// r values, descending, not negative.
    pub s: Vec<f64>,
    /// r × cols, orthonormal rows.
    pub vt: Mat,
}

/// The thin singular value decomposition. O(rows · cols · min(rows, cols)).
///
/// # Errors
/// [`Error::NonFinite`], [`Error::NoConvergence`].
pub fn svd_thin(a: &Mat) -> Result<Svd> {
    a.check_finite()?;
    let r = a.rows.min(a.cols);
    if r == 0 {
        return Ok(Svd { u: Mat::zeros(a.rows, 0), s: vec![], vt: Mat::zeros(0, a.cols) });
    }
    let d = a.view().thin_svd().map_err(|_| Error::NoConvergence("singular value"))?;
    let s = d.S().column_vector();
    Ok(Svd { u: Mat::from_view(d.U()), s: (0..r).map(|i| s[i]).collect(), vt: Mat::from_view(d.V().transpose()) })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{matmul, transpose};
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};

    pub(crate) fn random(rows: usize, cols: usize, seed: u64) -> Mat {
        let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(seed);
        Mat::from_fn(rows, cols, |_, _| rng.random_range(-1.0..1.0))
    }

    pub(crate) fn close(a: &Mat, b: &Mat, tol: f64) -> bool {
        a.shape() == b.shape() && a.data.iter().zip(&b.data).all(|(x, y)| (x - y).abs() <= tol)
    }

    #[test]
    fn not_finite_is_refused() {
        let a = Mat::new(1, 2, vec![1.0, f64::INFINITY]).unwrap();
        assert_eq!(svd_thin(&a).unwrap_err(), Error::NonFinite { row: 0, col: 1 });
    }

    proptest! {
        #[test]
        fn factors_rebuild_and_are_orthonormal(m in 1usize..20, n in 1usize..20, seed in any::<u64>()) {
            let a = random(m, n, seed);
            let d = svd_thin(&a).unwrap();
            let r = m.min(n);
            prop_assert!(d.s.windows(2).all(|w| w[0] >= w[1]) && d.s[r - 1] >= 0.0);
            let us = Mat::from_fn(m, r, |i, j| d.u.at(i, j) * d.s[j]);
            prop_assert!(close(&matmul(&us, &d.vt).unwrap(), &a, 1e-11));
            prop_assert!(close(&matmul(&transpose(&d.u), &d.u).unwrap(), &Mat::identity(r), 1e-11));
            prop_assert!(close(&matmul(&d.vt, &transpose(&d.vt)).unwrap(), &Mat::identity(r), 1e-11));
        }
    }
}
