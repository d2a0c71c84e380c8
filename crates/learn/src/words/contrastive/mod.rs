//! CWM: contrastive word vectors, trained by a hinge on cosines; analogies come out as parallel lines.
//!
//! For a pair that was seen and a random word v': loss max(0, margin − attract · cos(u, v) + repel · cos(u, v')). One table, no contexts;
//! a loss of zero costs no update, which makes it fast. Two choices differ from the released program: pairs come from the matrix of
//! counts (each as often as it was counted, frequent words thinned as by subsampling) instead of from the running text, so that
//! training is the same for any number of threads; and rows are scaled back to unit length after each step (there their lengths grow,
//! which lowers the rate).
//!
//! Cost: O(counted pairs · negatives · d) an epoch. Source: Ri, Lee and Verma, *Contrastive Loss is All You Need to Recover Analogies
//! as Parallel Lines*, 2023.

mod params;
mod train;

pub use params::ContrastiveParams;
pub use train::{Contrastive, contrastive};
