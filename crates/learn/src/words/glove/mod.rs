//! GloVe: vectors whose products, with a bias each, are the logarithms of how often words stand near each other.
//!
//! Minimises Σ f(x) (w·c + b + b' − ln x)² over the pairs that occur, f(x) = min(1, (x / x_max)^alpha), by AdaGrad. Use it where one count
//! serves several models, or where [`certainty`] is wanted: how sure each vector is. Skip-gram is the better choice for rare words.
//!
//! Cost: O(pairs · d) an epoch; 8 bytes a pair and 16 bytes a value (two tables and their squares).
//!
//! Source: Pennington, Socher and Manning, *GloVe*, 2014; GloVe-V: Vallebueno et al., *Statistical Uncertainty in Word Embeddings*, 2024.

pub mod certainty;
mod params;
mod store;
mod train;

pub use params::GloveParams;
pub use train::{Glove, glove};

#[cfg(test)]
pub(super) mod tests;
