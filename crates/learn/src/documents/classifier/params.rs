//! Settings of a classifier.

use serde::{Deserialize, Serialize};
use vectory_text::subwords::Subwords;

use crate::word2vec::TrainError;

/// Settings of a classifier; names and defaults are fastText's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClassifierParams {
    /// Values a row has (100).
    pub dim: usize,
    /// Passes (5).
    pub epochs: usize,
    /// Learning rate at the start; it falls to zero (0.1).
    pub rate: f32,
    /// Rarer words have no row (1).
    pub min_count: u64,
    /// Longest run of words with a row (1: none).
    pub word_ngrams: usize,
    /// Character n-grams with rows (none).
    pub subwords: Option<(usize, usize)>,
    /// Buckets that n-grams are hashed into (2 million).
    pub buckets: usize,
    /// Rows that each n-gram has, under different hashes, summed: 4 make a small table nearly as good as a large one; more than one
    /// cannot be written as a fastText model (1).
    pub hashes: usize,
    /// Lengths of runs of raw bytes, instead of words: 1, 2, 4 and 8 are byteSteady's; their rows are the buckets (none).
    pub bytes: Vec<usize>,
    /// Huffman-code the bytes first.
    pub huffman: bool,
    /// The same result for any number of threads.
    pub deterministic: bool,
}

impl Default for ClassifierParams {
    fn default() -> Self {
        Self {
            dim: 100,
            epochs: 5,
            rate: 0.1,
            min_count: 1,
            word_ngrams: 1,
            subwords: None,
            buckets: 2_000_000,
            hashes: 1,
            bytes: Vec::new(),
            huffman: false,
            deterministic: false,
        }
    }
}

impl ClassifierParams {
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
        within("epochs", self.epochs, 1, 100_000)?;
        within("word_ngrams", self.word_ngrams, 1, 20)?;
        within("hashes", self.hashes, 1, 8)?;
        if let Some((low, high)) = self.subwords {
            within("minn", low, 1, high)?;
            within("maxn", high, low, 30)?;
        }
        for n in &self.bytes {
            within("bytes", *n, 1, 64)?;
        }
        if !self.bytes.is_empty() && (self.word_ngrams > 1 || self.subwords.is_some() || self.hashes > 1) {
            let legal = "without word_ngrams, subwords and hashes".to_owned();
            return Err(TrainError::Param { field: "bytes", value: format!("{:?}", self.bytes), legal });
        }
        if self.hashed() {
            within("buckets", self.buckets, 1, 1 << 31)?;
        }
        if !(self.rate > 0.0 && self.rate <= 100.0) {
            return Err(TrainError::Param {
                field: "rate",
                value: self.rate.to_string(),
                legal: "above 0, at most 100".into(),
            });
        }
        Ok(())
    }

    /// Whether there are rows of n-grams.
    #[must_use]
    pub fn hashed(&self) -> bool {
        self.word_ngrams > 1 || self.subwords.is_some() || !self.bytes.is_empty()
    }

    /// Rows behind those of the words.
    #[must_use]
    pub fn rows(&self) -> usize {
        if self.hashed() { self.buckets } else { 0 }
    }

    pub(super) fn grams(&self) -> Option<Subwords> {
        self.subwords.map(|(min_n, max_n)| Subwords { min_n, max_n, buckets: self.buckets })
    }
}
