//! How CWM learns.

use serde::{Deserialize, Serialize};

use crate::word2vec::{Architecture, LossKind, TrainError, WordParams};

/// How CWM learns. The released program has a margin of 0.15, a rate of 0.04, no weights of its own, and thins words from a share of 0.001 on;
/// on three million words of Wikipedia the defaults here answer 17 to 18 % of the analogies, those 14 %, skip-gram 10 % (five passes each).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContrastiveParams {
    /// By how much the word in the middle must be nearer (0.3).
    pub margin: f32,
    /// Weight of the pull (1).
    pub attract: f32,
    /// Weight of the push (1.25).
    pub repel: f32,
    /// Dimensions (100), window (5), random words (2), passes (5), learning rate (0.08), subsampling (1e-4).
    pub training: WordParams,
}

impl Default for ContrastiveParams {
    fn default() -> Self {
        Self {
            margin: 0.3,
            attract: 1.0,
            repel: 1.25,
            training: WordParams { negative: 2, share_negatives: Some(2), rate: Some(0.08), ..WordParams::default() },
        }
    }
}

impl ContrastiveParams {
    /// # Errors
    /// [`TrainError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), TrainError> {
        let bad = |field, value: String, legal: &str| Err(TrainError::Param { field, value, legal: legal.into() });
        for (field, value) in [("margin", self.margin), ("attract", self.attract), ("repel", self.repel)] {
            if !(value > 0.0 && value <= 100.0) {
                return bad(field, value.to_string(), "above 0, at most 100");
            }
        }
        let t = &self.training;
        if t.subwords.is_some() || t.architecture != Architecture::SkipGram || t.loss != LossKind::Negative {
            return bad("training", "not of plain words with random ones".into(), "that");
        }
        t.check()
    }
}
