//! What can be wrong with an embedding.

use std::path::PathBuf;

use thiserror::Error;
use vectory_core::artifact::ArtifactError;
use vectory_io::fasttext::FastTextError;
use vectory_io::vectors::VectorError;

/// Why word vectors could not be made, read or written.
#[derive(Debug, Error)]
pub enum EmbeddingError {
    /// The file could not be read or written, or holds something else.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// As a model of fastText.
    #[error(transparent)]
    FastText(#[from] FastTextError),
    /// As a file of vectors.
    #[error(transparent)]
    Vectors(#[from] VectorError),
    /// Another number of rows than of words and buckets.
    #[error("{rows} rows for {words} words and {buckets} buckets; expected as many")]
    Rows {
        /// How many rows.
        rows: usize,
        /// How many words.
        words: usize,
        /// How many buckets of n-grams.
        buckets: usize,
    },
    /// The content contradicts itself.
    #[error("{path}: not word vectors ({why})")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}
