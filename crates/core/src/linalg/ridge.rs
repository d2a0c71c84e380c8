//! Ridge regression (Hoerl and Kennard 1970), by the normal equations in f64.

use vectory_linalg::{Mat, cholesky_solve};

use super::LinalgError;
use super::moments::paired;
use crate::{Context, Vectors, VectorsRef};

/// Fitted weights: `y ≈ x · weights + intercept`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ridge {
    /// d × m.
    pub weights: Mat,
    /// m values; zero where none was asked for.
    pub intercept: Vec<f64>,
}

/// Minimises Σ |y − x·W − b|² + lambda · |W|² over n pairs of rows (x: n × d, y: n × m). `intercept`: whether b is fitted
/// (it is not penalised). O(n (d + m)² + d³).
///
/// # Errors
/// [`LinalgError::Param`] for a negative lambda, [`LinalgError::Pairs`], [`LinalgError::NonFinite`];
/// [`LinalgError::Decomposition`] for dependent dimensions with lambda 0.
pub fn ridge(
    x: VectorsRef<'_>,
    y: VectorsRef<'_>,
    lambda: f64,
    intercept: bool,
    ctx: &Context,
) -> Result<Ridge, LinalgError> {
    if !(lambda >= 0.0 && lambda.is_finite()) {
        return Err(LinalgError::Param { field: "lambda", value: lambda.to_string(), legal: "0 or more, finite" });
    }
    let (d, m) = (x.dim(), y.dim());
    let (mean, gram) = paired(x, y, intercept, ctx)?;
    let xx = Mat::from_fn(d, d, |i, j| gram.at(i, j) + if i == j { lambda } else { 0.0 });
    let xy = Mat::from_fn(d, m, |i, j| gram.at(i, d + j));
    let weights = cholesky_solve(&xx, &xy)?;
    let through = |j: usize| mean[d + j] - (0..d).map(|i| mean[i] * weights.at(i, j)).sum::<f64>();
    let intercept = (0..m).map(|j| if intercept { through(j) } else { 0.0 }).collect();
    Ok(Ridge { weights, intercept })
}

impl Ridge {
    /// Predictions for rows, one row each. Panics when they have another dimension than was fitted.
    #[must_use]
    pub fn apply(&self, x: VectorsRef<'_>) -> Vectors {
        assert_eq!(x.dim(), self.weights.rows, "rows of {} values, weights for {}", x.dim(), self.weights.rows);
        let mut out = Vectors::zeros(x.rows(), self.weights.cols);
        let mut sum = vec![0.0; self.weights.cols];
        for (i, row) in x.iter().enumerate() {
            sum.copy_from_slice(&self.intercept);
            for (j, v) in row.iter().enumerate() {
                sum.iter_mut().zip(self.weights.row(j)).for_each(|(s, w)| *s += f64::from(*v) * w);
            }
            out.row_mut(i).iter_mut().zip(&sum).for_each(|(o, s)| *o = *s as f32);
        }
        out
    }
}
