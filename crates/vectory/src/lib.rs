//! Vectory turns data into vectors and vectors into answers: one library and one binary.
//!
//! This crate is the door: it re-exports the parts under one roof and holds the command line.
//!
//! | module | what |
//! |---|---|
//! | [`core`] | representations, metrics, kernels, exact neighbours, clustering |
//! | [`text`] | words, stems, sentences, passages, WordPiece |
//! | [`io`] | vector files, documents, qrels and runs |
//! | [`compress`], [`transform`] | codecs; better vectors out of vectors |
//! | [`learn`] | learners that need no neural framework, the static encoder |
//! | [`neural`] | sentence encoders and distillation |
//! | [`index`] | flat, inverted, graph |
//! | [`space`] | durable, searchable collections |
//! | [`serve`] | HTTP interfaces over spaces |
//! | [`evaluate`], [`inspect`] | measures of answers, measures of vectors |
#![forbid(unsafe_code)]

pub use vectory_compress as compress;
pub use vectory_core as core;
pub use vectory_evaluate as evaluate;
pub use vectory_index as index;
pub use vectory_inspect as inspect;
pub use vectory_io as io;
pub use vectory_learn as learn;
pub use vectory_neural as neural;
pub use vectory_serve as serve;
pub use vectory_space as space;
pub use vectory_text as text;
pub use vectory_transform as transform;

pub mod cli;
pub mod encoders;
pub mod methods;
