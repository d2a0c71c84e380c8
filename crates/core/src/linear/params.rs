//! How a logistic regression is fitted.

use serde::{Deserialize, Serialize};

use crate::linalg::LinalgError;

/// Parameters of [`logistic`](super::logistic).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogisticParams {
    /// Inverse strength of the L2 penalty, as scikit-learn's `C`: above 0.
    pub c: f64,
    /// Most steps of L-BFGS (1 or more).
    pub max_iter: usize,
    /// Stops when no entry of the gradient of the mean loss is larger (0 or more).
    pub tolerance: f64,
    /// Whether an intercept is fitted; it is not penalised.
    pub intercept: bool,
    /// Whether each dimension is first brought to mean 0 and deviation 1. The penalty then acts on standardised
    /// weights; the fitted model takes rows as they are.
    pub standardize: bool,
}

impl Default for LogisticParams {
    fn default() -> Self {
        Self { c: 1.0, max_iter: 200, tolerance: 1e-5, intercept: true, standardize: false }
    }
}

impl LogisticParams {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`LinalgError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), LinalgError> {
        let bad = |field, value: String, legal| Err(LinalgError::Param { field, value, legal });
        if !(self.c > 0.0 && self.c.is_finite()) {
            return bad("c", self.c.to_string(), "above 0, finite");
        }
        if self.max_iter == 0 {
            return bad("max_iter", "0".into(), "1 or more");
        }
        if !(self.tolerance >= 0.0 && self.tolerance.is_finite()) {
            return bad("tolerance", self.tolerance.to_string(), "0 or more, finite");
        }
        Ok(())
    }
}
