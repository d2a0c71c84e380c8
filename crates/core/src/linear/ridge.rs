//! The ridge classifier: ridge regression onto ±1.

use vectory_linalg::transpose;

use super::{LinearClassifier, classes};
use crate::linalg::{LinalgError, ridge};
use crate::{Context, Vectors, VectorsRef};

/// Regresses +1 for a row's own class and −1 for the others, with penalty `lambda` · |W|² (scikit-learn's `RidgeClassifier(alpha)`).
/// O(n d² + d³): no iterations.
///
/// # Errors
/// As [`ridge`]; [`LinalgError::Param`] for labels of one class.
pub fn ridge_classifier(
    x: VectorsRef<'_>,
    labels: &[u32],
    lambda: f64,
    ctx: &Context,
) -> Result<LinearClassifier, LinalgError> {
    let classes = classes(x, labels)?;
    let outputs = if classes == 2 { 1 } else { classes };
    let mut y = Vectors::zeros(x.rows(), outputs);
    for (i, label) in labels.iter().enumerate() {
        let row = y.row_mut(i);
        row.fill(-1.0);
        match row {
            [only] => *only = if *label == 1 { 1.0 } else { -1.0 },
            _ => row[*label as usize] = 1.0,
        }
    }
    let fit = ridge(x, y.view(), lambda, true, ctx)?;
    Ok(LinearClassifier { weights: transpose(&fit.weights), intercept: fit.intercept, classes, converged: true })
}
