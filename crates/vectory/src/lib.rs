//! Vectory turns data into vectors and vectors into answers: one library and one binary.
//!
//! This crate is the door: it re-exports the parts under one roof and holds the command line.
//!
//! | module | what |
//! |---|---|
//! | [`core`] | representations, metrics, kernels, exact neighbours, clustering |
//! | [`text`] | words, stems, sentences, passages, WordPiece |
//! | [`io`] | vector files, documents, qrels and runs |
//! | [`learn`] | learners that need no neural framework, the static encoder |
//! | [`neural`] | sentence encoders and distillation |
//! | [`index`] | flat, inverted, graph |
//! | [`space`] | durable, searchable collections |
//! | [`evaluate`], [`inspect`] | measures of answers, measures of vectors |
#![forbid(unsafe_code)]

pub use vectory_core as core;
pub use vectory_evaluate as evaluate;
pub use vectory_index as index;
pub use vectory_inspect as inspect;
pub use vectory_io as io;
pub use vectory_learn as learn;
pub use vectory_neural as neural;
pub use vectory_space as space;
pub use vectory_text as text;

pub mod cli;
pub mod encoders;
pub mod methods;
