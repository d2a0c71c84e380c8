//! Bags of token vectors, compared by late interaction (MaxSim): Σ over query tokens of the best document token.
//!
//! | part | what it does | when |
//! |---|---|---|
//! | [`TokenStore`] | keeps ragged token matrices, plain or compressed, mapped; exact MaxSim over all of them | up to some ten thousand documents, and under all the others |
//! | [`muvera`] | one long vector a document whose products approximate MaxSim: any dense index finds candidates | where a dense index is there already |
//! | [`plaid`] | candidates by the centroids of their tokens, scores by centroids alone, then by residual codes | large sets of compressed tokens |
//! | [`disk`] | the token matrices stay on disk and are read, ahead of time, for the candidates of a small index | sets larger than memory |
//!
//! [`MultiIndex`] is a file that holds one of the first three. Source of the measure: ColBERT (Khattab and Zaharia 2020).

pub mod disk;
mod exact;
mod factory;
mod index;
pub mod muvera;
pub mod plaid;
mod query;
mod screen;
mod store;

pub use factory::{MultiFactory, MultiFactoryError, is_multi};
pub use index::{KIND, MultiIndex, MultiSearchParams};
pub use query::{Scratch, TokenQuery};
pub use store::{ResidualParams, StoreError, StoreParams, TokenCodec, TokenStore};

#[cfg(test)]
mod tests;
