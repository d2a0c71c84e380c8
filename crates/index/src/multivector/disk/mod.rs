//! Token matrices that stay on disk: memory holds one vector a document, and the places of the records.
//!
//! **What.** An inverted file over the mean vector of each document gives candidates. Their token matrices are read by a pool of
//! positioned reads, past the page cache where the system allows, and scored by the thread that read them. After the first part of
//! the lists (`ahead`) the candidates so far are taken as a guess and their reads begin, while the remaining lists are scanned;
//! at the end only what was guessed wrongly is still to be read, before everything that was merely guessed.
//!
//! **When.** The token matrices are larger than memory. **Cost.** A query reads about `rerank` records; memory is the mean vectors
//! and 12 bytes a document. Records are aligned to 4096 bytes, so that a read touches no block twice.
//!
//! **Source.** ESPN (Shrestha, Reddy and Li 2024). It reads into the memory of a GPU; this reads with a pool of threads.

mod build;
mod model;
mod pool;
mod search;
mod stats;

pub use build::{DiskParams, is_on_disk};
pub use model::{DiskIndex, KIND};
pub use search::{DiskSearch, Found};
pub use stats::DiskStats;

#[cfg(test)]
mod tests;
