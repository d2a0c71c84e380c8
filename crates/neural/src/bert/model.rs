//! The forward pass: embeddings, then layers of attention and feed-forward, then pooling.
//!
//! A batch is the tokens of several texts one after another. Linear layers see them as one matrix; attention goes text by text.
//! Devlin et al. 2019 (BERT); post-layer-norm as published.

use super::LoadError;
use super::attention::{Scratch, Shape, attend};
use super::config::{Config, Head, Pooling};
use super::linear::Linear;
use super::ops;
use super::weights::Weights;

/// Gain and bias of a layer normalisation.
struct Norm {
    gain: Vec<f32>,
    bias: Vec<f32>,
    epsilon: f32,
}

impl Norm {
    fn read(weights: &Weights, name: &str, config: &Config) -> Result<Self, LoadError> {
        let get = |part: &str| weights.get(&format!("{name}.LayerNorm.{part}"), config.hidden_size);
        Ok(Self { gain: get("weight")?, bias: get("bias")?, epsilon: config.layer_norm_eps })
    }

    fn row(&self, row: &mut [f32]) {
        ops::layer_norm(row, &self.gain, &self.bias, self.epsilon);
    }

    /// `x` becomes the norm of `x + y`, row by row.
    fn add(&self, x: &mut [f32], y: &[f32]) {
        let dim = self.gain.len();
        for (a, b) in x.chunks_exact_mut(dim).zip(y.chunks_exact(dim)) {
            a.iter_mut().zip(b).for_each(|(u, v)| *u += v);
            self.row(a);
        }
    }
}

struct Layer {
    /// Queries, keys and values in one product.
    qkv: Linear,
    mixed: Linear,
    mixed_norm: Norm,
    up: Linear,
    down: Linear,
    norm: Norm,
}

impl Layer {
    fn read(weights: &Weights, index: usize, config: &Config) -> Result<Self, LoadError> {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let at = |name: &str| format!("encoder.layer.{index}.{name}");
        let linear = |name: &str, outputs, inputs| Linear::read(weights, &[&at(name)], outputs, inputs);
        let parts = ["query", "key", "value"].map(|p| at(&format!("attention.self.{p}")));
        Ok(Self {
            qkv: Linear::read(weights, &[&parts[0], &parts[1], &parts[2]], hidden, hidden)?,
            mixed: linear("attention.output.dense", hidden, hidden)?,
            mixed_norm: Norm::read(weights, &at("attention.output"), config)?,
            up: linear("intermediate.dense", inner, hidden)?,
            down: linear("output.dense", hidden, inner)?,
            norm: Norm::read(weights, &at("output"), config)?,
        })
    }
}

/// A BERT encoder with its weights.
pub(super) struct Model {
    words: Vec<f32>,
    /// Positions with the vector of token type 0 added.
    positions: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    config: Config,
    head: Head,
    /// The layers whose mean is given, 0 being the embeddings.
    mix: Vec<usize>,
}

impl Model {
    pub(super) fn read(weights: &Weights, config: Config, head: Head, mix: Vec<usize>) -> Result<Self, LoadError> {
        let hidden = config.hidden_size;
        let words = weights.table("embeddings.word_embeddings.weight", hidden)?;
        let mut positions =
            weights.get("embeddings.position_embeddings.weight", config.max_position_embeddings * hidden)?;
        let types = weights.table("embeddings.token_type_embeddings.weight", hidden)?;
        for row in positions.chunks_exact_mut(hidden) {
            row.iter_mut().zip(&types).for_each(|(p, t)| *p += t);
        }
        let norm = Norm::read(weights, "embeddings", &config)?;
        let layers =
            (0..config.num_hidden_layers).map(|i| Layer::read(weights, i, &config)).collect::<Result<_, _>>()?;
        Ok(Self { words, positions, norm, layers, config, head, mix })
    }

    pub(super) fn dim(&self) -> usize {
        self.config.hidden_size
    }

    pub(super) fn layers(&self) -> usize {
        self.layers.len()
    }

    pub(super) fn vocabulary(&self) -> usize {
        self.words.len() / self.config.hidden_size
    }

    /// One vector a text of the batch, one after another.
    pub(super) fn forward(&self, texts: &[&[u32]]) -> Vec<f32> {
        self.pool(&self.hidden(texts), texts)
    }

