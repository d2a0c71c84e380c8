//! Neural encoders, run by our own code on the CPU, and the distillation of one into a static encoder.
//!
//! - [`load_encoder`]: a sentence encoder of the BERT family from a local Hugging Face folder ([`bert`]).
//! - [`distill`]: a static encoder (a row a token) that imitates it, fitted on plain text.

#![forbid(unsafe_code)]

pub mod bert;
mod claim;
pub mod distill;
mod matmul;

pub use bert::load_encoder;

/// The published methods that live here.
pub const METHODS: &[vectory_core::registry::Method] = &[claim::WHITENING_BERT];
