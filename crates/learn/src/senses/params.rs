//! Settings of disambiguated skip-gram.

use serde::{Deserialize, Serialize};

use crate::word2vec::{Architecture, LossKind, TrainError, WordParams};

/// Settings of disambiguated skip-gram.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SenseParams {
    /// Senses a word may have (5).
    pub senses: usize,
    /// Temperature of the relaxation at the start (1).
    pub temperature: f32,
    /// Temperature at the end (0.5).
    pub last_temperature: f32,
    /// Cost of an undecided guess: the larger, the fewer senses are used (0.05).
    pub entropy: f32,
    /// Senses with a smaller share of a word's occurrences are pruned (0.05).
    pub prune: f32,
    /// Passes as plain skip-gram before words have senses (5).
    pub warm_epochs: usize,
    /// Dimensions, window (5), negatives, epochs (5), learning rate (0.025), subsampling.
    pub training: WordParams,
}

impl Default for SenseParams {
    fn default() -> Self {
        Self {
            senses: 5,
            temperature: 1.0,
            last_temperature: 0.5,
            entropy: 0.05,
            prune: 0.05,
            warm_epochs: 5,
            training: WordParams { rate: Some(0.025), ..WordParams::default() },
        }
    }
}

impl SenseParams {
    /// # Errors
    /// [`TrainError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), TrainError> {
        let bad = |field, value: String, legal: &str| Err(TrainError::Param { field, value, legal: legal.into() });
        if !(1..=64).contains(&self.senses) {
            return bad("senses", self.senses.to_string(), "1 to 64");
        }
        for (field, value) in [("temperature", self.temperature), ("last_temperature", self.last_temperature)] {
            if !(0.01..=100.0).contains(&value) {
                return bad(field, value.to_string(), "0.01 to 100");
            }
        }
        if !(0.0..=10.0).contains(&self.entropy) {
            return bad("entropy", self.entropy.to_string(), "0 to 10");
        }
        if !(0.0..0.5).contains(&self.prune) {
            return bad("prune", self.prune.to_string(), "0 to below 0.5");
        }
        if !(1..=1000).contains(&self.warm_epochs) {
            return bad("warm_epochs", self.warm_epochs.to_string(), "1 to 1000");
        }
        let t = &self.training;
        if t.subwords.is_some() || t.architecture != Architecture::SkipGram || t.loss != LossKind::Negative {
            return bad("training", "not plain skip-gram with negative sampling".into(), "that");
        }
        t.check()
    }

    /// The words around place `i`.
    pub(super) fn around<'a>(&self, words: &'a [u32], i: usize) -> impl Iterator<Item = u32> + use<'a> {
        let (low, high) = (i.saturating_sub(self.training.window), words.len().min(i + self.training.window + 1));
        words[low..i].iter().chain(&words[i + 1..high]).copied()
    }
}
