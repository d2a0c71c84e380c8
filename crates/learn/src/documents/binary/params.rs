//! Settings of binary paragraph vectors.

use serde::{Deserialize, Serialize};

use crate::documents::paragraph::Mode;
use crate::word2vec::{TrainError, WordParams};

/// Settings of binary paragraph vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BinaryParams {
    /// Bits of a code (128).
    pub bits: usize,
    /// Values of the real vector that is learned along and projected to the code; 0: none (0).
    pub real: usize,
    /// What predicts a document's words: its code, or its code and the words around.
    pub mode: Mode,
    /// Share of units that a run of words does without (0.5). Without it codes fit the words of their documents and rank badly: nDCG@10 of
    /// 2,000 messages 0.15 instead of 0.33.
    pub dropout: f32,
    /// Steps over a new text (20).
    pub infer_epochs: usize,
    /// Window, negatives (5), epochs (20), learning rate of the outputs (0.02), subsampling. Its dimensions do not count.
    pub training: WordParams,
}

impl Default for BinaryParams {
    fn default() -> Self {
        let training = WordParams { epochs: 20, rate: Some(0.02), ..WordParams::default() };
        Self { bits: 128, real: 0, mode: Mode::Dbow, dropout: 0.5, infer_epochs: 20, training }
    }
}

impl BinaryParams {
    /// # Errors
    /// [`TrainError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), TrainError> {
        let bad = |field, value: usize, legal: &str| {
            Err(TrainError::Param { field, value: value.to_string(), legal: legal.into() })
        };
        if !(1..=4096).contains(&self.bits) {
            return bad("bits", self.bits, "1 to 4096");
        }
        if self.real > 4096 {
            return bad("real", self.real, "0 to 4096");
        }
        if !(1..=10_000).contains(&self.infer_epochs) {
            return bad("infer_epochs", self.infer_epochs, "1 to 10000");
        }
        if !(0.0..=0.95).contains(&self.dropout) {
            let (value, legal) = (self.dropout.to_string(), "0 to 0.95".into());
            return Err(TrainError::Param { field: "dropout", value, legal });
        }
        if self.training.subwords.is_some() {
            return Err(TrainError::Param { field: "subwords", value: "on".into(), legal: "off".into() });
        }
        self.training.check()
    }

    /// Values of a document's row.
    pub(super) fn row(&self) -> usize {
        if self.real > 0 { self.real } else { self.bits }
    }
}
