//! A loaded folder as an [`Encode`].

use std::path::Path;

use rayon::prelude::*;
use vectory_core::repr::Multi;
use vectory_core::{Context, Encode, EncodeError, Metric, Vectors};

use super::LoadError;
use super::config::{Config, Head, Precision};
use super::model::Model;
use super::preset::Preset;
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
        Self::load_with(folder, precision, None)
    }

    /// [`Bert::load`], with pooling and layers other than the folder says.
    ///
    /// # Errors
    /// As [`Bert::load`]; [`LoadError::Unsupported`] for layers that the model has not.
    pub fn load_with(folder: &Path, precision: Precision, preset: Option<&Preset>) -> Result<Self, LoadError> {
        let config = Config::read(folder)?;
        let mut head = Head::read(folder, &config)?;
        let mut mix = vec![config.num_hidden_layers];
        if let Some(p) = preset {
            head.pooling = p.pooling;
            mix = p
                .layers
                .of(config.num_hidden_layers)
                .map_err(|why| LoadError::Unsupported { path: folder.to_owned(), why })?;
        }
        let weights = Weights::read(folder, precision)?;
        let tokens = Tokens::read(folder, head.max_tokens)?;
        let name = folder.canonicalize().ok().and_then(|p| Some(p.file_name()?.to_string_lossy().into_owned()));
        Ok(Self {
            name: name.unwrap_or_else(|| config.model_type.clone()),
            fingerprint: format!("bert:{}:{head:?}:{precision:?}{}", weights.fingerprint(), shown(preset)),
            tokens,
            model: Model::read(&weights, config, head, mix)?,
            head,
        })
    }

    /// Layers of the transformer.
    #[must_use]
    pub fn layers(&self) -> usize {
        self.model.layers()
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
        for (batch, rows) in self.in_batches(texts, ctx, |texts| self.model.forward(texts))?.1 {
            for (index, row) in batch.into_iter().zip(rows.chunks_exact(dim)) {
                finite(index, row)?;
                out.row_mut(index).copy_from_slice(row);
            }
        }
        Ok(out)
    }

    fn encode_tokens(&self, texts: &[&str], ctx: &Context) -> Result<Multi, EncodeError> {
        let dim = self.dim();
        let (ids, done) = self.in_batches(texts, ctx, |texts| self.model.hidden(texts))?;
        // Without the first and the last: they mark beginning and end.
        let lengths: Vec<u32> = ids.iter().map(|i| i.len().saturating_sub(2) as u32).collect();
        let ends: Vec<usize> = lengths
            .iter()
            .scan(0, |end, l| {
                Some({
                    *end += *l as usize;
                    *end
                })
            })
            .collect();
        let mut out = Vectors::zeros(ends.last().copied().unwrap_or(0), dim);
        for (batch, rows) in done {
            let mut rest = &rows[..];
            for index in batch {
                let (own, tail) = rest.split_at(ids[index].len() * dim);
                rest = tail;
                finite(index, own)?;
                let first = ends[index] - lengths[index] as usize;
                for (i, row) in own.chunks_exact(dim).skip(1).take(lengths[index] as usize).enumerate() {
                    out.row_mut(first + i).copy_from_slice(row);
                    vectory_core::vectors::normalize(out.row_mut(first + i));
                }
            }
        }
        Multi::new(&lengths, out).ok_or_else(|| EncodeError::Model("tokens were lost".to_owned()))
    }
}

/// What a preset adds to a fingerprint: nothing where there is none, so that spaces built before stay as they are.
fn shown(preset: Option<&Preset>) -> String {
    preset.map_or_else(String::new, |p| format!(":{:?}", p.layers))
}

/// What was computed for the texts of one batch, named by their places.
type Done = Vec<(Vec<usize>, Vec<f32>)>;

impl Bert {
    /// The ids of each text, and what `forward` makes of them, batch by batch, on all threads.
    fn in_batches(
        &self,
        texts: &[&str],
        ctx: &Context,
        forward: impl Fn(&[&[u32]]) -> Vec<f32> + Sync,
    ) -> Result<(Vec<Vec<u32>>, Done), EncodeError> {
        ctx.pool().install(|| {
            let ids = texts.par_iter().enumerate().map(|(i, t)| self.ids(i, t)).collect::<Result<Vec<_>, _>>()?;
            let run = |batch: Vec<usize>| {
                ctx.check()?;
                let texts: Vec<&[u32]> = batch.iter().map(|i| &ids[*i][..]).collect();
                let rows = forward(&texts);
                Ok::<_, EncodeError>((batch, rows))
            };
            let done = batches(&ids).into_par_iter().map(run).collect::<Result<_, _>>()?;
            Ok((ids, done))
        })
    }
}

fn finite(index: usize, values: &[f32]) -> Result<(), EncodeError> {
    if values.iter().all(|v| v.is_finite()) { Ok(()) } else { Err(EncodeError::NonFinite { index }) }
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
