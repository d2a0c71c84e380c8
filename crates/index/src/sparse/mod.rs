//! Weighted sparse vectors (SPLADE, Formal et al. 2021, and whatever else has few of many dimensions): inner products.
//!
//! | part | what it does | when |
//! |---|---|---|
//! | [`exact`] | the [`inverted`](crate::inverted) index with dimensions as terms: block-max MaxScore in windows | every set; the answer is that of an exhaustive scan of the stored weights |
//! | [`seismic`] | clustered lists with summaries of their blocks | large sets of non-negative weights, where most of the best will do |
//!
//! [`SparseIndex`] is a file that holds one of them.

pub mod exact;
mod factory;
mod index;
pub mod seismic;

pub use factory::{SparseFactory, SparseFactoryError, is_sparse};
pub use index::{SparseError, SparseIndex, SparseSearchParams};

#[cfg(test)]
mod tests;
