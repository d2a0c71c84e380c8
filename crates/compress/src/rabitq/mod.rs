//! RaBitQ (Gao and Long 2024) and its extension to more bits (Gao, Gou, Xu, Yang, Long and Wong 2024): a row, less the mean of all
//! rows and turned at random, becomes its signs; the score is an unbiased estimate with an error bound that holds for
//! any data. More bits a dimension lie in the secondary record and sharpen the estimate of the last candidates.
//!
//! **When.** The fewest bytes that still rank: 1 bit a dimension under a scan or IVF with a rerank; 4 to 5 bits alone come near
//! full rows; no training beyond a mean. **Cost.** A turn of d log d a row; a scan sums tables of four signs as product
//! quantization's fast scan does.
//!
//! The turn is by Walsh–Hadamard transforms instead of the paper's dense random matrix: equally random for this purpose,
//! and cheap enough to be done for each query.

mod code;
mod model;
mod params;
#[cfg(test)]
mod tests;

pub use model::{Rabitq, RabitqQuery};
pub use params::RabitqParams;
