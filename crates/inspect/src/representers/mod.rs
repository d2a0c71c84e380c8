//! Which training samples carry a prediction: representers of models that a penalty keeps small in high dimensions (Tsai, Yeh and
//! Ravikumar, *Representer point selection for explaining regularized high-dimensional models*, 2023).
//!
//! At the optimum the penalty's subgradient is a sum over samples, so a prediction is one, too: sample i adds alpha_i, minus the
//! slope of its loss over n lambda, times how much it has in common with the question where the model looks. For an L1 model
//! these are the dimensions with a weight, each counted |weight| ([`of_score`]); for a low-rank one, the directions of its factors
//! ([`LowRank::of_rating`]). The parts add up to the prediction less its intercept, as exactly as the model is converged.
//!
//! O(n · support) or O(n · rank) a question, after the fit.

mod claim;
mod low_rank;
#[cfg(test)]
mod tests;

pub use low_rank::{LowRank, LowRankParams, Rating};

use vectory_core::VectorsRef;
use vectory_core::linalg::LinalgError;
use vectory_core::linear::SparseLogistic;

pub(crate) use claim::REPRESENTERS;

/// What each of the rows that `model` was fitted on (with penalty `lambda`) adds to its score of `row`. Their sum is the score less
/// the intercept.
///
/// # Errors
/// [`LinalgError::Pairs`] for other rows than were fitted on, [`LinalgError::Dim`] for a row of another dimension.
pub fn of_score(model: &SparseLogistic, x: VectorsRef<'_>, lambda: f64, row: &[f32]) -> Result<Vec<f64>, LinalgError> {
    if x.rows() != model.slopes.len() {
        return Err(LinalgError::Pairs { x: x.rows(), y: model.slopes.len() });
    }
    if row.len() != model.weights.len() || x.dim() != row.len() {
        return Err(LinalgError::Dim { found: row.len(), expected: model.weights.len() });
    }
    let seen: Vec<(usize, f64)> =
        model.support().into_iter().map(|j| (j, model.weights[j].abs() * f64::from(row[j]))).collect();
    let scale = -1.0 / (x.rows() as f64 * lambda);
    let one = |(r, slope): (&[f32], &f64)| scale * slope * seen.iter().map(|(j, v)| v * f64::from(r[*j])).sum::<f64>();
    Ok(x.iter().zip(&model.slopes).map(one).collect())
}

/// Positions of the largest and of the smallest values, at most `top` each, those with the right sign only.
#[must_use]
pub fn extremes(parts: &[f64], top: usize) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|a, b| parts[*b].total_cmp(&parts[*a]).then(a.cmp(b)));
    let raise = order.iter().copied().take(top).filter(|i| parts[*i] > 0.0).collect();
    let lower = order.iter().rev().copied().take(top).filter(|i| parts[*i] < 0.0).collect();
    (raise, lower)
}
