//! Residual quantization (Chen, Guan and Wang 2010; Babenko and Lempitsky 2014): a row is the sum of one centroid of each of `m`
//! codebooks; each next codebook is learnt on what the earlier ones leave. Codes are chosen by beam search.
//!
//! **When.** The lowest error at equal bits where encoding may take time: no cut into parts is assumed. Also the semantic ids
//! of generative retrieval (a code is a path from coarse to fine). **Cost.** Encoding 2 · d · m · beam · centroids operations a
//! row; a score is that of product quantization.

mod beam;
mod fit;
mod model;
mod params;
#[cfg(test)]
mod tests;

pub use model::{Rq, RqQuery};
pub use params::RqParams;
