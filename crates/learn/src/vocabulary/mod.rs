//! From raw text to a vocabulary and a stream of word ids: what every learner of words and documents reads.
//!
//! The text is read once: plain, `.gz` or `.zst` files, or texts handed over one at a time. Words get provisional ids while they
//! are counted, in parallel; the ids are kept (in memory up to [`CorpusParams::memory`], beyond that in a temporary file) and turned
//! into final ids, by descending count, when they are read. A learner of many epochs so hashes no word twice and decompresses
//! nothing twice. A corpus may be larger than memory; a vocabulary that outgrows [`CorpusParams::max_distinct`] is pruned of its
//! rarest words while counting, as word2vec does it.
//!
//! A line is a sentence (for learners of documents: a document); 10,000 words without a line end are cut, so that a line of
//! 100 MB costs no more memory than a short one. The result does not depend on the number of threads.
//!
//! Cost: some 10 million words a second and thread.
//!
//! Source: the vocabulary of word2vec (Mikolov et al., 2013), its subsampling and pruning.

mod blocks;
mod builder;
mod count;
mod error;
mod interner;
mod model;
mod params;
mod stream;
mod tokens;

pub use builder::{CorpusBuilder, read};
pub use error::CorpusError;
pub use model::Vocabulary;
pub use params::{CorpusParams, TokenKind, Tokenizer};
pub use stream::{BREAK, Corpus, CorpusSummary, LINE_END, TokenStream};

#[cfg(test)]
mod tests;
