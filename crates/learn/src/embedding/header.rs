//! What the artifacts of models of text have alike.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use vectory_core::Vectors;
use vectory_core::artifact::{self, Artifact, Card, TensorOut};

use super::{EmbeddingError, WordTensors, read_words};
use crate::vocabulary::{Tokenizer, Vocabulary};

/// A vocabulary, settings, a tokenizer and the seed of later draws: on their way into an artifact (borrowed) or out of one.
pub(crate) struct Header<V, P> {
    pub vocabulary: V,
    pub params: P,
    pub tokenizer: Tokenizer,
    pub seed: u64,
    pub provenance: serde_json::Value,
}

impl<P: Serialize> Header<&Vocabulary, &P> {
    /// Writes an artifact of a kind and version, with tables and other tensors beside the vocabulary.
    ///
    /// # Errors
    /// [`EmbeddingError::Artifact`] when the file cannot be written; what was at `path` stays.
    pub fn save<'a>(
        self,
        path: &Path,
        (kind, version): (&str, u32),
        tables: impl IntoIterator<Item = (&'a str, &'a Vectors)>,
        others: Vec<TensorOut<'_>>,
    ) -> Result<(), EmbeddingError> {
        let words = WordTensors::of(self.vocabulary);
        let table = |(name, r): (&'a str, &'a Vectors)| TensorOut::f32(name, vec![r.rows(), r.dim()], r.as_slice());
        let mut tensors: Vec<_> = tables.into_iter().map(table).collect();
        tensors.extend(others);
        tensors.extend(words.tensors());
        let params = serde_json::json!({ "settings": self.params, "tokenizer": self.tokenizer, "seed": self.seed });
        artifact::save(path, &Card { kind: kind.into(), version, params, provenance: self.provenance }, &tensors)?;
        Ok(())
    }
}

impl<P: DeserializeOwned> Header<Vocabulary, P> {
    /// Reads it from an artifact whose kind was checked.
    ///
    /// # Errors
    /// [`EmbeddingError`] naming the file and what is wrong with it.
    pub fn read(a: &Artifact) -> Result<Self, EmbeddingError> {
        let field = |name: &str| a.card().params[name].clone();
        Ok(Self {
            vocabulary: read_words(a)?,
            params: serde_json::from_value(field("settings")).map_err(|e| wrong(a, e))?,
            tokenizer: serde_json::from_value(field("tokenizer")).map_err(|e| wrong(a, e))?,
            seed: field("seed").as_u64().unwrap_or(0),
            provenance: a.card().provenance.clone(),
        })
    }
}

/// The error that a file does not hold what it should.
pub(crate) fn wrong(a: &Artifact, why: impl ToString) -> EmbeddingError {
    EmbeddingError::Format { path: a.path().to_owned(), why: why.to_string() }
}
