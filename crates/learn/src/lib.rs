//! Learners that need no neural framework, and the encoders that they make.
//!
//! | method | module |
//! |---|---|
//! | static sentence encoder: a vector a token, averaged | [`statics`] |
//! | word vectors, by word, as a table, as an encoder of texts | [`embedding`] |
//! | skip-gram and CBOW, of words or their n-grams; phrases | [`word2vec`] |
//! | word vectors by a hinge on cosines (CWM) | [`contrastive`] |
//! | paragraph vectors, sent2vec, text classification | [`documents`] |
//! | the sampling engine under them | [`sampling`] |
//! | going on from where a training was stopped | [`checkpoint`] |
//! | a corpus as a vocabulary and a stream of word ids | [`vocabulary`] |
//! | any of them by name, with named parameters, to an encoder | [`named`] |
//! | topics of a collection, found or given by keywords | [`topics`] |
//! | codes of visits, items of baskets | [`events`] |
//! | several vectors a word, by what is around it | [`senses`] |
//! | vectors of words met a few times | [`induce`] |
//! | vectors made better by a lexicon | [`refine`] |
//! | counts of pairs, and word vectors from them | [`words`] |
#![forbid(unsafe_code)]

pub mod checkpoint;
pub mod contrastive;
pub mod documents;
pub mod embedding;
pub mod events;
pub mod induce;
pub mod named;
mod open;
pub mod refine;
pub mod sampling;
pub mod senses;
pub mod statics;
pub mod topics;
pub mod vocabulary;
pub mod word2vec;
pub mod words;

pub use open::open_encoder;

/// The published methods that live here.
pub const METHODS: &[vectory_core::registry::Method] =
    &[topics::METHODS[0], topics::METHODS[1], topics::METHODS[2], words::MAGNITUDE, induce::FEW_SHOT, events::CONCEPTS];
