//! The artifact: `tokens` (int8 n × dim), `scales` (f32 n), `vocab` (the tokens, one a line).

use std::path::Path;

use safetensors::Dtype;
use vectory_core::artifact::{Artifact, Card, TensorOut, save};

use super::{KIND, Rows, StaticEncoder, StaticError, StaticParams, VERSION};

impl StaticEncoder {
    /// Reads a model file.
    ///
    /// # Errors
    /// [`StaticError`], naming the file.
    pub fn load(path: &Path) -> Result<Self, StaticError> {
        Self::of(&Artifact::open_kind(path, KIND, VERSION)?)
    }

    /// Reads a model that is part of the program.
    ///
    /// # Errors
    /// As [`StaticEncoder::load`].
    pub fn from_bytes(bytes: &'static [u8]) -> Result<Self, StaticError> {
        Self::of(&Artifact::embedded("built-in model", bytes)?.expect_kind(KIND, VERSION)?)
    }

    fn of(a: &Artifact) -> Result<Self, StaticError> {
        let bad = |why: String| StaticError::parts(a.path(), why);
        let params: StaticParams =
            serde_json::from_value(a.card().params.clone()).map_err(|e| bad(format!("parameters: {e}")))?;
        let (shape, values) = a.tensor("tokens", Dtype::I8)?;
        let &[rows, dim] = shape.as_slice() else {
            return Err(bad(format!("`tokens` has shape {shape:?}, expected two dimensions")));
        };
        let scales: Vec<f32> = bytemuck::pod_collect_to_vec(a.tensor("scales", Dtype::F32)?.1);
        if scales.len() != rows || dim == 0 || scales.iter().any(|s| !s.is_finite()) {
            return Err(bad(format!("{} scales for {rows} rows of {dim}, or a scale that is not finite", scales.len())));
        }
        let vocab = std::str::from_utf8(a.tensor("vocab", Dtype::U8)?.1).map_err(|e| bad(format!("vocabulary: {e}")))?;
        let tokens = vocab.split('\n').map(str::to_owned).collect();
        let rows = Rows { values: bytemuck::cast_slice(values).to_vec(), scales, dim };
        Self::new(tokens, rows, params).map_err(bad)
    }

    /// Writes the model; `provenance` says where it comes from.
    ///
    /// # Errors
    /// When the file cannot be written; what was there stays.
    pub fn save(&self, path: &Path, provenance: serde_json::Value) -> Result<(), StaticError> {
        let params = serde_json::to_value(&self.params).map_err(|e| StaticError::parts(path, e.to_string()))?;
        let card = Card { kind: KIND.into(), version: VERSION, params, provenance };
        let vocab = self.tokens().join("\n");
        let shape = vec![self.rows.len(), self.rows.dim()];
        let tensors = [
            TensorOut::i8("tokens", shape, &self.rows.values),
            TensorOut::f32("scales", vec![self.rows.len()], &self.rows.scales),
            TensorOut::u8("vocab", vocab.as_bytes()),
        ];
        Ok(save(path, &card, &tensors)?)
    }
}
