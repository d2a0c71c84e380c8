//! Settings of a training.

use serde::{Deserialize, Serialize};
use vectory_text::subwords::Subwords;

use super::TrainError;

/// What predicts what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// Each word of a window predicts the word in its middle, which by symmetry is skip-gram.
    #[default]
    SkipGram,
    /// The mean of a window predicts the word in its middle.
    Cbow,
}

/// How outputs are scored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LossKind {
    /// Negative sampling.
    #[default]
    Negative,
    /// Hierarchical softmax.
    Hierarchical,
}

/// Settings of a training; the names are word2vec's and fastText's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WordParams {
    /// What predicts what.
    pub architecture: Architecture,
    /// How outputs are scored.
    pub loss: LossKind,
    /// Values a vector has (100).
    pub dim: usize,
    /// Words on each side at most; each window draws its width from 1 to it (5).
    pub window: usize,
    /// Negative samples (5).
    pub negative: usize,
    /// Negatives are drawn from counts to this power (0.75).
    pub noise_power: f64,
    /// Steps that a negative serves, on average; it is drawn once for them. None: 4, for CBOW without n-grams 2.
    pub share_negatives: Option<usize>,
    /// Passes over the corpus (5).
    pub epochs: usize,
    /// Learning rate at the start; it falls to nearly zero. None: 0.025, for CBOW 0.05.
    pub rate: Option<f32>,
    /// Words more frequent than this share of the corpus are subsampled; 0: none are (1e-4).
    pub sample: f64,
    /// Character n-grams that have rows of their own.
    pub subwords: Option<Subwords>,
    /// CBOW: a learned weight for each place in the window and each dimension.
    pub position_weights: bool,
    /// The same result for any number of threads.
    pub deterministic: bool,
}

impl Default for WordParams {
    fn default() -> Self {
        Self {
            architecture: Architecture::SkipGram,
            loss: LossKind::Negative,
            dim: 100,
            window: 5,
            negative: 5,
            noise_power: 0.75,
            share_negatives: None,
            epochs: 5,
            rate: None,
            sample: 1e-4,
            subwords: None,
            position_weights: false,
            deterministic: false,
        }
    }
}

impl WordParams {
    /// The learning rate at the start.
    #[must_use]
    pub fn start_rate(&self) -> f32 {
        self.rate.unwrap_or(if self.architecture == Architecture::Cbow { 0.05 } else { 0.025 })
    }

    /// Steps that a negative serves. A window of CBOW is one step with its negatives, not one for each of its words, so that a negative
    /// which serves many of them is seen to be the same: analogies lose a tenth.
    #[must_use]
    pub fn shared_negatives(&self) -> usize {
        let few = self.architecture == Architecture::Cbow && self.subwords.is_none();
        self.share_negatives.unwrap_or(if few { 2 } else { 4 })
    }

    /// # Errors
    /// [`TrainError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), TrainError> {
        let within = |field: &'static str, value: usize, low: usize, high: usize| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(TrainError::Param { field, value: value.to_string(), legal: format!("{low} to {high}") })
        };
        within("dim", self.dim, 1, 4096)?;
        within("window", self.window, 1, 1000)?;
        within("epochs", self.epochs, 1, 100_000)?;
        within("share_negatives", self.shared_negatives(), 1, 1000)?;
        if self.loss == LossKind::Negative {
            within("negative", self.negative, 1, 1000)?;
        }
        if let Some(s) = self.subwords {
            within("min_n", s.min_n, 1, s.max_n)?;
            within("max_n", s.max_n, s.min_n, 30)?;
            within("buckets", s.buckets, 1, 1 << 31)?;
        }
        let rate = self.start_rate();
        if !(rate > 0.0 && rate <= 10.0) {
            return Err(TrainError::Param {
                field: "rate",
                value: rate.to_string(),
                legal: "above 0, at most 10".into(),
            });
        }
        if !(self.sample >= 0.0 && self.sample.is_finite()) {
            return Err(TrainError::Param {
                field: "sample",
                value: self.sample.to_string(),
                legal: "0 or more".into(),
            });
        }
        if !(0.0..=2.0).contains(&self.noise_power) {
            let value = self.noise_power.to_string();
            return Err(TrainError::Param { field: "noise_power", value, legal: "0 to 2".into() });
        }
        if self.position_weights && self.architecture != Architecture::Cbow {
            let value = "on".to_owned();
            return Err(TrainError::Param { field: "position_weights", value, legal: "off, but for cbow".into() });
        }
        Ok(())
    }
}
