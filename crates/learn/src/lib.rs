//! Learners that need no neural framework, and the encoders that they make.
//!
//! | method | module |
//! |---|---|
//! | static sentence encoder: a vector a token, averaged | [`statics`] |
//! | word vectors, by word, as a table, as an encoder of texts | [`embedding`] |
//! | skip-gram and CBOW, of words or their n-grams; phrases | [`word2vec`] |
//! | paragraph vectors, sent2vec, text classification | [`documents`] |
//! | the sampling engine under them | [`sampling`] |
//! | a corpus as a vocabulary and a stream of word ids | [`vocabulary`] |
//! | topics of a collection, found or given by keywords | [`topics`] |
#![forbid(unsafe_code)]

pub mod documents;
pub mod embedding;
mod open;
pub mod sampling;
pub mod statics;
pub mod vocabulary;
pub mod word2vec;

pub use open::open_encoder;
pub mod topics;

/// The published methods that live here.
pub const METHODS: &[vectory_core::registry::Method] = &topics::METHODS;