    /// The vector of each token, text after text: of the last layer, or the mean of several.
    pub(super) fn hidden(&self, texts: &[&[u32]]) -> Vec<f32> {
        let hidden = self.config.hidden_size;
        let tokens: usize = texts.iter().map(|t| t.len()).sum();
        let mut x = self.embed(texts, tokens);
        let mut wide = vec![0.0; tokens * self.config.intermediate_size.max(3 * hidden)];
        let mut y = vec![0.0; tokens * hidden];
        let mut mixed = vec![0.0; tokens * hidden];
        let mut scratch = Scratch::default();
        let heads = self.config.num_attention_heads;
        let mut mean = Mean::new(&self.mix, self.layers.len());
        mean.add(0, &x);
        for (number, layer) in (1..).zip(&self.layers) {
            let qkv = &mut wide[..tokens * 3 * hidden];
            layer.qkv.forward(&x, qkv);
            let mut start = 0;
            for text in texts {
                let shape = Shape { len: text.len(), heads, dim: hidden / heads };
                let rows = start..start + text.len();
                start = rows.end;
                attend(
                    &qkv[rows.start * 3 * hidden..rows.end * 3 * hidden],
                    shape,
                    &mut mixed[rows.start * hidden..rows.end * hidden],
                    &mut scratch,
                );
            }
            layer.mixed.forward(&mixed, &mut y);
            layer.mixed_norm.add(&mut x, &y);
            let inner = &mut wide[..tokens * self.config.intermediate_size];
            layer.up.forward(&x, inner);
            inner.iter_mut().for_each(|v| *v = ops::gelu(*v));
            layer.down.forward(inner, &mut y);
            layer.norm.add(&mut x, &y);
            mean.add(number, &x);
        }
        mean.or(x)
    }

    fn embed(&self, texts: &[&[u32]], tokens: usize) -> Vec<f32> {
        let hidden = self.config.hidden_size;
        let first = self.config.first_position();
        let mut x = vec![0.0; tokens * hidden];
        let places = texts.iter().flat_map(|t| t.iter().enumerate());
        for (row, (place, id)) in x.chunks_exact_mut(hidden).zip(places) {
            let word = &self.words[*id as usize * hidden..][..hidden];
            let position = &self.positions[(first + place) * hidden..][..hidden];
            row.iter_mut().zip(word).zip(position).for_each(|((r, w), p)| *r = w + p);
            self.norm.row(row);
        }
        x
    }

    fn pool(&self, x: &[f32], texts: &[&[u32]]) -> Vec<f32> {
        let hidden = self.config.hidden_size;
        let mut out = vec![0.0; texts.len() * hidden];
        let mut rest = x;
        for (row, text) in out.chunks_exact_mut(hidden).zip(texts) {
            let (own, tail) = rest.split_at(text.len() * hidden);
            rest = tail;
            match self.head.pooling {
                Pooling::Cls => row.copy_from_slice(&own[..hidden]),
                Pooling::Mean => {
                    own.chunks_exact(hidden).for_each(|t| row.iter_mut().zip(t).for_each(|(r, v)| *r += v));
                    row.iter_mut().for_each(|r| *r /= text.len() as f32);
                }
            }
            if self.head.normalize {
                vectory_core::vectors::normalize(row);
            }
        }
        out
    }
}

/// The mean of some layers; nothing is kept where the last alone is wanted.
struct Mean<'a> {
    layers: &'a [usize],
    sum: Option<Vec<f32>>,
}

impl<'a> Mean<'a> {
    fn new(layers: &'a [usize], last: usize) -> Self {
        Self { layers, sum: (layers != [last]).then(Vec::new) }
    }

    fn add(&mut self, layer: usize, x: &[f32]) {
        if let Some(sum) = self.sum.as_mut().filter(|_| self.layers.contains(&layer)) {
            sum.resize(x.len(), 0.0);
            let share = 1.0 / self.layers.len() as f32;
            sum.iter_mut().zip(x).for_each(|(s, v)| *s += share * v);
        }
    }

    fn or(self, last: Vec<f32>) -> Vec<f32> {
        self.sum.unwrap_or(last)
    }
}
