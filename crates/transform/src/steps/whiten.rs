//! Whitening: the covariance becomes the identity.
//!
//! ZCA stays closest to the rows as they were; PCA whitening sorts the dimensions by the variance they had (so that it can be
//! truncated after); Cholesky makes no use of a spectrum. With word frequencies as weights it is Zipfian whitening
//! (Yokoi, Bao, Kurita and Shimodaira, *Zipfian Whitening*, 2024): sums of such word vectors make better sentence vectors, and
//! squared lengths follow the information of words. Directions without variance come out as 0.

use serde::{Deserialize, Serialize};
use vectory_core::{Context, VectorsRef};
use vectory_linalg::{Eigen, Mat, eigen_symmetric, matmul, qr_thin, transpose};

use super::{Weighting, moments, power};
use crate::models::{Affine, narrow, rows_of};
use crate::{FitTransform, Side, Transform, TransformError};

/// Which of the maps that whiten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Σ^(−1/2).
    #[default]
    Zca,
    /// Λ^(−1/2) Uᵀ: principal components at unit variance.
    Pca,
    /// Lᵀ with L Lᵀ = Σ^(−1).
    Cholesky,
}

/// How a covariance of few rows is drawn towards a multiple of the identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shrink {
    /// Not at all.
    #[default]
    None,
    /// Ledoit and Wolf 2004.
    Ledoit,
    /// Chen, Wiesel, Eldar and Hero 2010.
    Oas,
}

/// `whiten`, `whiten:zipf`, `whiten:pca,dims=128`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Whiten {
    /// Which map.
    pub kind: Kind,
    /// How much each row counts.
    pub weights: Weighting,
    /// Of PCA whitening: components kept (0: all).
    pub dims: usize,
    /// Directions with a smaller share of the largest deviation come out as 0 (0 to 1).
    pub floor: f64,
    /// Shrinkage of the covariance.
    pub shrink: Shrink,
}

impl Default for Whiten {
    fn default() -> Self {
        Self { kind: Kind::Zca, weights: Weighting::Uniform, dims: 0, floor: 1e-5, shrink: Shrink::None }
    }
}

impl FitTransform for Whiten {
    fn check(&self) -> Result<(), TransformError> {
        if !(0.0..1.0).contains(&self.floor) {
            return Err(TransformError::param("floor", self.floor, "at least 0 and below 1"));
        }
        if self.dims > 0 && self.kind != Kind::Pca {
            return Err(TransformError::param("dims", self.dims, "absent but for `whiten:pca`"));
        }
        if self.shrink != Shrink::None && self.weights != Weighting::Uniform {
            return Err(TransformError::param("shrink", "given", "absent with weights"));
        }
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        if rows.rows() < 2 {
            return Err(TransformError::TooFew { needed: 2, rows: rows.rows() });
        }
        let (mean, mut spread) = moments(rows, self.weights, side, ctx)?;
        if spread.data.iter().any(|v| !v.is_finite()) {
            return Err(TransformError::param("rows", "too large to square", "of values whose squares are finite"));
        }
        let share = shrinkage(self.shrink, rows, &mean, &spread);
        shrink(&mut spread, share);
        let eigen = eigen_symmetric(&spread)?;
        if eigen.values.first().is_none_or(|v| *v <= 0.0) {
            return Err(TransformError::param("rows", "all the same", "rows that differ"));
        }
        let (forth, back) = self.maps(&spread, &eigen)?;
        Ok(Box::new(Affine::linear(narrow(&mean), rows_of(&forth), Some(rows_of(&back)))))
    }
}

impl Whiten {
    /// (out × in, in × out).
    fn maps(&self, spread: &Mat, eigen: &Eigen) -> Result<(Mat, Mat), TransformError> {
        match self.kind {
            Kind::Zca => Ok((power(eigen, -0.5, self.floor)?, power(eigen, 0.5, self.floor)?)),
            Kind::Pca => {
                let top = eigen.values[0];
                let kept = eigen.values.iter().filter(|v| **v > top * self.floor * self.floor).count();
                let dims = if self.dims == 0 { eigen.values.len() } else { self.dims };
                super::at_most("dims", dims, eigen.values.len(), "the dimensions of the rows")?;
                let root = |i: usize| if i < kept { eigen.values[i].sqrt() } else { 0.0 };
                let inverse = |i: usize| if i < kept { 1.0 / root(i) } else { 0.0 };
                let forth = Mat::from_fn(dims, spread.rows, |i, j| inverse(i) * eigen.vectors.at(i, j));
                let back = Mat::from_fn(spread.rows, dims, |j, i| root(i) * eigen.vectors.at(i, j));
                Ok((forth, back))
            }
            Kind::Cholesky => self.cholesky(spread, eigen),
        }
    }

    /// Σ^(−1) = W Wᵀ with W = Σ^(−1/2): the R of Wᵀ = Q R is Lᵀ up to signs.
    fn cholesky(&self, spread: &Mat, eigen: &Eigen) -> Result<(Mat, Mat), TransformError> {
        let (top, low) = (eigen.values[0], eigen.values.last().copied().unwrap_or(0.0));
        if low <= top * self.floor * self.floor {
            return Err(TransformError::param(
                "kind",
                "cholesky",
                "`zca` or `pca` for rows without variance in some direction",
            ));
        }
        let mut upper = qr_thin(&power(eigen, -0.5, 0.0)?)?.r;
        for i in 0..upper.rows {
            if upper.at(i, i) < 0.0 {
                upper.row_mut(i).iter_mut().for_each(|v| *v = -*v);
            }
        }
        // y = (x − m) L, so x − m = y L⁻¹ = y Lᵀ Σ.
        let back = transpose(&matmul(&upper, spread)?);
        Ok((upper, back))
    }
}

/// Draws a covariance towards the identity times its mean variance.
fn shrink(spread: &mut Mat, share: f64) {
    let d = spread.rows;
    let mean = (0..d).map(|i| spread.at(i, i)).sum::<f64>() / d.max(1) as f64;
    spread.data.iter_mut().for_each(|v| *v *= 1.0 - share);
    (0..d).for_each(|i| spread.row_mut(i)[i] += share * mean);
}

/// The share that a covariance (divided by n) is to be drawn towards the identity, 0 to 1.
#[must_use]
pub fn shrinkage(how: Shrink, rows: VectorsRef<'_>, mean: &[f64], spread: &Mat) -> f64 {
    let (n, d) = (rows.rows() as f64, spread.rows as f64);
    let trace = (0..spread.rows).map(|i| spread.at(i, i)).sum::<f64>();
    let squares: f64 = spread.data.iter().map(|v| v * v).sum();
    match how {
        Shrink::None => 0.0,
        Shrink::Oas => {
            let (alpha, mu) = (squares / (d * d), trace / d);
            let below = (n + 1.0) * (alpha - mu * mu / d);
            if below <= 0.0 { 1.0 } else { ((alpha + mu * mu) / below).min(1.0) }
        }
        Shrink::Ledoit => {
            let length = |r: &[f32]| r.iter().zip(mean).map(|(v, m)| (f64::from(*v) - m).powi(2)).sum::<f64>();
            let fourth: f64 = rows.iter().map(|r| length(r).powi(2)).sum();
            let beta = (fourth / n - squares) / (d * n);
            let delta = (squares - trace * trace / d) / d;
            if delta <= 0.0 { 0.0 } else { beta.clamp(0.0, delta) / delta }
        }
    }
}
