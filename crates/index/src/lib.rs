//! Vectory's indexes: flat, inverted, graph.
//!
//! [`inverted`] finds by terms, [`flat`] and [`graph`] by vectors; both of these answer to [`Search`]. [`factory`] reads
//! the strings by which FAISS users name an index, [`Index`] is a file that holds vectors and an index of them.

pub mod factory;
pub mod file;
pub mod flat;
pub mod graph;
mod hash;
mod index;
pub mod inverted;
mod search;

pub use index::{Index, IndexError, Searcher};
pub use search::{Search, SearchParams};

/// The published methods that live here.
pub const METHODS: &[vectory_core::registry::Method] = &[];
