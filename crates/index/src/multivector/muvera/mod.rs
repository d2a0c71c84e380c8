//! Fixed dimensional encodings: one vector a bag, whose product with a query's approximates MaxSim.
//!
//! **What.** The space is cut `repetitions` times by `k_sim` random hyperplanes into 2^k_sim parts. A query's block for a part is
//! the sum of its tokens there, a document's the mean, each thrown down to `d_proj` values by a random matrix of signs; a part
//! without a document token takes the token whose signs differ least. All blocks one after another make the encoding; a sketch
//! may shorten it to `d_final` values.
//!
//! **When.** A dense index is there and is to answer for bags of tokens too: candidates come from maximum inner products over the
//! encodings (any index of [`crate::factory`]), [`Muvera::search`] scores them exactly.
//!
//! **Cost.** A token costs `repetitions · (k_sim + d_proj)` products of the tokens' dimension. The encoding has `repetitions ·
//! 2^k_sim · d_proj` values (10240 by default), whatever the document's length.
//!
//! **Source.** MUVERA (Dhulipala, Hadian, Jayaram, Lee and Mirrokni 2024).

mod encode;
mod model;
mod params;

pub use encode::Encoder;
pub use model::{Muvera, Spec};
pub use params::MuveraParams;

#[cfg(test)]
mod tests;
