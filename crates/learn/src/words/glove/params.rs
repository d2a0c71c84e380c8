//! How GloVe learns.

use serde::{Deserialize, Serialize};

use crate::words::WordsError;

/// Defaults are the reference program's, but for the epochs (its script has 15 to 50).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GloveParams {
    /// Values of a vector (1 to 4096; 100).
    pub dim: usize,
    /// Passes over all pairs (25).
    pub epochs: usize,
    /// AdaGrad's rate (0.05).
    pub lr: f32,
    /// Counts from which on a pair has full weight (100; the program's demo on small corpora has 10).
    pub x_max: f32,
    /// How fast weights grow below that (0.75).
    pub alpha: f32,
}

impl Default for GloveParams {
    fn default() -> Self {
        Self { dim: 100, epochs: 25, lr: 0.05, x_max: 100.0, alpha: 0.75 }
    }
}

impl GloveParams {
    /// # Errors
    /// [`WordsError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), WordsError> {
        WordsError::check_dim(self.dim)?;
        WordsError::check_counts(&[("epochs", self.epochs)])?;
        WordsError::check_positive(&[("lr", self.lr), ("x_max", self.x_max)])?;
        WordsError::check_shares(&[("alpha", self.alpha)])
    }

    /// The weight of a count.
    #[inline]
    #[must_use]
    pub fn weight(&self, count: f32) -> f32 {
        let share = count / self.x_max;
        if share >= 1.0 {
            1.0
        } else if self.alpha == 0.75 {
            // Two roots cost less than a power.
            share.sqrt() * share.sqrt().sqrt()
        } else {
            share.powf(self.alpha)
        }
    }
}
