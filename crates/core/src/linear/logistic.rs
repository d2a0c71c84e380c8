//! Logistic regression.

use vectory_linalg::Mat;

use super::loss::Loss;
use super::{LbfgsParams, LinearClassifier, LogisticParams, classes, lbfgs};
use crate::linalg::{LinalgError, covariance};
use crate::{Context, VectorsRef};

/// Fits a classifier of rows (n × d) with classes 0, 1, … as labels. Multinomial for three classes and more, one weight row for
/// two. O(n d k) a step.
///
/// # Errors
/// [`LinalgError::Param`] for parameters out of range or labels of one class, [`LinalgError::Pairs`], [`LinalgError::TooFew`],
/// [`LinalgError::NonFinite`], [`LinalgError::Cancelled`].
pub fn logistic(
    x: VectorsRef<'_>,
    labels: &[u32],
    params: &LogisticParams,
    ctx: &Context,
) -> Result<LinearClassifier, LinalgError> {
    params.check()?;
    let classes = classes(x, labels)?;
    let (shift, scale) = standard(x, params, ctx)?;
    let outputs = if classes == 2 { 1 } else { classes };
    let penalty = 1.0 / (params.c * x.rows() as f64);
    let loss = Loss { x, labels, outputs, shift, scale, penalty, intercept: params.intercept };
    let search = LbfgsParams { max_iter: params.max_iter, tolerance: params.tolerance, ..LbfgsParams::default() };
    let found = lbfgs(vec![0.0; loss.parameters()], search, |p, g| loss.value(p, g, ctx))?;
    let d = x.dim();
    let weights = Mat::from_fn(outputs, d, |c, j| found.x[c * d + j] * loss.scale[j]);
    let through = |c: usize| weights.row(c).iter().zip(&loss.shift).map(|(w, s)| w * s).sum::<f64>();
    let intercept = (0..outputs).map(|c| found.x[outputs * d + c] - through(c)).collect();
    Ok(LinearClassifier { weights, intercept, classes, converged: found.converged })
}

/// What is subtracted from and multiplied onto each dimension.
fn standard(x: VectorsRef<'_>, params: &LogisticParams, ctx: &Context) -> Result<(Vec<f64>, Vec<f64>), LinalgError> {
    if !params.standardize {
        if let Some((row, dim)) = x.first_non_finite() {
            return Err(LinalgError::NonFinite { row, dim });
        }
        return Ok((vec![0.0; x.dim()], vec![1.0; x.dim()]));
    }
    let (mean, spread) = covariance(x, ctx)?;
    // A constant dimension says nothing: it stays at 0.
    let scale = |j: usize| {
        let (variance, square) = (spread.at(j, j), mean[j] * mean[j]);
        if variance > 1e-12 * square { 1.0 / variance.sqrt() } else { 0.0 }
    };
    let scales = (0..x.dim()).map(scale).collect();
    let shift = if params.intercept { mean } else { vec![0.0; x.dim()] };
    Ok((shift, scales))
}
