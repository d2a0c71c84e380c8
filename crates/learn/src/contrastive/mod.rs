//! CWM: word vectors by a hinge on cosines over running text; analogies come out as parallel lines.
//!
//! A word u of a window is to be nearer to the word v in its middle than to a random word v': loss
//! max(0, margin − attract · cos(u, v) + repel · cos(u, v')). There is one table and no contexts. Rows keep the lengths that they grow to,
//! as in the released program, so that what is met often learns more slowly; vectors come out with length 1. The words of a window share
//! their random words, and are stepped together, as in the rest of the [sampling engine](crate::sampling).
//!
//! When: on short texts, where it knows analogies and similarities far better than skip-gram, in half the time. Cost: O(words · window ·
//! negatives · d).
//!
//! Source: Ri, Lee and Verma, *Contrastive Loss is All You Need to Recover Analogies as Parallel Lines*, 2023.

mod job;
mod params;
mod step;
mod train;

pub use params::ContrastiveParams;
pub use train::{ContrastiveReport, train};

#[cfg(test)]
mod tests;
