//! The static encoder: a text is the sum of its tokens' vectors, brought to unit length.
//!
//! Each token has one row; its length is the token's weight, so the sum is a weighted mean up to scale. Rows are int8
//! with one f32 scale each: 30,000 tokens × 256 values take 7.8 MB. Encoding costs tokens × dim additions: hundreds of times less
//! than a transformer. Use it where milliseconds and megabytes count; a transformer reads word order, this does not.
//!
//! Source of the idea: SIF weighting (Arora et al. 2017), distilled token vectors (model2vec, Tulkens and van Dongen 2024);
//! the fit of the rows is `vectory_neural::distill`'s.

mod encode;
mod file;
mod model;
mod rows;

use std::path::PathBuf;

use thiserror::Error;
use vectory_core::artifact::ArtifactError;

pub use model::{StaticEncoder, StaticParams};
pub use rows::Rows;

/// The artifact kind of a static encoder.
pub const KIND: &str = "static-encoder";
/// The newest form that we read and write.
pub const VERSION: u32 = 1;

/// Why a static encoder could not be made, read or written.
#[derive(Debug, Error)]
pub enum StaticError {
    /// The file is missing, damaged, or holds something else.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The parts do not fit each other.
    #[error("{place}: {why}")]
    Parts {
        /// The file, or `static encoder` for one made in memory.
        place: PathBuf,
        /// What does not fit.
        why: String,
    },
}

impl StaticError {
    fn parts(place: impl Into<PathBuf>, why: impl Into<String>) -> Self {
        Self::Parts { place: place.into(), why: why.into() }
    }
}
