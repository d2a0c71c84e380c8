//! A small encoder and small documents for tests.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

use std::path::Path;
use std::sync::Arc;

use vectory_core::{Context, Encode, EncodeError, Metric, Vectors};
use vectory_io::documents::Document;
use vectory_space::{EncoderProvider, Recipe};

/// Values of a row of [`HashEncoder`].
pub const DIM: usize = 24;

/// Each word is a fixed pseudo-random direction; a text is their sum.
pub struct HashEncoder(pub &'static str);

impl Encode for HashEncoder {
    fn name(&self) -> &str {
        self.0
    }
    fn dim(&self) -> usize {
        DIM
    }
    fn metric(&self) -> Metric {
        Metric::Cosine
    }
    fn fingerprint(&self) -> String {
        format!("hash-{}", self.0)
    }
    fn encode(&self, texts: &[&str], _: &Context) -> Result<Vectors, EncodeError> {
        let mut out = Vectors::zeros(texts.len(), DIM);
        for (i, text) in texts.iter().enumerate() {
            for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
                let seed = vectory_core::hash::fnv1a(word.as_bytes());
                for (j, v) in out.row_mut(i).iter_mut().enumerate() {
                    *v += vectory_core::rng::mix(seed ^ j as u64) as f32 / u64::MAX as f32 - 0.5;
                }
            }
        }
        out.normalize();
        Ok(out)
    }
}

/// Gives the hash encoder under any name.
pub struct Encoders;

impl EncoderProvider for Encoders {
    fn open(&self, spec: &str, _: &Path) -> Result<Arc<dyn Encode>, String> {
        match spec {
            "default" => Ok(Arc::new(HashEncoder("a"))),
            "other" => Ok(Arc::new(HashEncoder("b"))),
            _ => Err("no such model".into()),
        }
    }
}

pub fn ctx() -> Context {
    Context::new(7, 2).unwrap()
}

pub fn document(id: &str, title: &str, text: &str) -> Document {
    Document {
        id: id.into(),
        title: title.into(),
        text: text.into(),
        format: vectory_text::TextFormat::Plain,
        payload: serde_json::Map::new(),
        path: None,
        stamp: String::new(),
        repaired: 0,
    }
}

pub fn with_payload(mut document: Document, payload: serde_json::Value) -> Document {
    document.payload = payload.as_object().cloned().unwrap_or_default();
    document
}

/// The default views over short passages; graphs from few rows on.
pub fn recipe(max_words: usize, graph_from: usize) -> Recipe {
    let mut recipe = Recipe::default();
    recipe.source.max_words = max_words;
    recipe.source.overlap_words = 0;
    for index in recipe.views.iter_mut().filter_map(|v| v.index.as_mut()) {
        index.graph_from = graph_from;
    }
    recipe
}

/// A text of `words` words out of a small vocabulary.
pub fn text(seed: u64, words: usize) -> String {
    let word = |i: usize| {
        let r = vectory_core::rng::mix(seed.wrapping_mul(1_000_003).wrapping_add(i as u64));
        // Frequent words have small numbers.
        let x = (r % 10_000) as f64 / 10_000.0;
        format!("w{}", (x * x * 400.0) as u64)
    };
    (0..words).map(word).collect::<Vec<_>>().join(" ")
}
