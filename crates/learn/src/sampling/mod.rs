//! The sampling engine: what skip-gram, CBOW, paragraph vectors, sent2vec and the text classifiers share.
//!
//! All of them step along the gradient of a logistic loss between a few input rows and a few output rows. Here that is done a piece of
//! the corpus (about a thousand words) at a time:
//!
//! 1. The rows that a piece meets are copied into a [`Local`], where they lie close together.
//! 2. Its steps are taken there, each as a small matrix product over one window's inputs and outputs with shared negatives
//!    ([`simd::products`](vectory_core::simd::products), [`simd::exchange`](vectory_core::simd::exchange)).
//! 3. What changed is added to the [`SharedRows`].
//!
//! Hogwild (the default): every thread adds as soon as its piece is done, without locks; two that meet in a row may lose an addition, and
//! results differ from run to run. Deterministic: pieces are worked in rounds of eight, all from the same rows, and what they changed is
//! added row by row ([`Merger`]), damped where rows are met often; the result is the same for any number of threads.
//!
//! Sources: negative sampling and hierarchical softmax, Mikolov et al., 2013; shared negatives as matrix products, Ji et al., 2016;
//! Hogwild, Recht et al., 2011.

mod damping;
mod driver;
mod huffman;
mod local;
mod merge;
mod objective;
mod pool;
mod rows;
mod step;
mod subsample;

#[cfg(test)]
pub(crate) use driver::work_alone;
pub use driver::{Cursor, DriverError, Job, Plan, Tally, Task, run};
pub use huffman::Huffman;
pub use local::{Copies, Local};
pub use merge::{Merge, Merger, Part, Table};
pub use objective::{Objective, Targets};
pub use pool::Share;
pub use rows::SharedRows;
pub use step::{Step, log_sigmoid, sigmoid};
pub use subsample::{sift, subsample};
pub use vectory_transform::net::softmax;

#[cfg(test)]
mod tests;
