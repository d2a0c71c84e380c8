//! sent2vec: words and runs of words whose mean is good at predicting a word that is missing from the sentence.
//!
//! CBOW whose context is the whole sentence: each word is predicted from the mean of all other words and of the runs of words of the
//! sentence. What is learned is an [`Embedding`](crate::embedding::Embedding) with rows of word n-grams, so a sentence costs a mean.
//! Feed it a sentence a line; it is tied to sentence boundaries.
//!
//! Cost: O(words · (negatives + n) · dim) an epoch: the mean of a sentence is taken once, not once a word.
//!
//! Source: Pagliardini, Gupta and Jaggi, *Unsupervised Learning of Sentence Embeddings using Compositional n-Gram Features*, 2018.

mod job;
mod params;
mod train;

pub use params::Sent2VecParams;
pub use train::train;

#[cfg(test)]
mod tests;
