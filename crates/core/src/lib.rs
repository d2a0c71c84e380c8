//! The nouns of Vectory and the arithmetic under them.
//!
//! Everything above this crate speaks in these types: [`Vectors`] (rows of f32), the other [representations](repr),
//! [`Metric`], [`Hit`], [`Context`] (seed, threads, progress, cancel), [`Artifact`](artifact::Artifact) (a fitted thing on
//! disk), [`Report`](report::Report) (typed measurements) and [`Method`](registry::Method) (a published method that we
//! build, with its claim). It knows no file format but its own artifact, no terminal and no network.

pub mod alias;
pub mod artifact;
pub mod bits;
pub mod cluster;
pub mod context;
pub mod encode;
#[cfg(test)]
mod gold;
pub mod hash;
pub mod hit;
pub mod linalg;
pub mod linear;
pub mod metric;
pub mod neighbors;
pub mod registry;
pub mod report;
pub mod repr;
pub mod rng;
pub mod row_set;
pub mod scorer;
pub mod simd;
pub mod sparse;
pub mod stats;
pub mod svg;
pub mod vectors;

pub use context::{Cancelled, Context, Progress};
pub use encode::{Encode, EncodeError};
pub use hit::{Hit, TopK};
pub use metric::Metric;
pub use row_set::RowSet;
pub use vectors::{Vectors, VectorsRef};
