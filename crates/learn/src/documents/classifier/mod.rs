//! Text classification as fastText does it: the mean of a text's rows (words, runs of words, character n-grams) through a linear layer.
//!
//! Use it for topics, languages, sentiment with many labelled lines: minutes of training, millions of words a second, a file that the
//! fastText program loads and whose own models load here ([`Classifier::open`]: `.bin` and `.ftz`). Training text: a line a text with
//! its labels before it (`__label__sport …`); several labels are learned one at a time, as the program does.
//!
//! With [`ClassifierParams::bytes`] the features are runs of raw bytes instead of words ([`bytes`](mod@bytes): byteSteady).
//!
//! Cost: O(words · n-grams · dim + labels · dim) a text. Source: Joulin et al., *Bag of Tricks for Efficient Text Classification*, 2017.

pub mod bytes;
mod data;
mod features;
mod job;
mod model;
mod params;
mod store;
mod train;

pub use data::{LABEL, Labelled, read};
pub use model::{Classifier, Evaluation, Prediction};
pub use params::ClassifierParams;
pub use store::KIND;
pub use train::train;

#[cfg(test)]
mod tests;
