//! A linear map from one space into another, learned on items that both know.
//!
//! Moayeri, Rezaei, Sanjabi and Feizi, *Text-To-Concept (and Back) via Cross-Model Alignment*, 2023: affine least squares on
//! unlabelled items lets one model's index be asked in another's language. Ridge is that with a penalty; Procrustes allows a
//! rotation only (distances stay; Schönemann 1966), and its way back is exact.

use serde::{Deserialize, Serialize};
use vectory_core::linalg::{covariance, procrustes, ridge};
use vectory_core::{Context, Vectors, VectorsRef};
use vectory_linalg::{Mat, transpose};

use crate::models::{Affine, Map, narrow, rows_of};
use crate::{FitTransform, Side, Transform, TransformError};

/// Which maps are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Any linear map, penalised, with an intercept.
    #[default]
    Ridge,
    /// Any linear map, with an intercept.
    Affine,
    /// Rotations and reflections, with a scale and a shift.
    Procrustes,
}

/// `align`, `align:procrustes`, `align:ridge,lambda=0.01`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Align {
    /// Which maps are allowed.
    pub family: Family,
    /// Of ridge: the penalty, as a share of the mean variance of a dimension (0 or more).
    pub lambda: f64,
}

impl Default for Align {
    fn default() -> Self {
        Self { family: Family::Ridge, lambda: 1e-3 }
    }
}

impl FitTransform for Align {
    fn check(&self) -> Result<(), TransformError> {
        if !(self.lambda >= 0.0 && self.lambda.is_finite()) {
            return Err(TransformError::param("lambda", self.lambda, "0 or more, finite"));
        }
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        let targets = side.need_targets()?;
        if rows.rows() < 2 {
            return Err(TransformError::TooFew { needed: 2, rows: rows.rows() });
        }
        match self.family {
            Family::Procrustes => rotation(rows, targets, ctx),
            Family::Ridge => linear(rows, targets, self.lambda.max(1e-9), ctx),
            Family::Affine => linear(rows, targets, 1e-9, ctx),
        }
    }
}

fn linear(
    x: VectorsRef<'_>,
    y: VectorsRef<'_>,
    share: f64,
    ctx: &Context,
) -> Result<Box<dyn Transform>, TransformError> {
    let (_, spread) = covariance(x, ctx)?;
    let trace: f64 = (0..spread.rows).map(|i| spread.at(i, i)).sum();
    // A penalty of rounding's size keeps dependent dimensions solvable.
    let lambda = (share * trace / spread.rows.max(1) as f64 * x.rows() as f64).max(f64::MIN_POSITIVE);
    let fit = ridge(x, y, lambda, true, ctx)?;
    let forth = rows_of(&transpose(&fit.weights));
    let map = Map::Matrix { forth, back: None };
    Ok(Box::new(Affine { shift: vec![0.0; x.dim()], map, bias: narrow(&fit.intercept) }))
}

fn rotation(x: VectorsRef<'_>, y: VectorsRef<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
    let (dx, dy) = (x.dim(), y.dim());
    let p = procrustes(x, y, true, ctx)?;
    let ((from, spread), (to, _)) = (covariance(x, ctx)?, covariance(y, ctx)?);
    let square: f64 = (0..dx).map(|i| spread.at(i, i)).sum::<f64>() * x.rows() as f64;
    let scale = if square > 0.0 { p.scale_sum / square } else { 1.0 };
    let forth = Mat::from_fn(dy, dx, |i, j| scale * p.rotation.at(j, i));
    let back: Option<Vectors> =
        (scale > 0.0).then(|| rows_of(&Mat::from_fn(dx, dy, |j, i| p.rotation.at(j, i) / scale)));
    let map = Map::Matrix { forth: rows_of(&forth), back };
    Ok(Box::new(Affine { shift: narrow(&from), map, bias: narrow(&to) }))
}

/// Share of the variance of `y` that `predicted` explains.
#[must_use]
pub fn r_squared(predicted: VectorsRef<'_>, y: VectorsRef<'_>) -> f64 {
    let n = y.rows().max(1) as f64;
    let mut mean = vec![0.0; y.dim()];
    y.iter().for_each(|r| mean.iter_mut().zip(r).for_each(|(m, v)| *m += f64::from(*v) / n));
    let (mut left, mut total) = (0.0, 0.0);
    for (p, r) in predicted.iter().zip(y.iter()) {
        for ((p, v), m) in p.iter().zip(r).zip(&mean) {
            left += (f64::from(*p) - f64::from(*v)).powi(2);
            total += (f64::from(*v) - m).powi(2);
        }
    }
    if total > 0.0 { 1.0 - left / total } else { 0.0 }
}
