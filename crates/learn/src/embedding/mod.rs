//! Learned word vectors: a vocabulary, a row a word, and where the learner knew parts of words, a row a bucket of n-grams.
//!
//! What every learner of words makes and everything that uses words reads: vectors by word ([`Embedding::vector`], unknown words
//! from their n-grams), the whole table ([`Embedding::word_vectors`]), texts as the (weighted) mean of their words
//! ([`Encode`](vectory_core::Encode)). Opened by [`Embedding::open`] from our artifact (mapped), from a model of the fastText
//! program (mapped) or from any file of named vectors (word2vec, GloVe, `.vec`, …).
//!
//! Artifact kind `word-vectors`, version 1. Tensors: `rows` F32 [words + buckets, dim], `words` U8 (joined by line feeds), `counts` I64
//! [words]. Parameters: `name`, `tokenizer`, `subwords`, `word_ngrams`, `pooling`.
//!
//! Source: mean of word vectors weighted by `a / (a + p)`, Arora et al., 2017; n-gram rows, Bojanowski et al., 2017.

mod encode;
mod error;
mod fasttext;
mod header;
mod model;
mod params;
mod store;
mod table;

pub use error::EmbeddingError;
pub(crate) use header::{Header, wrong};
pub use model::Embedding;
pub use params::{EmbeddingParams, Pooling};
pub(crate) use store::{WordTensors, read_words};
pub use table::Table;

#[cfg(test)]
mod tests;
