//! Vector quantizers as recommenders and generative retrieval use them (Liu et al. 2024 review them): one codebook learnt
//! batch by batch with moving averages (van den Oord, Vinyals and Kavukcuoglu 2017), dead codes restarted from rows (Dhariwal et
//! al. 2020), balanced assignment by Sinkhorn's iteration (Cuturi 2013), and semantic ids (Rajput et al. 2023).
//!
//! **When.** Items that arrive as a stream, tokens for a sequence model, ids that must not collide. For codes to search by,
//! [PQ](crate::pq) and [RQ](crate::rq) are the same idea with k-means. **Cost.** 2 · n · d · codes operations an epoch.
//!
//! The straight-through gradient of an encoder is not here: this crate has no encoder to train. What is here is the half that
//! follows without gradients: codebook updates by moving averages, as VQ-VAE itself has them.

mod ids;
mod model;
mod params;
mod sinkhorn;
#[cfg(test)]
mod tests;
mod train;

pub use ids::{SemanticIds, semantic_ids};
pub use model::{Usage, VectorQuantizer};
pub use params::{VqInit, VqParams};
pub use sinkhorn::balanced;
