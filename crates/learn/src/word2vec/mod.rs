//! Word vectors by sampling: skip-gram and CBOW, with negative sampling or hierarchical softmax, of words or of words and their
//! character n-grams.
//!
//! When to use which: skip-gram ([`Architecture::SkipGram`]) is better for rare words and small corpora; CBOW is several times faster;
//! n-grams ([`WordParams::subwords`]) give vectors to unknown and misspelled words and help languages with many forms; position weights
//! ([`WordParams::position_weights`]) help CBOW with syntax.
//!
//! Cost: O(words · window · (negatives + 1) · dim) for skip-gram, O(words · (window + negatives) · dim) for CBOW; two tables of
//! vocabulary × dim × 4 bytes.
//!
//! Sources: Mikolov et al., *Efficient Estimation of Word Representations*, 2013; *Distributed Representations of Words and Phrases*,
//! 2013; Bojanowski et al., *Enriching Word Vectors with Subword Information*, 2017; Grave et al., *Learning Word Vectors for 157
//! Languages*, 2018 (position weights); Ji et al., *Parallelizing Word2Vec in Shared and Distributed Memory*, 2016.

mod error;
mod job;
mod params;
pub mod phrases;
mod tables;
mod train;
mod units;

pub use error::TrainError;
pub(crate) use job::{Documents, TextJob};
pub use params::{Architecture, LossKind, WordParams};
pub(crate) use tables::Tables;
pub use train::{Report, train};
pub(crate) use train::{objective, plan, skip_gram};
pub(crate) use units::Units;

#[cfg(test)]
mod parity;
#[cfg(test)]
mod tests;
