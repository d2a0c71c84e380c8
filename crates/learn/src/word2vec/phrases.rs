//! Phrases: neighbours that stand together more often than chance become one word (`new_york`).
//!
//! Score of a pair: (n_ab − delta) · N / (n_a · n_b) for N words in all; pairs above the threshold are joined, from the left, none
//! overlapping. Several passes, each with half the threshold of the one before, make longer phrases. All pairs that occur are held in
//! memory; when there are more than [`PhraseParams::max_pairs`], the rarest are forgotten.
//!
//! Cost: O(words) a pass. Source: Mikolov et al., *Distributed Representations of Words and Phrases*, 2013, and its program word2phrase.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use vectory_core::Context;

use super::TrainError;
use crate::vocabulary::{BREAK, Corpus, LINE_END, TokenStream};

/// Settings of the search for phrases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhraseParams {
    /// Passes: each can join what the one before made (1).
    pub passes: usize,
    /// Pairs with a higher score are joined (100).
    pub threshold: f64,
    /// Taken off each pair's count, so that rare words make no phrases (5); words rarer than it are in none.
    pub delta: u64,
    /// Pairs held in memory (20 million).
    pub max_pairs: usize,
    /// What stands between the words of a phrase.
    pub joint: String,
}

impl Default for PhraseParams {
    fn default() -> Self {
        Self { passes: 1, threshold: 100.0, delta: 5, max_pairs: 20_000_000, joint: "_".into() }
    }
}

/// A phrase that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Phrase {
    /// Its words, joined.
    pub text: String,
    /// Its score.
    pub score: f64,
    /// How often it occurs.
    pub count: u64,
}

/// Phrases of a corpus, the highest score first, and how to join them.
pub struct Phrases {
    /// What was found.
    pub found: Vec<Phrase>,
    /// Words, then phrases, by id.
    names: Vec<String>,
    /// For each pass: which pairs become which id.
    joins: Vec<HashMap<(u32, u32), u32>>,
}

impl Phrases {
    /// Finds the phrases of a corpus, which should have been read with `min_count` 1, so that what stands between two words is known.
    ///
    /// # Errors
    /// [`TrainError`] when a setting is out of range, the corpus cannot be read, or on interrupt.
    pub fn find(corpus: &Corpus, p: &PhraseParams, ctx: &Context) -> Result<Self, TrainError> {
        if !(1..=8).contains(&p.passes) {
            return Err(TrainError::Param { field: "passes", value: p.passes.to_string(), legal: "1 to 8".into() });
        }
        if !(p.threshold > 0.0 && p.threshold.is_finite()) {
            return Err(TrainError::Param {
                field: "threshold",
                value: p.threshold.to_string(),
                legal: "above 0".into(),
            });
        }
        let names = corpus.vocabulary.words().map(str::to_owned).collect();
        let mut out = Self { found: Vec::new(), names, joins: Vec::new() };
        let mut threshold = p.threshold;
        for _ in 0..p.passes {
            let counts = out.count(&corpus.stream, p.max_pairs, ctx)?;
            if !out.join(&counts, threshold, p, corpus.vocabulary.total()) {
                break;
            }
            threshold /= 2.0;
        }
        out.found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.text.cmp(&b.text)));
        Ok(out)
    }

    fn count(&self, stream: &TokenStream, most: usize, ctx: &Context) -> Result<Counts, TrainError> {
        let mut c = Counts { words: vec![0; self.names.len()], pairs: HashMap::new(), floor: 0 };
        let (mut piece, mut line) = (Vec::new(), Vec::new());
        for i in 0..stream.pieces() {
            ctx.check()?;
            stream.piece(i, &mut piece)?;
            for sentence in piece.split(|id| *id >= BREAK) {
                self.apply(sentence, &mut line);
                line.iter().for_each(|id| c.words[*id as usize] += 1);
                for two in line.windows(2) {
                    *c.pairs.entry((two[0], two[1])).or_insert(0) += 1;
                }
            }
            if c.pairs.len() > most {
                c.floor += 1;
                let floor = c.floor;
                c.pairs.retain(|_, n| *n > floor);
            }
        }
        Ok(c)
    }

    /// Adds the pairs above the threshold as phrases; whether there were any.
    fn join(&mut self, c: &Counts, threshold: f64, p: &PhraseParams, total: u64) -> bool {
        let mut new: Vec<((u32, u32), u64, f64)> = Vec::new();
        for (&(a, b), &n) in &c.pairs {
            let (na, nb) = (c.words[a as usize], c.words[b as usize]);
            if n > p.delta && na >= p.delta && nb >= p.delta {
                let score = (n - p.delta) as f64 * total as f64 / (na as f64 * nb as f64);
                if score > threshold {
                    new.push(((a, b), n, score));
                }
            }
        }
        new.sort_unstable_by_key(|x| x.0);
        let mut joins = HashMap::with_capacity(new.len());
        for ((a, b), count, score) in &new {
            let text = format!("{}{}{}", self.names[*a as usize], p.joint, self.names[*b as usize]);
            joins.insert((*a, *b), self.names.len() as u32);
            self.names.push(text.clone());
            self.found.push(Phrase { text, score: *score, count: *count });
        }
        self.joins.push(joins);
        !new.is_empty()
    }

    /// Sets `out` to a sentence with its phrases joined.
    fn apply(&self, sentence: &[u32], out: &mut Vec<u32>) {
        out.clear();
        out.extend_from_slice(sentence);
        for joins in &self.joins {
            let (mut to, mut i) = (0, 0);
            while i < out.len() {
                let joined = out.get(i + 1).and_then(|next| joins.get(&(out[i], *next)));
                out[to] = joined.copied().unwrap_or(out[i]);
                i += 1 + usize::from(joined.is_some());
                to += 1;
            }
            out.truncate(to);
        }
    }

    /// Writes the corpus with its phrases joined: a sentence a line, words between blanks.
    ///
    /// # Errors
    /// [`TrainError`] when the corpus cannot be read; `each` is given the text piece by piece and may fail itself.
    pub fn rewrite(
        &self,
        stream: &TokenStream,
        each: &mut dyn FnMut(&str) -> std::io::Result<()>,
        ctx: &Context,
    ) -> Result<(), TrainError> {
        let (mut piece, mut joined, mut text) = (Vec::new(), Vec::new(), String::new());
        for i in 0..stream.pieces() {
            ctx.check()?;
            stream.piece(i, &mut piece)?;
            text.clear();
            for sentence in piece.split_inclusive(|id| *id >= BREAK) {
                let end = sentence.last().is_some_and(|id| *id >= BREAK);
                self.apply(&sentence[..sentence.len() - usize::from(end)], &mut joined);
                for id in &joined {
                    text.push_str(&self.names[*id as usize]);
                    text.push(' ');
                }
                if sentence.last() == Some(&LINE_END) {
                    if text.ends_with(' ') {
                        text.pop();
                    }
                    text.push('\n');
                }
            }
            each(&text).map_err(crate::vocabulary::CorpusError::from)?;
        }
        Ok(())
    }
}

struct Counts {
    words: Vec<u64>,
    pairs: HashMap<(u32, u32), u64>,
    floor: u64,
}
