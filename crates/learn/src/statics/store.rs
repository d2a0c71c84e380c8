//! The encoder as a file: artifact kind `static-encoder`, version 1.
//!
//! Tensors: `tokens` I8 [n, dim], `scales` F32 or F16 [n], `vocab` U8 (the tokens, joined by line feeds). Parameters: `name`,
//! `dim`, `tokenizer`. Values mean `scales[i] · tokens[i, j]`.

use std::borrow::Cow;
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use vectory_core::artifact::{self, ArtifactError, Card, TensorOut};
use vectory_text::WordPiece;

use super::{StaticEncoder, StaticError, StaticParams, model2vec};

/// The kind that the artifact's card names.
const KIND: &str = "static-encoder";
/// The form's version.
const VERSION: u32 = 1;

impl StaticEncoder {
    /// Writes the encoder; `provenance` says where it comes from (recipe, seed, data, date).
    ///
    /// # Errors
    /// [`StaticError::Artifact`] when the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path, provenance: serde_json::Value) -> Result<(), StaticError> {
        let params = serde_json::json!({
            "name": self.params.name, "dim": self.dim, "tokenizer": self.params.tokenizer,
        });
        let vocab = self.tokens().join("\n");
        let n = self.scales.len();
        let tensors = [
            TensorOut::i8("tokens", vec![n, self.dim], &self.rows),
            TensorOut::f32("scales", vec![n], &self.scales),
            TensorOut::u8("vocab", vocab.as_bytes()),
        ];
        artifact::save(path, &Card { kind: KIND.into(), version: VERSION, params, provenance }, &tensors)?;
        Ok(())
    }

    /// Reads an encoder: a file of ours, or a model2vec folder (model.safetensors, tokenizer.json).
    ///
    /// # Errors
    /// [`StaticError`] when it is missing, damaged or of another kind; the message names the file.
    pub fn load(path: &Path) -> Result<Self, StaticError> {
        if path.is_dir() {
            return model2vec::load(path);
        }
        let bytes = fs_err::read(path).map_err(ArtifactError::Io)?;
        read(path, &bytes, |rows| Cow::Owned(rows.to_vec()))
    }

    /// An encoder inside the program; its rows are used where they lie.
    ///
    /// # Errors
    /// As [`StaticEncoder::load`].
    pub fn from_bytes(bytes: &'static [u8]) -> Result<Self, StaticError> {
        read(Path::new("(embedded)"), bytes, Cow::Borrowed)
    }
}

fn read<'a>(
    path: &Path,
    bytes: &'a [u8],
    keep: impl FnOnce(&'a [i8]) -> Cow<'static, [i8]>,
) -> Result<StaticEncoder, StaticError> {
    let format = |why: String| StaticError::Format { path: path.to_owned(), why };
    let params = card(path, bytes)?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| format(e.to_string()))?;
    let tensor = |name: &str| tensors.tensor(name).map_err(|_| format(format!("no tensor `{name}`")));
    let rows = tensor("tokens")?;
    let (n, dim) = match *rows.shape() {
        [n, dim] if dim > 0 && rows.dtype() == Dtype::I8 => (n, dim),
        _ => {
            return Err(format(format!(
                "`tokens` is {:?} {:?}, expected I8 [tokens, dim]",
                rows.dtype(),
                rows.shape()
            )));
        }
    };
    let scales = floats(&tensor("scales")?).ok_or_else(|| format("`scales` are no floats".into()))?;
    let vocab = std::str::from_utf8(tensor("vocab")?.data()).map_err(|e| format(format!("`vocab`: {e}")))?;
    let tokens: Vec<String> = vocab.split('\n').map(str::to_owned).collect();
    if scales.len() != n || tokens.len() != n {
        return Err(format(format!("{n} rows, {} scales and {} tokens; expected as many", scales.len(), tokens.len())));
    }
    if let Some(row) = scales.iter().position(|s| !s.is_finite()) {
        return Err(StaticError::NonFinite { row, token: tokens[row].clone() });
    }
    let words = WordPiece::from_vocab(tokens, params.tokenizer.clone())?;
    let codes = keep(bytemuck::cast_slice(rows.data()));
    Ok(StaticEncoder::new(params, words, codes, scales, dim))
}

/// Checks kind and version in the metadata and gives the parameters.
fn card(path: &Path, bytes: &[u8]) -> Result<StaticParams, StaticError> {
    let format = |why: String| StaticError::Format { path: path.to_owned(), why };
    let (_, head) = SafeTensors::read_metadata(bytes).map_err(|e| format(e.to_string()))?;
    let meta = head.metadata().as_ref();
    let get = |key: &str| meta.and_then(|m| m.get(key)).map_or("", String::as_str);
    let (kind, version) = (get("vectory.kind"), get("vectory.version"));
    if kind != KIND || version.parse().map_or(true, |v: u32| v > VERSION) {
        return Err(StaticError::Artifact(ArtifactError::Kind {
            path: path.to_owned(),
            found: format!("`{kind}` version {version}"),
            expected: format!("`{KIND}` up to version {VERSION}"),
        }));
    }
    serde_json::from_str(get("vectory.params")).map_err(|e| format(format!("parameters: {e}")))
}

/// The values of a float tensor; `None` for other types.
pub(super) fn floats(tensor: &TensorView<'_>) -> Option<Vec<f32>> {
    let data = tensor.data();
    match tensor.dtype() {
        Dtype::F32 => Some(data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()),
        Dtype::F16 => Some(data.as_chunks::<2>().0.iter().map(|b| half::f16::from_le_bytes(*b).to_f32()).collect()),
        Dtype::BF16 => Some(data.as_chunks::<2>().0.iter().map(|b| half::bf16::from_le_bytes(*b).to_f32()).collect()),
        Dtype::F64 => Some(data.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b) as f32).collect()),
        Dtype::I8 => Some(data.iter().map(|b| f32::from(*b as i8)).collect()),
        _ => None,
    }
}
