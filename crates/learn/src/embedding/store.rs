//! Word vectors as files.

use std::path::Path;

use safetensors::tensor::Dtype;
use vectory_core::Vectors;
use vectory_core::artifact::{self, Artifact, Card, TensorOut};
use vectory_io::fasttext::is_fasttext;
use vectory_io::vectors::{ReadOptions, read_all_with};

use super::{Embedding, EmbeddingError, EmbeddingParams, Table};
use crate::documents::lda2vec::{self, Lda2Vec};
use crate::senses::{self, Senses};
use crate::vocabulary::{TokenKind, Tokenizer, Vocabulary};

/// The kind that the artifact's card names.
pub(crate) const KIND: &str = "word-vectors";
const VERSION: u32 = 1;

impl Embedding {
    /// Writes the artifact.
    ///
    /// # Errors
    /// [`EmbeddingError::Artifact`] when the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), EmbeddingError> {
        let words = WordTensors::of(&self.vocabulary);
        let copied;
        let rows = match &self.rows {
            Table::Rows(v) => v,
            Table::FastText(m) => {
                let mut all = Vectors::zeros(m.rows(), m.dim());
                (0..m.rows()).for_each(|i| m.add(i, 1.0, all.row_mut(i)));
                copied = all;
                &copied
            }
        };
        let [text, counts] = words.tensors();
        let tensors = [TensorOut::f32("rows", vec![rows.rows(), rows.dim()], rows.as_slice()), text, counts];
        let params = serde_json::to_value(&self.params).unwrap_or_default();
        let card = Card { kind: KIND.into(), version: VERSION, params, provenance: self.provenance.clone() };
        artifact::save(path, &card, &tensors)?;
        Ok(())
    }

    /// Opens word vectors: our artifact (of a model with senses: `bank#0`, `bank#1`), a fastText model, or a file of named vectors (word2vec, GloVe, `.vec`, `.parquet`, …).
    ///
    /// # Errors
    /// [`EmbeddingError`] when it is missing, damaged or without names; the message names the file.
    pub fn open(path: &Path) -> Result<Self, EmbeddingError> {
        if is_fasttext(path) {
            return Self::open_fasttext(path);
        }
        match Artifact::open(path) {
            Ok(a) if a.card().kind == KIND => Self::from_artifact(a),
            Ok(a) if a.card().kind == senses::KIND => Senses::from_artifact(a)?.embedding(),
            Ok(a) if a.card().kind == lda2vec::KIND => Lda2Vec::from_artifact(a)?.embedding(),
            Ok(a) => Ok(Self::from_artifact(a.expect_kind(KIND, VERSION)?)?),
            Err(e) if path.extension().is_some_and(|x| x == "safetensors") => Err(e.into()),
            Err(_) => Self::open_vectors(path),
        }
    }

    /// From an opened artifact.
    ///
    /// # Errors
    /// As [`Embedding::open`].
    pub fn from_artifact(a: Artifact) -> Result<Self, EmbeddingError> {
        let a = a.expect_kind(KIND, VERSION)?;
        let bad = |why: String| EmbeddingError::Format { path: a.path().to_owned(), why };
        let params: EmbeddingParams =
            serde_json::from_value(a.card().params.clone()).map_err(|e| bad(format!("parameters: {e}")))?;
        let vocabulary = read_words(&a)?;
        let rows = a.rows("rows")?;
        if let Some((row, _)) = rows.view().first_non_finite() {
            return Err(bad(format!("row {row} holds a value that is not finite")));
        }
        Self::new(vocabulary, rows, params, a.card().provenance.clone())
    }

    fn open_vectors(path: &Path) -> Result<Self, EmbeddingError> {
        let set = read_all_with(path, &ReadOptions::default())?;
        let bad = |why: &str| EmbeddingError::Format { path: path.to_owned(), why: why.into() };
        let Some(names) = set.names else {
            return Err(bad("its rows have no names; expected word2vec, GloVe or another form with a word a row"));
        };
        let vocabulary = Vocabulary::new(names.iter().map(|w| (w.as_str(), 0)));
        let lower = !names.iter().any(|w| w.chars().any(char::is_uppercase));
        let name = path.file_stem().map_or_else(|| "words".into(), |n| n.to_string_lossy().into_owned());
        let tokenizer = Tokenizer { tokens: TokenKind::Words, lower };
        let params = EmbeddingParams { name, tokenizer, ..EmbeddingParams::default() };
        Self::new(vocabulary, set.rows, params, serde_json::json!({ "file": path }))
    }
}

/// A vocabulary on its way into an artifact.
pub(crate) struct WordTensors {
    text: String,
    counts: Vec<i64>,
}

impl WordTensors {
    pub fn of(vocabulary: &Vocabulary) -> Self {
        let counts = vocabulary.counts().iter().map(|c| c.cast_signed()).collect();
        Self { text: vocabulary.words().collect::<Vec<_>>().join("\n"), counts }
    }

    /// `words` (U8, joined by line feeds) and `counts` (I64).
    pub fn tensors(&self) -> [TensorOut<'_>; 2] {
        let (shape, bytes) = (vec![self.counts.len()], bytemuck::cast_slice(&self.counts));
        [TensorOut::u8("words", self.text.as_bytes()), TensorOut { name: "counts", dtype: Dtype::I64, shape, bytes }]
    }
}

/// The vocabulary in an artifact: `words` and `counts`.
pub(crate) fn read_words(a: &Artifact) -> Result<Vocabulary, EmbeddingError> {
    let bad = |why: String| EmbeddingError::Format { path: a.path().to_owned(), why };
    let text = a.tensor("words", Dtype::U8)?.1;
    let text = std::str::from_utf8(text).map_err(|e| bad(format!("`words`: {e}")))?;
    let counts = a.tensor("counts", Dtype::I64)?.1.as_chunks::<8>().0;
    let counts = counts.iter().map(|b| i64::from_le_bytes(*b).max(0) as u64);
    let words: Vec<&str> = text.split('\n').collect();
    if words.len() != counts.len() {
        return Err(bad(format!("{} words and {} counts", words.len(), counts.len())));
    }
    Ok(Vocabulary::new(words.into_iter().zip(counts)))
}
