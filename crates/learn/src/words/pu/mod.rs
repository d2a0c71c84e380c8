//! PU-learning: PPMI factored with every zero counted a little, for corpora of a few million words.
//!
//! Minimises Σ C (A − w·h − b − c)² + λ (|W|² + |H|²) over all cells: A is the PPMI, C = min(1, (x / x_max)^α) where words were seen
//! together and `rho` elsewhere. The zeros cost nothing extra: their part of each equation is a product of small Gram matrices (CCD++,
//! one component at a time). Cells whose PMI is negative were seen: they keep their weight C and A = 0.
//!
//! The stored reference reads α as a whole number, which makes every weight 1; here it is the paper's 0.75.
//!
//! Cost: O((pairs · inner + words · d) · d) a sweep; 40 bytes a pair.
//!
//! Source: Jiang, Yu, Hsieh and Chang, *Learning Word Embeddings for Low-Resource Languages by PU Learning*, 2018.

mod cells;
mod params;
mod train;

pub use params::PuParams;
pub use train::pu;

#[cfg(test)]
mod tests;
