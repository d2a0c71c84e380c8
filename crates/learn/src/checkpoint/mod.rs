//! What a training has reached, on disk, so that it can go on after it was stopped.
//!
//! One artifact of the kind `training`: every table that changes, the place reached, and what the training is known by (a fingerprint of
//! what it learns from, its settings, its seed). A checkpoint of another training is refused. A learner that is deterministic comes to the
//! same rows, bit for bit, stopped or not, for any number of threads before and after.
//!
//! The learners that sample write through [`Checkpoint::run`], those from counts through `words::passes`.

mod file;
mod sampled;

pub use file::{Checkpoint, CheckpointError};
pub(crate) use file::{EVERY, Identity};
pub(crate) use sampled::Training;

#[cfg(test)]
mod tests;
