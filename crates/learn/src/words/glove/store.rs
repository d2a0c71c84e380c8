//! A whole model as a file: what [`certainty`](super::certainty) needs beside the counts.

use std::path::Path;

use safetensors::tensor::Dtype;
use vectory_core::Vectors;
use vectory_core::artifact::{self, Artifact, ArtifactError, Card, TensorOut};

use super::{Glove, GloveParams};
use crate::words::WordVectors;

/// What the artifact's card calls it.
const KIND: &str = "glove";
const VERSION: u32 = 1;

impl Glove {
    /// Writes word and context vectors, biases, parameters.
    ///
    /// # Errors
    /// [`ArtifactError`] when the file cannot be written.
    pub fn save(&self, path: &Path, params: &GloveParams) -> Result<(), ArtifactError> {
        let card = Card {
            kind: KIND.into(),
            version: VERSION,
            params: serde_json::to_value(params).unwrap_or_default(),
            provenance: serde_json::json!({"losses": self.vectors.losses}),
        };
        let rows = |v: &Vectors| vec![v.rows(), v.dim()];
        let empty = Vectors::zeros(0, params.dim);
        let contexts = self.vectors.contexts.as_ref().unwrap_or(&empty);
        let tensors = [
            TensorOut::f32("words", rows(&self.vectors.words), self.vectors.words.as_slice()),
            TensorOut::f32("contexts", rows(contexts), contexts.as_slice()),
            TensorOut::f32("biases", vec![self.biases.len()], &self.biases),
            TensorOut::f32("context_biases", vec![self.context_biases.len()], &self.context_biases),
        ];
        artifact::save(path, &card, &tensors)
    }

    /// Opens such a file.
    ///
    /// # Errors
    /// [`ArtifactError`]: missing, damaged, of another kind, or parts that do not fit each other.
    pub fn open(path: &Path) -> Result<(Self, GloveParams), ArtifactError> {
        let file = Artifact::open_kind(path, KIND, VERSION)?;
        let bad = |why: String| ArtifactError::Format { path: path.to_owned(), why };
        let params: GloveParams = serde_json::from_value(file.card().params.clone()).map_err(|e| bad(e.to_string()))?;
        let (words, contexts) = (file.rows("words")?, file.rows("contexts")?);
        let biases: Vec<f32> = file.slice("biases", Dtype::F32)?.to_vec();
        let context_biases: Vec<f32> = file.slice("context_biases", Dtype::F32)?.to_vec();
        if words.rows() != biases.len() || contexts.rows() != context_biases.len() || words.dim() != contexts.dim() {
            return Err(bad("its tables do not fit each other".into()));
        }
        let vectors = WordVectors { words, contexts: Some(contexts), losses: vec![] };
        Ok((Self { vectors, biases, context_biases }, params))
    }
}
