//! What can be wrong with a static encoder.

use std::path::PathBuf;

use thiserror::Error;
use vectory_core::artifact::ArtifactError;
use vectory_text::WordPieceError;

/// Why a static encoder could not be made, read or written.
#[derive(Debug, Error)]
pub enum StaticError {
    /// The file could not be read or written, or holds something else.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The tokenizer is not usable.
    #[error(transparent)]
    Tokenizer(#[from] WordPieceError),
    /// Another number of rows than of tokens.
    #[error("{rows} rows for {tokens} tokens; expected one row a token")]
    Rows {
        /// How many rows.
        rows: usize,
        /// How many tokens.
        tokens: usize,
    },
    /// Rows of no values.
    #[error("rows have no values; expected at least one dimension")]
    NoDimension,
    /// NaN or infinity.
    #[error("row {row} (token `{token}`) holds a value that is not finite")]
    NonFinite {
        /// Which row.
        row: usize,
        /// Its token.
        token: String,
    },
    /// The content contradicts itself.
    #[error("{path}: not a static encoder ({why})")]
    Format {
        /// The file; `(embedded)` for bytes in memory.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}
