//! Clustered inverted lists with summaries: approximate inner products of learned sparse vectors.
//!
//! **What.** A dimension's list keeps its heaviest `postings` items, grouped into blocks of alike items; a block's summary holds the
//! largest weight of each dimension, of which only those that carry most of the mass are kept. A query goes through the lists of
//! its heaviest dimensions, multiplies itself with all summaries of a list at once, and scores the items of the blocks whose
//! summaries come near the k-th best score so far, from the items themselves.
//!
//! **When.** Non-negative learned weights over large sets, where a recall of 0.9 to 0.99 will do.
//! **Cost.** Build: each posting meets the block centres of its list. Disk: 4 to 6 bytes an entry, and about as much for lists and
//! summaries. Search: microseconds to hundreds of them.
//!
//! **Source.** Seismic (Bruch, Nardini, Rulli and Venturini 2024).

mod build;
mod cluster;
mod model;
mod params;
mod product;
mod search;

pub(crate) use model::KIND;
pub use model::Seismic;
pub use params::SeismicParams;
