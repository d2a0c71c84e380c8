//! Token pooling: a bag of token vectors becomes a smaller bag that answers nearly the same.
//!
//! **What.** The tokens of each document are grouped by likeness, and each group is replaced by its mean, of unit length. Queries
//! stay as they are. **When.** Before token vectors are stored for late interaction: half of them (`factor` 2) cost next to nothing,
//! a third little. It combines with every codec. **Cost.** Ward's method O(n³) products a document of n tokens (about a millisecond
//! for 250) and O(n²) memory; k-means O(n²/f); runs O(n).
//!
//! **Source.** Clavié, Chaffin and Adams, *Reducing the Footprint of Multi-Vector Retrieval with Minimal Performance Impact via
//! Token Pooling*, 2024. As in their code, Ward's method sees the tokens as rows of the matrix of their distances: alike are tokens
//! that are near to the same tokens. Their k-means makes one group more.

mod params;
mod pool;
mod ward;

pub use params::{PoolMethod, PoolingError, PoolingParams};
pub use pool::{pool, pooled_length};
pub use ward::ward;

#[cfg(test)]
mod tests;
