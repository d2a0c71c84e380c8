//! Vectory's indexes: flat, inverted, graph, lists, clustered low rank, scans over codes, multi-vector, sparse.
//!
//! [`inverted`] finds by terms, [`flat`], [`coded`], [`ivf`], [`lowrank`] and [`graph`] by vectors; these answer to [`Search`]. [`factory`] reads
//! the strings by which FAISS users name an index, [`Index`] is a file that holds vectors and an index of them.

pub mod binary;
mod bytes;
mod claims;
pub mod coded;
pub mod curve;
pub mod factory;
pub mod families;
pub mod file;
pub mod flat;
pub mod graph;
mod hash;
mod index;
pub mod inverted;
pub mod ivf;
mod kept;
pub mod lowrank;
pub mod multivector;
mod pool;
mod search;
mod second;
mod settings;
pub mod sparse;
#[cfg(test)]
mod testing;

pub use index::{Index, IndexError, Searcher, Tuned};
pub use search::{Filter, Search, SearchParams};

/// The published methods that live here.
pub const METHODS: &[vectory_core::registry::Method] =
    &[families::claim::FOUNDATIONS, families::claim::SURVEY, claims::LVQ];
