//! What the order of insertion does to a graph, and how hard the data is.
//!
//! Local intrinsic dimension (LID): around each row, the number of dimensions in which its neighbours spread. Where it is
//! high, a graph finds less at the same width; and a graph built with the rows of high LID first finds more than one built
//! with them last. [`study`] inserts one row after another in several orders and measures recall: of HNSW as it was published,
//! which is what hnswlib, FAISS and most engines build, and of our own graph.
//!
//! Source: Elliott and Clark, *The Impacts of Data, Ordering, and Intrinsic Dimensionality on Recall in Hierarchical Navigable
//! Small Worlds*, 2024. LID by maximum likelihood (Amsaleg et al. 2015), over neighbours apart from the row and its copies.

pub(crate) mod claim;
mod hnsw;
mod lid;
mod study;

pub use hnsw::Hnsw;
pub use lid::lid;
pub use study::{Order, OrderError, OrderParams, OrderResult, OrderedGraph, study};
