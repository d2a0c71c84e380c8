//! Binary paragraph vectors: a document becomes a short code of bits, found again by Hamming distance.
//!
//! As [`paragraph`](super::paragraph), with a layer of rounded sigmoid units between a document's row and the words that it predicts. Going
//! forward a unit is 0 or 1; going back the gradient is that of the sigmoid, not rounded (Krizhevsky and Hinton, 2011). Use it
//! where memory counts and codes are to be learned with the texts; signs of real vectors turned by ITQ have ranked better on small corpora.
//! With `real` a longer real vector is learned at once and projected to the code, so that what the codes find can be ranked again by it. A
//! new text's code is inferred with everything else held still.
//!
//! The papers predict words and bigrams by sampled softmax; here words alone are predicted, by negative sampling.
//!
//! Cost: O(words · (negatives + 1) · bits) an epoch; with `real` also O(words / 8 · bits · real). Sources: Grzegorczyk and Kurdziel, *Binary
//! Paragraph Vectors*, 2017; Grzegorczyk, *Vector representations of text data in deep learning*, 2018.

mod job;
mod model;
mod params;
mod train;

pub use model::{BinaryParagraphs, Codes, KIND};
pub use params::BinaryParams;
pub use train::train;

#[cfg(test)]
mod tests;
