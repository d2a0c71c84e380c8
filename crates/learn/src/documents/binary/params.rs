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
    /// Steps over a new text (20).
    pub infer_epochs: usize,
    /// Window, negatives (5), epochs (20), learning rate (0.1), subsampling. Its dimensions do not count.
    pub training: WordParams,
}

impl Default for BinaryParams {
    fn default() -> Self {
        let training = WordParams { epochs: 20, rate: Some(0.1), sample: 1e-3, ..WordParams::default() };
        Self { bits: 128, real: 0, mode: Mode::Dbow, infer_epochs: 20, training }
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
