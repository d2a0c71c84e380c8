//! Inverted index over weighted sparse items; BM25 is one weighting of it.
//!
//! **What.** For each term a list of the documents that hold it, ascending, in blocks of 128 postings: document numbers
//! as bit-packed differences, frequencies (or quantized weights) bit-packed beside them, and the largest value of each
//! block, so that blocks that cannot matter are not read. Terms are found in a hash table. Everything is used where it
//! lies in the (mapped) file.
//!
//! **When.** Words (BM25, Robertson and Zaragoza 2009) and learned sparse vectors (SPLADE, Formal et al. 2021:
//! [`InvertedBuilder::impacts`]). Several indexes score as one collection through [`CollectionStats`].
//!
//! **Cost.** Build: one pass, 8–16 bytes a posting. Disk: 1–2 bytes a posting. Search: proportional to the postings that
//! pruning leaves; results equal those of an exhaustive scorer bit for bit.

mod builder;
mod cursor;
mod dictionary;
mod model;
mod pack;
mod params;
mod postings;
mod query;
mod resident;
mod search;
mod select;
mod stats;
mod weight;
mod window;

pub use builder::{BuildError, InvertedBuilder};
pub use model::InvertedIndex;
pub use params::{Bm25Params, Bm25ParamsError, Bm25Variant};
pub use query::MatchedTerm;
pub use search::SearchOptions;
pub use stats::{CollectionStats, Moments};
pub use weight::{ImpactParams, Weighting};

#[cfg(test)]
mod tests;
