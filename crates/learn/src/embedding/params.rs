//! What an embedding says of itself beside its rows.

use serde::{Deserialize, Serialize};
use vectory_text::subwords::Subwords;

use crate::vocabulary::Tokenizer;

/// How the words of a text become one vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// The plain mean of word vectors (and of the rows of word n-grams, where the model has such).
    #[default]
    Mean,
    /// The mean weighted by `a / (a + p)`, p being a word's share of the corpus: frequent words count less.
    Sif {
        /// The share at which a word counts half (0.001).
        a: f64,
    },
    /// The mean of unit vectors, as fastText makes sentence vectors of word vectors.
    Unit,
}

/// Name, words, parts of words, pooling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmbeddingParams {
    /// The name to show.
    pub name: String,
    /// How text becomes words.
    pub tokenizer: Tokenizer,
    /// Character n-grams with rows of their own.
    pub subwords: Option<Subwords>,
    /// Longest run of words with a row of its own (1: none); the buckets lie behind the words (and n-grams).
    pub word_ngrams: usize,
    /// Buckets of runs of words.
    pub word_buckets: usize,
    /// How a text becomes a vector.
    pub pooling: Pooling,
}

impl Default for EmbeddingParams {
    fn default() -> Self {
        Self {
            name: "words".into(),
            tokenizer: Tokenizer::default(),
            subwords: None,
            word_ngrams: 1,
            word_buckets: 0,
            pooling: Pooling::default(),
        }
    }
}

impl EmbeddingParams {
    /// Rows behind those of the words.
    #[must_use]
    pub fn buckets(&self) -> usize {
        self.subwords.map_or(0, |s| s.buckets) + self.word_buckets
    }
}
