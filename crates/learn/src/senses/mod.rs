//! Disambiguated skip-gram: several vectors a word, and a guess which of them is meant.
//!
//! A word has `senses` vectors that predict the words around it, and as many clues: how likely a sense is meant is the softmax of the clues'
//! products with the mean of the context's own rows. While learning, a sense is drawn by the Gumbel-softmax relaxation (a soft mixture that
//! is sharpened over time), so that all rows get a gradient; a cost on the entropy of the guess makes it decided. A word's senses are
//! numbered from the most used; those that it hardly uses are pruned, and the others' shares rescaled. Words are learned as words first, and senses start at groups of the contexts that
//! their word was met in: from random rows they would not part on texts of a few million words. Use it where words with several meanings matter: `bank`, `mercury`.
//!
//! Cost: O(words · window · (negatives + 1) · dim) an epoch, as skip-gram, and O(words · (window + senses) · dim); 2 · senses + 2 tables.
//! Source: Grzegorczyk and Kurdziel, *Disambiguated skip-gram model*, 2018; Jang, Gu and Poole, 2017 (Gumbel-softmax).

mod job;
mod model;
mod params;
mod start;
mod train;

pub use model::{KIND, Sense, Senses};
pub use params::SenseParams;
pub use train::train;

#[cfg(test)]
mod tests;
