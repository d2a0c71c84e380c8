//! QR by Householder reflections.

use crate::{Mat, Result};

/// `a = q · r`.
#[derive(Clone, Debug, PartialEq)]
pub struct Qr {
    /// rows × min(rows, cols), orthonormal columns.
    pub q: Mat,
    /// min(rows, cols) × cols, upper triangular.
    pub r: Mat,
}

/// The thin QR decomposition. O(rows · cols²).
///
/// # Errors
/// [`Error::NonFinite`](crate::Error::NonFinite).
pub fn qr_thin(a: &Mat) -> Result<Qr> {
    a.check_finite()?;
    let k = a.rows.min(a.cols);
    if k == 0 {
        return Ok(Qr { q: Mat::zeros(a.rows, 0), r: Mat::zeros(0, a.cols) });
    }
    let d = a.view().qr();
    Ok(Qr { q: Mat::from_view(d.compute_thin_Q().as_ref()), r: Mat::from_view(d.thin_R()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svd::tests::{close, random};
    use crate::{matmul, transpose};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn factors_rebuild(m in 1usize..20, n in 1usize..20, seed in any::<u64>()) {
            let a = random(m, n, seed);
            let d = qr_thin(&a).unwrap();
            prop_assert!(close(&matmul(&d.q, &d.r).unwrap(), &a, 1e-12));
            prop_assert!(close(&matmul(&transpose(&d.q), &d.q).unwrap(), &Mat::identity(m.min(n)), 1e-12));
            for i in 0..d.r.rows {
                prop_assert!(d.r.row(i)[..i.min(n)].iter().all(|v| *v == 0.0));
            }
        }
    }
}
