//! Words with several vectors.

use std::path::Path;

use safetensors::tensor::Dtype;
use vectory_core::artifact::{Artifact, TensorOut};
use vectory_core::{Vectors, simd};

use super::SenseParams;
use crate::embedding::{Embedding, EmbeddingError, EmbeddingParams, Header, wrong};
use crate::sampling::softmax;
use crate::vocabulary::{Tokenizer, Vocabulary};

/// The kind that the artifact's card names.
pub const KIND: &str = "word-senses";
const VERSION: u32 = 1;

/// Sets `mean` to the mean of the words' rows; gives how many words there are.
pub(super) fn context(words: impl Iterator<Item = u32>, rows: &Vectors, mean: &mut [f32]) -> usize {
    mean.fill(0.0);
    let mut n = 0;
    for w in words {
        simd::axpy(1.0, rows.row(w as usize), mean);
        n += 1;
    }
    mean.iter_mut().for_each(|v| *v /= n.max(1) as f32);
    n
}

/// Puts the row `first + order[i]` in the place of the row `first + i`.
fn reorder(rows: &mut Vectors, first: usize, order: &[usize]) {
    let old: Vec<Vec<f32>> = order.iter().map(|i| rows.row(first + i).to_vec()).collect();
    old.iter().enumerate().for_each(|(i, row)| rows.row_mut(first + i).copy_from_slice(row));
}

/// One sense of a word.
#[derive(Clone, Debug, PartialEq)]
pub struct Sense<'a> {
    /// Its number: 0 is the word's most used sense.
    pub number: usize,
    /// Its share of the word's occurrences.
    pub share: f32,
    /// Its vector.
    pub vector: &'a [f32],
}

/// Several vectors a word.
#[derive(Debug)]
pub struct Senses {
    vocabulary: Vocabulary,
    senses: Vectors,
    clues: Vectors,
    contexts: Vectors,
    /// A share a sense; 0 where it was pruned.
    shares: Vec<f32>,
    params: SenseParams,
    tokenizer: Tokenizer,
    provenance: serde_json::Value,
}

impl Senses {
    pub(super) fn new(
        vocabulary: Vocabulary,
        [senses, clues, contexts]: [Vectors; 3],
        params: SenseParams,
        tokenizer: Tokenizer,
        provenance: serde_json::Value,
    ) -> Self {
        let shares = vec![1.0 / params.senses as f32; senses.rows()];
        Self { vocabulary, senses, clues, contexts, shares, params, tokenizer, provenance }
    }

    /// Its words.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// How it was learned.
    #[must_use]
    pub fn params(&self) -> &SenseParams {
        &self.params
    }

    /// Numbers each word's senses from the most used to the least, and keeps those with a large enough share; the first always stays.
    pub(super) fn prune(&mut self, shares: &[f32]) {
        let k = self.params.senses;
        for (word, found) in shares.chunks_exact(k).enumerate() {
            let mut order: Vec<usize> = (0..k).collect();
            order.sort_by(|a, b| found[*b].total_cmp(&found[*a]));
            reorder(&mut self.senses, word * k, &order);
            reorder(&mut self.clues, word * k, &order);
            let stays = |sense: usize| sense == order[0] || found[sense] >= self.params.prune;
            let sum: f32 = order.iter().filter(|s| stays(**s)).map(|s| found[*s]).sum();
            let kept = &mut self.shares[word * k..][..k];
            kept.iter_mut().zip(&order).for_each(|(share, s)| {
                *share = if stays(*s) { found[*s] / sum.max(1e-9) } else { 0.0 };
            });
        }
    }

    fn rows(&self, word: u32) -> std::ops::Range<usize> {
        word as usize * self.params.senses..(word as usize + 1) * self.params.senses
    }

