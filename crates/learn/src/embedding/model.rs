//! The table of words and rows.

use std::collections::HashMap;
use std::sync::OnceLock;

use vectory_core::Vectors;
use vectory_text::subwords;

use super::{EmbeddingError, EmbeddingParams, Table};
use crate::vocabulary::Vocabulary;

/// Word vectors. Shared by threads.
#[derive(Debug)]
pub struct Embedding {
    pub(super) params: EmbeddingParams,
    pub(super) vocabulary: Vocabulary,
    pub(super) rows: Table,
    /// In pruned fastText models: the rows of the buckets that were kept.
    pub(super) kept: Option<HashMap<u32, u32>>,
    pub(super) provenance: serde_json::Value,
    pub(super) fingerprint: OnceLock<String>,
}

impl Embedding {
    /// Word vectors out of a vocabulary and rows: a row a word in its order, then a row a bucket.
    ///
    /// # Errors
    /// [`EmbeddingError::Rows`] when their numbers differ.
    pub fn new(
        vocabulary: Vocabulary,
        rows: Vectors,
        params: EmbeddingParams,
        provenance: serde_json::Value,
    ) -> Result<Self, EmbeddingError> {
        let (words, buckets) = (vocabulary.len(), params.buckets());
        if rows.rows() != words + buckets {
            return Err(EmbeddingError::Rows { rows: rows.rows(), words, buckets });
        }
        Ok(Self::from_parts(vocabulary, Table::Rows(rows), params, provenance))
    }

    pub(super) fn from_parts(
        vocabulary: Vocabulary,
        rows: Table,
        params: EmbeddingParams,
        provenance: serde_json::Value,
    ) -> Self {
        Self { params, vocabulary, rows, kept: None, provenance, fingerprint: OnceLock::new() }
    }

    /// The same words, with texts pooled otherwise.
    #[must_use]
    pub fn with_pooling(mut self, pooling: super::Pooling) -> Self {
        self.params.pooling = pooling;
        self.fingerprint = OnceLock::new();
        self
    }

    /// Name, tokenizer, n-grams, pooling.
    #[must_use]
    pub fn params(&self) -> &EmbeddingParams {
        &self.params
    }

    /// Its words, most frequent first where the learner knew counts.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Where it comes from.
    #[must_use]
    pub fn provenance(&self) -> &serde_json::Value {
        &self.provenance
    }

    /// Rows as stored: words, then buckets.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.rows
    }

    /// Values a vector has.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.rows.dim()
    }

    /// The vector of a word, known or not; `None` where neither the word nor any of its n-grams has a row. A word in another
    /// case is looked up as the tokenizer writes it.
    #[must_use]
    pub fn vector(&self, word: &str) -> Option<Vec<f32>> {
        let lower;
        let word = if self.params.tokenizer.lower && self.vocabulary.id(word).is_none() {
            lower = word.to_lowercase();
            &lower
        } else {
            word
        };
        let mut out = vec![0.0; self.dim()];
        self.add_vector(word, self.vocabulary.id(word), 1.0, &mut out).then_some(out)
    }

    /// `out += scale ·` the vector of a word whose id is known to be `id`; whether there is one.
    pub(super) fn add_vector(&self, word: &str, id: Option<u32>, scale: f32, out: &mut [f32]) -> bool {
        let Some(grams) = self.params.subwords else {
            if let Some(id) = id {
                self.rows.add(id as usize, scale, out);
            }
            return id.is_some();
        };
        let mut parts: Vec<usize> = id.map(|i| i as usize).into_iter().collect();
        grams.each(word, |bucket| parts.extend(self.bucket_row(bucket)));
        let share = scale / parts.len().max(1) as f32;
        parts.iter().for_each(|i| self.rows.add(*i, share, out));
        !parts.is_empty()
    }

    /// The row of a bucket.
    pub(super) fn bucket_row(&self, bucket: u32) -> Option<usize> {
        let row = match &self.kept {
            Some(kept) => *kept.get(&bucket)?,
            None => bucket,
        };
        Some(self.vocabulary.len() + row as usize)
    }

    /// Rows of the runs of words in a text, given by fastText's hashes of its words.
    pub(super) fn add_word_ngrams(&self, hashes: &[u32], out: &mut [f32]) -> usize {
        let (first, mut n) = (self.params.subwords.map_or(0, |s| s.buckets) as u32, 0);
        subwords::word_ngrams(hashes, self.params.word_ngrams, self.params.word_buckets, |bucket| {
            if let Some(row) = self.bucket_row(first + bucket) {
                self.rows.add(row, 1.0, out);
                n += 1;
            }
        });
        n
    }

    /// The vectors of all words, in their order; composed of n-grams where the model has such.
    #[must_use]
    pub fn word_vectors(&self) -> Vectors {
        let mut out = Vectors::zeros(self.vocabulary.len(), self.dim());
        for (i, word) in self.vocabulary.words().enumerate() {
            self.add_vector(word, Some(i as u32), 1.0, out.row_mut(i));
        }
        out
    }
}
