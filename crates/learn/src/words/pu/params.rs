//! How PU-learning learns.

use serde::{Deserialize, Serialize};

use crate::words::WordsError;

/// Defaults are the reference tool's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PuParams {
    /// Values of a vector (1 to 4096; 100).
    pub dim: usize,
    /// Passes over all components (6).
    pub sweeps: usize,
    /// Rounds for each component in a pass (2; the paper has 5).
    pub inner: usize,
    /// Weight of a pair that was not seen (0 to 1; 0.01).
    pub rho: f32,
    /// Weight of the squares of the vectors (0.1).
    pub lambda: f32,
    /// Counts from which on a pair has full weight (10).
    pub x_max: f32,
    /// How fast weights grow below that (0.75; 0 makes them all 1).
    pub alpha: f32,
    /// Whether each word and context has a bias.
    pub biases: bool,
}

impl Default for PuParams {
    fn default() -> Self {
        Self { dim: 100, sweeps: 6, inner: 2, rho: 0.01, lambda: 0.1, x_max: 10.0, alpha: 0.75, biases: true }
    }
}

impl PuParams {
    /// # Errors
    /// [`WordsError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), WordsError> {
        WordsError::check_dim(self.dim)?;
        WordsError::check_counts(&[("sweeps", self.sweeps), ("inner", self.inner)])?;
        WordsError::check_shares(&[("rho", self.rho), ("alpha", self.alpha)])?;
        WordsError::check_positive(&[("x_max", self.x_max)])?;
        if self.lambda >= 0.0 && self.lambda.is_finite() {
            return Ok(());
        }
        Err(WordsError::param("lambda", self.lambda, "0 or more"))
    }

    pub(super) fn weight(&self, count: f32) -> f32 {
        (count / self.x_max).min(1.0).powf(self.alpha)
    }
}
