//! Settings of sent2vec.

use serde::{Deserialize, Serialize};

use crate::word2vec::{TrainError, WordParams};

/// Settings of sent2vec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sent2VecParams {
    /// Longest run of words with a row of its own; 1: none (2).
    pub word_ngrams: usize,
    /// Buckets that runs are hashed into (2 million).
    pub buckets: usize,
    /// Runs left out of a sentence at random, each time it is met (4).
    pub dropout: usize,
    /// Dimensions, negatives (10), epochs (9), learning rate (0.2), subsampling of targets (1e-5). Its window does not count.
    pub training: WordParams,
}

impl Default for Sent2VecParams {
    fn default() -> Self {
        let training = WordParams {
            negative: 10,
            noise_power: 0.5,
            epochs: 9,
            rate: Some(0.2),
            sample: 1e-5,
            ..WordParams::default()
        };
        Self { word_ngrams: 2, buckets: 2_000_000, dropout: 4, training }
    }
}

impl Sent2VecParams {
    /// # Errors
    /// [`TrainError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), TrainError> {
        let bad = |field, value: usize, legal: &str| {
            Err(TrainError::Param { field, value: value.to_string(), legal: legal.into() })
        };
        if !(1..=10).contains(&self.word_ngrams) {
            return bad("word_ngrams", self.word_ngrams, "1 to 10");
        }
        if self.word_ngrams > 1 && !(1..=1 << 31).contains(&self.buckets) {
            return bad("buckets", self.buckets, "1 to 2147483648");
        }
        self.training.check()
    }

    /// Rows of runs of words.
    #[must_use]
    pub fn rows(&self) -> usize {
        if self.word_ngrams > 1 { self.buckets } else { 0 }
    }
}
