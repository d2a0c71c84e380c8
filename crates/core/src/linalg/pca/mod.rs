//! Principal components (Pearson 1901; Hotelling 1933), exactly by the covariance or by random projections (Halko,
//! Martinsson and Tropp 2011).
//!
//! For fewer dimensions with the least loss of variance, and for whitening. Exact costs O(n d² + d³); randomized O(n d k) a
//! pass over the rows, for dimensions whose square is too much.

mod fit;
mod model;
mod params;

pub use model::Pca;
pub use params::{Method, PcaParams};

/// Rows read at a time.
const BLOCK: usize = 512;
