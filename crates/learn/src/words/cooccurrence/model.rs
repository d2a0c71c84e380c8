//! Counted pairs, in memory or in a mapped file.

use std::path::Path;

use safetensors::tensor::Dtype;
use vectory_core::artifact::{self, Artifact, Card, TensorOut};
use vectory_core::sparse::{Csr, CsrRef};

use super::CooccurrenceParams;
use crate::vocabulary::{Tokenizer, Vocabulary};
use crate::words::WordsError;

/// What the artifact's card calls it.
const KIND: &str = "cooccurrence";
const VERSION: u32 = 1;

/// A vocabulary and how often its words stand near each other: row `i`, column `j` is the weight of word `j` near word `i`.
pub struct Cooccurrences {
    /// The words, most frequent first, with their counts.
    pub vocabulary: Vocabulary,
    /// How the text was cut into words.
    pub tokenizer: Tokenizer,
    /// How the pairs were counted.
    pub params: CooccurrenceParams,
    held: Held,
}

enum Held {
    Memory(Csr),
    File(Artifact),
}

impl Cooccurrences {
    /// Pairs that were counted elsewhere (items of baskets, codes of visits).
    ///
    /// # Errors
    /// [`WordsError::NoPairs`]; [`WordsError::Damaged`] when the matrix does not fit the vocabulary.
    pub fn new(
        vocabulary: Vocabulary,
        tokenizer: Tokenizer,
        params: CooccurrenceParams,
        matrix: Csr,
    ) -> Result<Self, WordsError> {
        check(matrix.view(), vocabulary.len())
            .map_err(|why| WordsError::Damaged { path: "pairs".into(), why: why.to_owned() })?;
        if matrix.columns.is_empty() {
            return Err(WordsError::NoPairs);
        }
        Ok(Self { vocabulary, tokenizer, params, held: Held::Memory(matrix) })
    }

    /// The matrix.
    ///
    /// # Errors
    /// [`WordsError::Artifact`] when the file is not as it was when it was opened.
    pub fn matrix(&self) -> Result<CsrRef<'_>, WordsError> {
        match &self.held {
            Held::Memory(matrix) => Ok(matrix.view()),
            Held::File(file) => view(file, self.vocabulary.len()),
        }
    }

    /// Writes a file that [`Cooccurrences::open`] maps.
    ///
    /// # Errors
    /// [`WordsError::Artifact`] when it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), WordsError> {
        save(path, &self.vocabulary, self.tokenizer, &self.params, self.matrix()?)
    }

    /// Opens a file of counts; the matrix stays in the file.
    ///
    /// # Errors
    /// [`WordsError::Artifact`], [`WordsError::Damaged`].
    pub fn open(path: &Path) -> Result<Self, WordsError> {
        let file = Artifact::open_kind(path, KIND, VERSION)?;
        let bad = |why: String| WordsError::Damaged { path: path.display().to_string(), why };
        let text = std::str::from_utf8(file.tensor("words", Dtype::U8)?.1).map_err(|e| bad(e.to_string()))?;
        let counts: &[u64] = file.slice("word_counts", Dtype::U64)?;
        if text.lines().count() != counts.len() {
            return Err(bad(format!("{} words, {} counts", text.lines().count(), counts.len())));
        }
        let vocabulary = Vocabulary::new(text.lines().zip(counts.iter().copied()));
        let get = |name: &str| file.card().params.get(name).cloned().unwrap_or_default();
        let tokenizer = serde_json::from_value(get("tokenizer")).map_err(|e| bad(e.to_string()))?;
        let params = serde_json::from_value(get("pairs")).map_err(|e| bad(e.to_string()))?;
        check(view(&file, vocabulary.len())?, vocabulary.len()).map_err(|why| bad(why.to_owned()))?;
        Ok(Self { vocabulary, tokenizer, params, held: Held::File(file) })
    }
}

pub(super) fn save(
    path: &Path,
    vocabulary: &Vocabulary,
    tokenizer: Tokenizer,
    params: &CooccurrenceParams,
    matrix: CsrRef<'_>,
) -> Result<(), WordsError> {
    let words: String = vocabulary.words().flat_map(|w| [w, "\n"]).collect();
    let card = Card {
        kind: KIND.into(),
        version: VERSION,
        params: serde_json::json!({"pairs": params, "tokenizer": tokenizer}),
        provenance: serde_json::json!({"words": vocabulary.total()}),
    };
    let tensors = [
        TensorOut::u64("offsets", matrix.offsets),
        TensorOut::u32("columns", matrix.columns),
        TensorOut::f32("values", vec![matrix.values.len()], matrix.values),
        TensorOut::u64("word_counts", vocabulary.counts()),
        TensorOut::u8("words", words.as_bytes()),
    ];
    Ok(artifact::save(path, &card, &tensors)?)
}

fn view(file: &Artifact, words: usize) -> Result<CsrRef<'_>, WordsError> {
    Ok(CsrRef {
        offsets: file.slice("offsets", Dtype::U64)?,
        columns: file.slice("columns", Dtype::U32)?,
        values: file.slice("values", Dtype::F32)?,
        cols: words,
    })
}

/// Whether nothing in the matrix points outside, and no count is absurd.
fn check(m: CsrRef<'_>, words: usize) -> Result<(), &'static str> {
    let entries = m.columns.len();
    if m.offsets.len() != words + 1 || m.offsets[0] != 0 || m.offsets[words] != entries as u64 {
        return Err("the rows do not fit the vocabulary");
    }
    if m.values.len() != entries || m.offsets.windows(2).any(|w| w[0] > w[1]) {
        return Err("the rows do not follow each other");
    }
    if m.columns.iter().any(|c| *c as usize >= words) {
        return Err("a column lies outside the vocabulary");
    }
    if m.values.iter().any(|v| !(v.is_finite() && *v > 0.0)) {
        return Err("a count is not a positive number");
    }
    Ok(())
}
