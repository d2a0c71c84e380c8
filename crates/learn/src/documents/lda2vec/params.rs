//! Settings of lda2vec.

use serde::{Deserialize, Serialize};

use crate::word2vec::{Architecture, LossKind, TrainError, WordParams};

/// Settings of lda2vec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lda2VecParams {
    /// Topics (20).
    pub topics: usize,
    /// The Dirichlet prior's α; below 1 mixtures become sparse; 0: 1 / topics (0).
    pub alpha: f32,
    /// The prior's weight in a document, reached at the end (200).
    pub lambda: f32,
    /// Learning rate of mixtures at the start (0.2).
    pub mixture_rate: f32,
    /// Share of the sums that the word is left out of (0.5).
    pub dropout: f32,
    /// Passes in which word vectors alone are learned (10).
    pub word_epochs: usize,
    /// Passes over a new text (20).
    pub infer_epochs: usize,
    /// Dimensions, window (5), negatives (15), epochs with topics (20), learning rate (0.025), subsampling.
    pub training: WordParams,
}

impl Default for Lda2VecParams {
    fn default() -> Self {
        let training =
            WordParams { negative: 15, epochs: 20, rate: Some(0.025), sample: 1e-3, ..WordParams::default() };
        Self {
            topics: 20,
            alpha: 0.0,
            lambda: 200.0,
            mixture_rate: 0.2,
            dropout: 0.5,
            word_epochs: 10,
            infer_epochs: 20,
            training,
        }
    }
}

impl Lda2VecParams {
    /// # Errors
    /// [`TrainError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), TrainError> {
        let bad = |field, value: String, legal: &str| Err(TrainError::Param { field, value, legal: legal.into() });
        if !(2..=1000).contains(&self.topics) {
            return bad("topics", self.topics.to_string(), "2 to 1000");
        }
        let ranges = [
            ("alpha", self.alpha, 0.0, 100.0),
            ("lambda", self.lambda, 0.0, 1e6),
            ("mixture_rate", self.mixture_rate, 0.0, 10.0),
            ("dropout", self.dropout, 0.0, 1.0),
        ];
        if let Some((field, value, low, high)) = ranges.into_iter().find(|(_, v, low, high)| !(low..=high).contains(&v))
        {
            return bad(field, value.to_string(), &format!("{low} to {high}"));
        }
        for (field, value) in [("word_epochs", self.word_epochs), ("infer_epochs", self.infer_epochs)] {
            if !(1..=10_000).contains(&value) {
                return bad(field, value.to_string(), "1 to 10000");
            }
        }
        let t = &self.training;
        if t.subwords.is_some() || t.architecture != Architecture::SkipGram || t.loss != LossKind::Negative {
            return bad("training", "not plain skip-gram with negative sampling".into(), "that");
        }
        t.check()
    }

    /// The prior's α.
    #[must_use]
    pub fn alpha(&self) -> f32 {
        if self.alpha > 0.0 { self.alpha } else { 1.0 / self.topics as f32 }
    }
}
