//! Finds the components.

use rand::RngExt;
use rayon::prelude::*;
use vectory_linalg::{Mat, eigen_symmetric, matmul, matmul_tn, qr_thin, transpose};

use super::{BLOCK, Pca, PcaParams};
use crate::linalg::moments::{copy, covariance};
use crate::linalg::{LinalgError, check_finite};
use crate::{Context, Vectors, VectorsRef, rng};

/// Directions sampled beyond those that are kept.
const OVERSAMPLING: usize = 10;

impl Pca {
    /// Fits components to rows.
    ///
    /// ```
    /// use vectory_core::{Context, Vectors, linalg::{Pca, PcaParams}};
    /// let rows = Vectors::from_slice(&[1.0, 2.0, 2.0, 4.0, 3.0, 6.0], 2)?;
    /// let pca = Pca::fit(rows.view(), &PcaParams { dims: 1, ..Default::default() }, &Context::new(1, 1)?)?;
    /// assert!((pca.explained()[0] - 1.0).abs() < 1e-9);
    /// assert_eq!(pca.apply(rows.view()).dim(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`LinalgError::Param`], [`LinalgError::TooFew`] below two rows, [`LinalgError::NonFinite`],
    /// [`LinalgError::Cancelled`].
    pub fn fit(rows: VectorsRef<'_>, params: &PcaParams, ctx: &Context) -> Result<Self, LinalgError> {
        params.check(rows.dim())?;
        if rows.rows() < 2 {
            return Err(LinalgError::TooFew { needed: 2, rows: rows.rows() });
        }
        if params.randomized(rows.dim()) { Self::randomized(rows, params, ctx) } else { Self::exact(rows, params, ctx) }
    }

    fn exact(rows: VectorsRef<'_>, params: &PcaParams, ctx: &Context) -> Result<Self, LinalgError> {
        let (mean, covariance) = covariance(rows, ctx)?;
        let total_variance = (0..covariance.rows).map(|i| covariance.at(i, i)).sum();
        let eigen = eigen_symmetric(&covariance)?;
        Ok(Self::new(mean, &eigen.vectors, eigen.values, total_variance, params))
    }

    /// The range of the covariance from its products with a few random directions, then its exact components in there.
    fn randomized(rows: VectorsRef<'_>, params: &PcaParams, ctx: &Context) -> Result<Self, LinalgError> {
        check_finite(rows)?;
        let (mean, total_variance) = mean_and_variance(rows);
        let width = (params.dims + OVERSAMPLING).min(rows.dim());
        let mut r = rng::stream(ctx.seed, "pca");
        let mut basis = Mat::from_fn(rows.dim(), width, |_, _| r.random_range(-1.0..1.0));
        for _ in 0..=params.iterations {
            basis = qr_thin(&times_covariance(rows, &mean, &basis, ctx)?)?.q;
        }
        let mut inner = matmul_tn(&basis, &times_covariance(rows, &mean, &basis, ctx)?)?;
        // Symmetric but for rounding.
        inner = Mat::from_fn(width, width, |i, j| 0.5 * (inner.at(i, j) + inner.at(j, i)));
        let eigen = eigen_symmetric(&inner)?;
        let vectors = matmul(&eigen.vectors, &transpose(&basis))?;
        Ok(Self::new(mean, &vectors, eigen.values, total_variance, params))
    }

    fn new(mean: Vec<f64>, vectors: &Mat, mut variances: Vec<f64>, total_variance: f64, params: &PcaParams) -> Self {
        let mut components = Vectors::zeros(params.dims, mean.len());
        for i in 0..params.dims {
            let row = vectors.row(i);
            // The eigenvectors of a projection lose their sign convention on the way back.
            let top = row.iter().fold(0.0f64, |m, v| if v.abs() > m.abs() + 1e-12 { *v } else { m });
            let sign = if top < 0.0 { -1.0 } else { 1.0 };
            components.row_mut(i).iter_mut().zip(row).for_each(|(c, v)| *c = (sign * v) as f32);
        }
        variances.truncate(params.dims);
        variances.iter_mut().for_each(|v| *v = v.max(0.0));
        let mean = mean.iter().map(|v| *v as f32).collect();
        Self { mean, components, variances, total_variance, whiten: params.whiten }
    }
}

/// The mean of the rows, and their variance over all dimensions.
fn mean_and_variance(rows: VectorsRef<'_>) -> (Vec<f64>, f64) {
    let (n, mut mean) = (rows.rows() as f64, vec![0.0; rows.dim()]);
    rows.iter().for_each(|r| mean.iter_mut().zip(r).for_each(|(m, v)| *m += f64::from(*v) / n));
    let off = |r: &[f32]| r.iter().zip(&mean).map(|(v, m)| (f64::from(*v) - m).powi(2)).sum::<f64>();
    let variance = rows.iter().map(off).sum::<f64>() / n;
    (mean, variance)
}

/// covariance · basis without the covariance: Σ (x − mean) ((x − mean)ᵀ basis) / n, block by block, added in order.
fn times_covariance(rows: VectorsRef<'_>, mean: &[f64], basis: &Mat, ctx: &Context) -> Result<Mat, LinalgError> {
    let mut sum = Mat::zeros(basis.rows, basis.cols);
    let wave = BLOCK * 8;
    for start in (0..rows.rows()).step_by(wave) {
        ctx.check()?;
        let ends: Vec<usize> = (start..rows.rows().min(start + wave)).step_by(BLOCK).collect();
        let product = |from: &usize| {
            let part = rows.slice(*from, rows.rows().min(from + BLOCK));
            let mut x = Mat::zeros(part.rows(), part.dim());
            for i in 0..x.rows {
                copy(part.row(i), x.row_mut(i));
                x.row_mut(i).iter_mut().zip(mean).for_each(|(v, m)| *v -= m);
            }
            Ok::<_, LinalgError>(matmul_tn(&x, &matmul(&x, basis)?)?)
        };
        let parts: Vec<Mat> = ctx.pool().install(|| ends.par_iter().map(product).collect::<Result<_, _>>())?;
        for p in parts {
            sum.data.iter_mut().zip(&p.data).for_each(|(s, v)| *s += v / rows.rows() as f64);
        }
    }
    Ok(sum)
}
