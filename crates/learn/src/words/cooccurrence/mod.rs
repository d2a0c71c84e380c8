//! How often words stand near each other: the one count that GloVe, Swivel, PPMI and their kin learn from.
//!
//! A pair within the window counts 1 / distance (harmonic, GloVe's and Swivel's) or 1 (flat). Pairs are sorted into shards by their first
//! word; a shard keeps one sorted list and merges what is new into it now and then. When the lists outgrow
//! [`CooccurrenceParams::memory`] they are written to scratch files as sorted runs and merged at the end. Weights are summed as whole
//! multiples of one fraction, so the result is the same for any number of threads, any order and any memory, to the last bit.
//!
//! The result is a sparse matrix in rows, kept in memory ([`count`]) or written as a file ([`count_to`]) that is mapped when it is opened.
//!
//! Cost: about 20 · n · window operations for n words; 16 bytes a distinct pair, at most the memory that is given.
//!
//! Source: the counting programs of GloVe (Pennington, Socher and Manning, 2014).

mod count;
mod model;
mod params;
mod shard;
mod spill;

pub use count::{count, count_to};
pub use model::Cooccurrences;
pub use params::{CooccurrenceParams, Weighting};

#[cfg(test)]
mod tests;
