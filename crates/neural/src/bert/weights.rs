//! Tensors of a `model.safetensors`, as f32, by the names that Hugging Face gives them.

use std::path::{Path, PathBuf};

use half::{bf16, f16};
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

use super::LoadError;
use super::config::Precision;

/// The bytes of a weight file. Read whole, because nearly every byte is repacked for the matrix product.
pub struct Weights {
    path: PathBuf,
    bytes: Vec<u8>,
    prefix: String,
    precision: Precision,
}

impl Weights {
    /// Reads `model.safetensors` of a folder and finds out how its names begin (`bert.`, `roberta.`, nothing).
    ///
    /// # Errors
    /// When the file is missing, damaged, or holds no word embeddings.
    pub fn read(folder: &Path, precision: Precision) -> Result<Self, LoadError> {
        const FIRST: &str = "embeddings.word_embeddings.weight";
        let path = folder.join("model.safetensors");
        let bytes = fs_err::read(&path)?;
        let parsed = SafeTensors::deserialize(&bytes)
            .map_err(|e| LoadError::Weights { path: path.clone(), why: e.to_string() })?;
        let prefix = parsed.names().iter().find_map(|n| n.strip_suffix(FIRST)).map(str::to_owned);
        let Some(prefix) = prefix else {
            return Err(LoadError::Weights { path, why: format!("has no tensor that ends in `{FIRST}`") });
        };
        Ok(Self { path, bytes, prefix, precision })
    }

    /// In which numbers the linear layers are to be computed.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The content's fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        vectory_core::hash::content(&self.bytes)
    }

    /// A tensor as f32 with the expected number of values.
    ///
    /// # Errors
    /// When it is missing, of another type or of another size.
    pub fn get(&self, name: &str, values: usize) -> Result<Vec<f32>, LoadError> {
        let full = format!("{}{name}", self.prefix);
        let bad = |why: String| LoadError::Weights { path: self.path.clone(), why };
        let parsed = SafeTensors::deserialize(&self.bytes).map_err(|e| bad(e.to_string()))?;
        let tensor = parsed.tensor(&full).map_err(|_| bad(format!("has no tensor `{full}`")))?;
        let out = to_f32(tensor.dtype(), tensor.data())
            .ok_or_else(|| bad(format!("tensor `{full}` has type {:?}; we read F32, F16, BF16", tensor.dtype())))?;
        if out.len() != values {
            return Err(bad(format!("tensor `{full}` has shape {:?}, expected {values} values", tensor.shape())));
        }
        Ok(out)
    }

    /// Rows of a two-dimensional tensor of known width.
    ///
    /// # Errors
    /// As [`Weights::get`].
    pub fn table(&self, name: &str, width: usize) -> Result<Vec<f32>, LoadError> {
        let full = format!("{}{name}", self.prefix);
        let bad = |why: String| LoadError::Weights { path: self.path.clone(), why };
        let parsed = SafeTensors::deserialize(&self.bytes).map_err(|e| bad(e.to_string()))?;
        let rows = match parsed.tensor(&full).map(|t| t.shape().to_vec()).as_deref() {
            Ok(&[rows, w]) if w == width => rows,
            Ok(shape) => return Err(bad(format!("tensor `{full}` has shape {shape:?}, expected rows of {width}"))),
            Err(_) => return Err(bad(format!("has no tensor `{full}`"))),
        };
        self.get(name, rows * width)
    }
}

fn to_f32(dtype: Dtype, data: &[u8]) -> Option<Vec<f32>> {
    let pairs = || data.chunks_exact(2).map(|b| [b[0], b[1]]);
    match dtype {
        Dtype::F32 => Some(data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()),
        Dtype::F16 => Some(pairs().map(|b| f16::from_le_bytes(b).to_f32()).collect()),
        Dtype::BF16 => Some(pairs().map(|b| bf16::from_le_bytes(b).to_f32()).collect()),
        _ => None,
    }
}
