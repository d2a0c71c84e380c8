//! lda2vec: word vectors, topic vectors among them, and a mixture of topics for each document.
//!
//! A word's neighbours are predicted by the sum of its vector and its document's; a document's vector is a mixture of topic vectors. A
//! Dirichlet prior with α below 1 makes mixtures sparse, so that a document can be read as a few topics and a topic by its nearest words.
//! Use [`topics`](fn@crate::topics::topics) for topics whose number is not known; use this one for mixtures that can be read.
//!
//! It is known to be fragile, hence the order here: word vectors are learned first, by skip-gram; then topics, with words held still for a
//! third of the way; the prior's weight grows from nothing. Topics begin at the middles of groups of documents (in the program at words
//! drawn at random, from where topics mix). Adam is not used: steps are plain, those of mixtures clipped. The word is left out of the sums
//! while words are held still, and of half of them later, so that the document has to say something (in the program, dropout of single
//! values).
//!
//! Cost: O(words · window · (negatives + 1) · dim + words · topics · dim) an epoch. Source: Moody, *Mixing Dirichlet Topic Models and Word
//! Embeddings to Make lda2vec*, 2016.

mod job;
mod model;
mod params;
mod train;

pub use model::{KIND, Lda2Vec, Topic};
pub use params::Lda2VecParams;
pub use train::train;

#[cfg(test)]
mod tests;
