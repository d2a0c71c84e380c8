//! Candidates by centroids: most documents are judged without reading one of their codes.
//!
//! **What.** Every token belongs to a centroid. A query token looks into its `nprobe` best centroids; the documents that have a
//! token there are candidates. A candidate's first score is that of its centroids in place of its tokens, from a table of bytes
//! that stays in the cache; only the best `candidates` are unpacked and scored by their residual codes.
//!
//! **When.** Many documents, stored compressed. **Cost.** A query multiplies its tokens with all centroids, then a few hundred
//! cycles a candidate, then some microseconds for each document that is unpacked. Disk: the residual codes, and about 4 bytes a
//! token for lists.
//!
//! **Source.** PLAID (Santhanam, Khattab, Potts and Zaharia 2022). It has a pruned round before the centroid scores and one after;
//! here one round over bytes is cheap enough.

mod build;
mod model;
mod search;

use crate::multivector::StoreParams;

pub use model::Plaid;

/// How the tokens are stored: [`TokenCodec::Residual`](super::TokenCodec::Residual).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaidParams {
    /// Bits, centroids, training.
    pub store: StoreParams,
}

#[cfg(test)]
mod tests;
