//! Which rows a text has: fastText's, so that its models and ours interchange.

use std::collections::HashMap;

use vectory_core::rng::mix;
use vectory_text::subwords::{self, END_OF_SENTENCE, Subwords};

use super::bytes::{self, ByteCode};
use crate::vocabulary::Vocabulary;

/// What turns words into rows.
#[derive(Clone, Debug)]
pub(super) struct Features {
    pub words: Vocabulary,
    pub grams: Option<Subwords>,
    pub word_ngrams: usize,
    pub buckets: usize,
    pub hashes: usize,
    /// Runs of raw bytes instead of words: their lengths, and the code that the bytes are put into first.
    pub bytes: Option<(Vec<usize>, Option<ByteCode>)>,
    /// In pruned models: the rows of the buckets that were kept.
    pub kept: Option<HashMap<u32, u32>>,
}

impl Features {
    /// Replaces `rows` by the rows of a text whose words stand between blanks; a sentence end is added, as the program does.
    pub fn rows(&self, text: &str, rows: &mut Vec<u32>) {
        rows.clear();
        if let Some((lengths, code)) = &self.bytes {
            let mut coded = Vec::new();
            let raw = match code {
                Some(code) => {
                    code.encode(text.as_bytes(), &mut coded);
                    &coded[..]
                }
                None => text.as_bytes(),
            };
            bytes::rows(raw, lengths, self.buckets, self.words.len() as u32, rows);
            return;
        }
        let mut hashes = Vec::new();
        // With several hashes a wide one is taken first: n-grams that share one of their rows then need not share the others.
        let wide = if self.hashes > 1 { u32::MAX as usize } else { self.buckets };
        for word in text.split_ascii_whitespace().chain([END_OF_SENTENCE]) {
            rows.extend(self.words.id(word));
            if let Some(grams) = self.grams {
                Subwords { buckets: wide, ..grams }.each(word, |bucket| self.bucket(bucket, rows));
            }
            if self.word_ngrams > 1 {
                hashes.push(subwords::hash(word));
            }
        }
        if self.buckets > 0 {
            subwords::word_ngrams(&hashes, self.word_ngrams, wide, |bucket| self.bucket(bucket, rows));
        }
    }

    /// The rows of a bucket: one, or several under other hashes of it.
    fn bucket(&self, bucket: u32, rows: &mut Vec<u32>) {
        let first = self.words.len() as u32;
        if self.hashes > 1 {
            let row = |seed: usize| (mix(u64::from(bucket) ^ ((seed as u64 + 1) << 40)) % self.buckets as u64) as u32;
            rows.extend((0..self.hashes).map(|seed| first + row(seed)));
            return;
        }
        match &self.kept {
            Some(kept) => rows.extend(kept.get(&bucket).map(|row| first + row)),
            None => rows.push(first + bucket),
        }
    }
}
