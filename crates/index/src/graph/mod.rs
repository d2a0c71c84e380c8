//! Navigable graph for approximate nearest neighbours.
//!
//! **What.** One directed graph over the rows, at most `2·m` links a row, made by inserting rows in batches that double:
//! each new row is searched for in the graph so far, its neighbours are thinned so that they lie in different directions
//! (the rule of HNSW, Malkov and Yashunin 2018, relaxed by `alpha` as in Vamana, Subramanya et al. 2019), then the links
//! back are merged. All rows of a batch see the same graph, so the result is the same for any number of threads
//! (ParlayANN, Dobson et al. 2024). Inner products are searched as distances in one dimension more (Bachrach et al. 2014).
//!
//! **When.** From some ten thousand rows on; below, the exact scan is as fast. The rows stay with the caller (a map of a
//! file): the graph keeps `8·m` bytes of links and a code of about half a byte a value (at least 64) a row.
//!
//! **Cost.** Build: about `n · ef_construct · m` distances on all threads. Search: about `ef · m` distances.
//!
//! A walk reads four-bit codes of the rows (see [`code`]), not the rows; the best candidates are looked at again by their
//! full rows. The codes are in the graph's file, beside the links.
//!
//! Equal rows are one node with a chain of twins, so thousands of duplicates neither crowd out other rows nor get lost.

mod beam;
mod build;
mod check;
mod code;
mod cover;
mod flood;
mod hop;
mod link;
mod model;
mod order;
mod over;
mod params;
mod prune;
mod remove;
mod search;
pub(crate) mod space;
mod twins;
mod visited;
mod watch;

pub(crate) use crate::pool::{BATCH, Near};
pub(crate) use beam::{Links, NONE, Scores, Scratch, Start, Walk};
pub use build::GraphError;
pub use check::Invalid;
pub(crate) use check::spread;
pub(crate) use flood::{Flood, flood};
pub(crate) use link::write_links;
pub use model::Graph;
pub use over::{CodedGraphSearcher, decoded};
pub use params::{GraphParams, GraphParamsError};
pub(crate) use prune::{Between, at_least, by_score, prune, replace};
pub use search::GraphSearcher;
pub(crate) use space::prefetch;
pub(crate) use watch::All;

#[cfg(test)]
mod tests;
