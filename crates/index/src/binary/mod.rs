//! Indexes of rows of bits, under Hamming distance or Jaccard similarity.
//!
//! **What.** `BFlat`: every row is compared. `BHNSW32`: a graph as [`crate::graph`] has it (batches that double, links thinned by
//! distance, equal rows as one node), whose distances are counts of bits. Both metrics come from one count: of rows with `a`
//! and `b` set bits that differ in `h`, `(a + b − h) / 2` are set in both.
//!
//! **When.** Fingerprints of molecules, perceptual hashes, minhash sketches, embeddings that were trained to be binary. To make bits
//! of other vectors, use the codecs (`Sign`, `RaBitQ`), which estimate the metric of the full rows.
//!
//! **Cost.** The scan reads each row once; the graph keeps `8·m` bytes of links a row and compares about `ef · m` rows a query.

mod build;
mod factory;
mod index;
mod search;
mod space;

pub use factory::{BinaryFactory, BinaryFactoryError, is_binary};
pub use index::{BinaryIndex, KIND};

use thiserror::Error;
use vectory_core::{Cancelled, Metric};

use crate::file::FileError;
use crate::graph::GraphParamsError;

/// Why an index of bits could not be built, saved or opened.
#[derive(Debug, Error)]
pub enum BinaryError {
    /// A metric of other rows.
    #[error("rows of bits are compared by hamming or jaccard, not {0}")]
    Metric(Metric),
    /// A parameter of the graph outside its range.
    #[error(transparent)]
    Params(#[from] GraphParamsError),
    /// Too many rows for 32-bit numbers.
    #[error("{0} rows are above 2,147,483,647, the most that one index holds; split the collection")]
    TooLarge(usize),
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The file could not be written or read.
    #[error(transparent)]
    File(#[from] FileError),
}

#[cfg(test)]
mod tests;
