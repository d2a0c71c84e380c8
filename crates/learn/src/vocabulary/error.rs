//! What can be wrong with a corpus.

use thiserror::Error;
use vectory_core::Cancelled;

/// Why a corpus could not be read.
#[derive(Debug, Error)]
pub enum CorpusError {
    /// A parameter is out of its range.
    #[error("{0}")]
    Params(String),
    /// Reading failed, or the temporary file could not be written; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There is nothing to learn from.
    #[error("no words in {0}")]
    Empty(String),
    /// Nothing is left of the vocabulary.
    #[error(
        "none of the {distinct} distinct words in {inputs} occurs {min_count} times (the most frequent: {most}); lower min_count or \
         give more text"
    )]
    TooRare {
        /// Where the text came from.
        inputs: String,
        /// Distinct words that were met.
        distinct: usize,
        /// What was asked for.
        min_count: u64,
        /// The largest count.
        most: u64,
    },
    /// More words than ids.
    #[error("more than {} different words were met; prune earlier (lower max_distinct)", u32::MAX - 2)]
    TooMany,
}
