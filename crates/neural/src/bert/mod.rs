//! Sentence encoders of the BERT family (BERT, MiniLM, E5, BGE, RoBERTa, XLM-R), forward pass only, on the CPU, in our own code.
//!
//! Use it for a local Hugging Face folder in the sentence-transformers layout. Cost: about two floating-point operations per weight
//! of the layers and token. No padding: texts of like length share a batch, attention goes text by text.
//!
//! Source: Devlin et al. 2019 (BERT); Reimers and Gurevych 2019 (Sentence-BERT: pooling).

mod attention;
pub mod config;
mod encoder;
mod linear;
mod model;
pub(crate) mod ops;
pub mod preset;
mod tokens;
mod weights;

use std::path::{Path, PathBuf};

use thiserror::Error;
use vectory_core::Encode;

pub use config::Precision;
pub use encoder::Bert;
pub use preset::{Layers, Preset};

/// Why a folder could not be loaded.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A file is missing or unreadable; the text names it.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A JSON file does not say what it should.
    #[error("{path}: {why}")]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The model is of a kind that we do not build.
    #[error("{path}: {why}")]
    Unsupported {
        /// The file that says so.
        path: PathBuf,
        /// What it says, and what we build.
        why: String,
    },
    /// The weights do not fit.
    #[error("{path}: {why}")]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// Loads a sentence encoder from a local Hugging Face folder.
///
/// # Errors
/// [`LoadError`], naming the file and what was expected.
pub fn load_encoder(folder: &Path) -> Result<Box<dyn Encode>, LoadError> {
    load_preset(folder, None)
}

/// [`load_encoder`], with pooling and layers other than the folder says.
///
/// # Errors
/// As [`load_encoder`]; [`LoadError::Unsupported`] for layers that the model has not.
pub fn load_preset(folder: &Path, preset: Option<&Preset>) -> Result<Box<dyn Encode>, LoadError> {
    Ok(Box::new(Bert::load_with(folder, Precision::Single, preset)?))
}
