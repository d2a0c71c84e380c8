//! Reading a model2vec folder: `model.safetensors` (tensor `embeddings`, where present `weights` and `mapping`) and
//! `tokenizer.json`. Its rows become int8 rows of ours.

use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use vectory_core::Vectors;
use vectory_core::artifact::ArtifactError;
use vectory_text::WordPiece;

use super::store::floats;
use super::{StaticEncoder, StaticError, StaticParams};

pub(super) fn load(folder: &Path) -> Result<StaticEncoder, StaticError> {
    let path = folder.join("model.safetensors");
    let format = |why: String| StaticError::Format { path: path.clone(), why };
    let bytes = fs_err::read(&path).map_err(ArtifactError::Io)?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(|e| format(e.to_string()))?;
    let words = WordPiece::from_tokenizer_json(&folder.join("tokenizer.json"))?;
    let table = tensors.tensor("embeddings").map_err(|_| format("no tensor `embeddings`".into()))?;
    let &[n, dim] = table.shape() else {
        return Err(format(format!("`embeddings` has shape {:?}, expected two dimensions", table.shape())));
    };
    let values = floats(&table).ok_or_else(|| format(format!("`embeddings` is {:?}", table.dtype())))?;
    let tokens = words.vocab().len();
    let column = |name: &str| tensors.tensor(name).ok();
    let weights =
        column("weights").map(|t| floats(&t).ok_or_else(|| format("`weights` are no floats".into()))).transpose()?;
    let mapping =
        column("mapping").map(|t| integers(&t).ok_or_else(|| format("`mapping` is no integers".into()))).transpose()?;
    let mut rows = Vectors::zeros(tokens, dim);
    for i in 0..tokens {
        let from = mapping.as_ref().map_or(i, |m| m.get(i).copied().unwrap_or(n));
        if from >= n {
            return Err(format(format!("token {i} has row {from} of {n}")));
        }
        let weight = weights.as_ref().map_or(1.0, |w| w.get(i).copied().unwrap_or(1.0));
        let source = &values[from * dim..(from + 1) * dim];
        rows.row_mut(i).iter_mut().zip(source).for_each(|(r, v)| *r = weight * v);
    }
    let name = folder.file_name().map_or_else(|| "model2vec".into(), |n| n.to_string_lossy().into_owned());
    let params = StaticParams { name, tokenizer: words.params().clone() };
    StaticEncoder::from_parts(words, rows.view(), params)
}

fn integers(tensor: &TensorView<'_>) -> Option<Vec<usize>> {
    let data = tensor.data();
    match tensor.dtype() {
        Dtype::I64 => data.as_chunks::<8>().0.iter().map(|b| usize::try_from(i64::from_le_bytes(*b)).ok()).collect(),
        Dtype::I32 => data.as_chunks::<4>().0.iter().map(|b| usize::try_from(i32::from_le_bytes(*b)).ok()).collect(),
        _ => None,
    }
}