    /// The senses of a word that were kept, in their order.
    #[must_use]
    pub fn senses(&self, word: u32) -> Vec<Sense<'_>> {
        let first = self.rows(word).start;
        let sense = |row: usize| Sense { number: row - first, share: self.shares[row], vector: self.senses.row(row) };
        self.rows(word).filter(|row| self.shares[*row] > 0.0).map(sense).collect()
    }

    /// How likely each of all senses of a word is among the given words; 0 for those that were pruned. Without any word around, the
    /// senses' shares.
    #[must_use]
    pub fn guess(&self, word: u32, around: impl Iterator<Item = u32>) -> Vec<f32> {
        let shares = &self.shares[self.rows(word)];
        let mut mean = vec![0.0; self.contexts.dim()];
        if context(around, &self.contexts, &mut mean) == 0 {
            return shares.to_vec();
        }
        let scores = self.rows(word).map(|row| simd::dot(self.clues.row(row), &mean));
        let mut q: Vec<f32> =
            scores.zip(shares).map(|(s, share)| if *share > 0.0 { s } else { f32::NEG_INFINITY }).collect();
        softmax(&mut q);
        q
    }

    /// How likely each sense of a word is in a text: by the `window` known words on each side of its first occurrence, or by the whole
    /// text where the word does not occur. `None` for an unknown word.
    #[must_use]
    pub fn sense(&self, word: &str, text: &str) -> Option<Vec<f32>> {
        let known = |text: &str| {
            let mut ids = Vec::new();
            self.tokenizer.words(text, &mut |w| ids.extend(self.vocabulary.id(w)));
            ids
        };
        let [id] = known(word)[..] else { return None };
        let ids = known(text);
        Some(match ids.iter().position(|i| *i == id) {
            Some(at) => self.guess(id, self.params.around(&ids, at)),
            None => self.guess(id, ids.iter().copied()),
        })
    }

    /// The kept senses as words of their own, `bank#0`, `bank#2`: for nearest words, analogies and other programs.
    ///
    /// # Errors
    /// [`EmbeddingError`], if the tables do not fit each other.
    pub fn embedding(&self) -> Result<Embedding, EmbeddingError> {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for (id, word) in self.vocabulary.words().enumerate() {
            for s in self.senses(id as u32) {
                let count = (self.vocabulary.counts()[id] as f64 * f64::from(s.share)).round() as u64;
                names.push((format!("{word}#{}", s.number), count));
                values.extend_from_slice(s.vector);
            }
        }
        let rows =
            Vectors::from_slice(&values, self.senses.dim()).unwrap_or_else(|_| Vectors::zeros(0, self.senses.dim()));
        let vocabulary = Vocabulary::new(names.iter().map(|(n, c)| (n.as_str(), *c)));
        let params = EmbeddingParams { name: "senses".into(), tokenizer: self.tokenizer, ..EmbeddingParams::default() };
        Embedding::new(vocabulary, rows, params, self.provenance.clone())
    }

    /// Writes the artifact.
    ///
    /// # Errors
    /// [`EmbeddingError::Artifact`] when the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), EmbeddingError> {
        let tables = [("senses", &self.senses), ("clues", &self.clues), ("contexts", &self.contexts)];
        let shares = TensorOut::f32("shares", vec![self.shares.len()], &self.shares);
        let (vocabulary, params, provenance) = (&self.vocabulary, &self.params, self.provenance.clone());
        // Nothing is drawn when senses are guessed.
        Header { vocabulary, params, tokenizer: self.tokenizer, seed: 0, provenance }.save(
            path,
            (KIND, VERSION),
            tables,
            vec![shares],
        )
    }

    /// Opens an artifact.
    ///
    /// # Errors
    /// [`EmbeddingError`] when it is missing, damaged or of another kind; the message names the file.
    pub fn open(path: &Path) -> Result<Self, EmbeddingError> {
        Self::from_artifact(Artifact::open(path)?)
    }

    /// From an opened artifact.
    ///
    /// # Errors
    /// As [`Senses::open`].
    pub fn from_artifact(a: Artifact) -> Result<Self, EmbeddingError> {
        let a = a.expect_kind(KIND, VERSION)?;
        let Header { vocabulary, params, tokenizer, provenance, .. } = Header::<_, SenseParams>::read(&a)?;
        params.check().map_err(|e| wrong(&a, e))?;
        let [senses, clues, contexts] = [a.rows("senses")?, a.rows("clues")?, a.rows("contexts")?];
        let shares: Vec<f32> = a.slice("shares", Dtype::F32)?.to_vec();
        let (rows, dim) = (vocabulary.len() * params.senses, params.training.dim);
        let fits = [senses.rows(), clues.rows(), shares.len()].iter().all(|n| *n == rows)
            && contexts.rows() == vocabulary.len();
        if !fits || [&senses, &clues, &contexts].iter().any(|t| t.dim() != dim) {
            return Err(wrong(&a, format!("tables of another shape than {rows} × {dim}")));
        }
        Ok(Self { shares, ..Self::new(vocabulary, [senses, clues, contexts], params, tokenizer, provenance) })
    }
}
