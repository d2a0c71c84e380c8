//! Vectory's indexes: flat, inverted, graph.
//!
//! [`inverted`] finds by terms, [`flat`] and [`graph`] by vectors; both of these answer to [`Search`]. [`factory`] reads
//! the strings by which FAISS users name an index, [`Index`] is a file that holds vectors and an index of them.

pub mod file;
pub mod flat;
pub mod graph;
mod hash;
pub mod inverted;
mod search;

pub use search::{Search, SearchParams};
