//! A loaded folder as an [`Encode`].

use std::path::Path;

use rayon::prelude::*;
use vectory_core::{Context, Encode, EncodeError, Metric, Vectors};

use super::LoadError;
use super::config::{Config, Head, Precision};
use super::model::Model;
use super::tokens::Tokens;
use super::weights::Weights;

/// Tokens of a batch: enough for the matrix products, few enough that a layer's values stay in the second-level cache.
const BATCH_TOKENS: usize = 384;

/// A sentence encoder of the BERT family, read from a Hugging Face folder.
pub struct Bert {
    name: String,
    fingerprint: String,
    tokens: Tokens,
    model: Model,
    head: Head,
}

impl Bert {
    /// Reads `config.json`, `tokenizer.json`, `model.safetensors` and, where they are, `modules.json` and its parts.
    ///
    /// # Errors
    /// [`LoadError`], naming the file.
    pub fn load(folder: &Path, precision: Precision) -> Result<Self, LoadError> {
        let config = Config::read(folder)?;
        let head = Head::read(folder, &config)?;
        let weights = Weights::read(folder, precision)?;
        let tokens = Tokens::read(folder, head.max_tokens)?;
        let name = folder.canonicalize().ok().and_then(|p| Some(p.file_name()?.to_string_lossy().into_owned()));
        Ok(Self {
            name: name.unwrap_or_else(|| config.model_type.clone()),
            fingerprint: format!("bert:{}:{head:?}:{precision:?}", weights.fingerprint()),
            tokens,
            model: Model::read(&weights, config, head)?,
            head,
        })
    }

    /// The ids that the model reads of a text: with the special tokens, cut to [`Encode::max_tokens`].
    ///
    /// # Errors
    /// When the tokenizer fails; ours cannot.
    pub fn token_ids(&self, text: &str) -> Result<Vec<u32>, EncodeError> {
        self.tokens.ids(text).map_err(EncodeError::Model)
    }

    fn ids(&self, index: usize, text: &str) -> Result<Vec<u32>, EncodeError> {
        let ids = self.tokens.ids(text).map_err(|e| EncodeError::Model(format!("text {index}: {e}")))?;
        match ids.iter().find(|id| **id as usize >= self.model.vocabulary()) {
            None => Ok(ids),
            Some(id) => Err(EncodeError::Model(format!(
                "text {index}: token {id} is beyond the model's {} embeddings; tokenizer.json is another model's",
                self.model.vocabulary()
            ))),
        }
    }
}

impl Encode for Bert {
    fn name(&self) -> &str {
        &self.name
    }

    fn dim(&self) -> usize {
        self.model.dim()
    }

    fn metric(&self) -> Metric {
        Metric::Cosine
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn max_tokens(&self) -> Option<usize> {
        Some(self.head.max_tokens)
    }

    fn encode(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        let dim = self.dim();
        let mut out = Vectors::zeros(texts.len(), dim);
        let done: Vec<(Vec<usize>, Vec<f32>)> = ctx.pool().install(|| {
            let ids = texts.par_iter().enumerate().map(|(i, t)| self.ids(i, t)).collect::<Result<Vec<_>, _>>()?;
            let run = |batch: Vec<usize>| {
                ctx.check()?;
                let texts: Vec<&[u32]> = batch.iter().map(|i| &ids[*i][..]).collect();
                let rows = self.model.forward(&texts);
                Ok::<_, EncodeError>((batch, rows))
            };
            batches(&ids).into_par_iter().map(run).collect::<Result<_, _>>()
        })?;
        for (batch, rows) in done {
            for (index, row) in batch.into_iter().zip(rows.chunks_exact(dim)) {
                if row.iter().any(|v| !v.is_finite()) {
                    return Err(EncodeError::NonFinite { index });
                }
                out.row_mut(index).copy_from_slice(row);
            }
        }
        Ok(out)
    }
}

/// Texts of like length together, about [`BATCH_TOKENS`] tokens a batch; the longest first, so that threads end together.
fn batches(ids: &[Vec<u32>]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..ids.len()).filter(|i| !ids[*i].is_empty()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(ids[*i].len()));
    let mut out: Vec<Vec<usize>> = Vec::new();
    let mut tokens = usize::MAX / 2;
    for index in order {
        let len = ids[index].len();
        if tokens + len > BATCH_TOKENS {
            out.push(Vec::new());
            tokens = 0;
        }
        tokens += len;
        if let Some(batch) = out.last_mut() {
            batch.push(index);
        }
    }
    out
}
