//! How CWM learns.

use serde::{Deserialize, Serialize};

use crate::words::WordsError;

/// How CWM learns; defaults are the released program's where it has any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContrastiveParams {
    /// Values of a vector (1 to 4096; 100).
    pub dim: usize,
    /// Passes over all pairs (5).
    pub epochs: usize,
    /// Rate of the first pass; falls to zero (0.04).
    pub lr: f32,
    /// By how much a pair that was seen must be nearer (0.15).
    pub margin: f32,
    /// Weight of the pull (1).
    pub attract: f32,
    /// Weight of the push (1).
    pub repel: f32,
    /// Random words for each occurrence (2).
    pub negative: usize,
    /// Share from which on words are thinned (0.001; 0: none are).
    pub sample: f64,
    /// Most updates of one pair in a pass (100).
    pub most: u32,
}

impl Default for ContrastiveParams {
    fn default() -> Self {
        Self {
            dim: 100,
            epochs: 5,
            lr: 0.04,
            margin: 0.15,
            attract: 1.0,
            repel: 1.0,
            negative: 2,
            sample: 1e-3,
            most: 100,
        }
    }
}

impl ContrastiveParams {
    /// # Errors
    /// [`WordsError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), WordsError> {
        WordsError::check_dim(self.dim)?;
        WordsError::check_counts(&[
            ("epochs", self.epochs),
            ("negative", self.negative),
            ("most", self.most as usize),
        ])?;
        let (lr, margin) = (("lr", self.lr), ("margin", self.margin));
        WordsError::check_positive(&[lr, margin, ("attract", self.attract), ("repel", self.repel)])?;
        if self.sample >= 0.0 && self.sample.is_finite() {
            return Ok(());
        }
        Err(WordsError::param("sample", self.sample, "0 or more"))
    }
}
