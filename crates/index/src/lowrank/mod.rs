//! Clustered low-rank scoring: rows in the clusters of their nearest centroids, and for each cluster a factorization of the
//! products of queries with its rows (LoRANN: Jääsaari, Hyvönen and Roos 2024).
//!
//! **What.** The score of a row x of the cluster around c is kept apart as the score of c, a number of the row, and the
//! product ⟨q − c, x − c⟩, which alone has to be estimated. Over the queries that come to the cluster, the best estimate of
//! rank r (reduced-rank regression) is the product of two rows of r values: one computed from the query once a cluster, one
//! kept of each row, both in bytes. (The published method regresses ⟨q, x⟩ itself; what the centroid says exactly needs no
//! rank.) The best estimates are looked at again by their full rows, as far as the measured error of the estimates asks for it.
//!
//! **When.** Some ten thousand rows to a few million, where building must take about a second; on clustered rows it is the
//! quickest index as well. A graph touches fewer rows where there are many more, and at the highest recall.
//!
//! **Cost.** Build: k-means, and a moment matrix and its eigenvectors for each cluster, O(n · s² + clusters · s³) for s ≤ 128
//! principal components. Search: `clusters · s + nprobe · (r · s + r · n / clusters)` products of bytes, sixty-four an
//! instruction with VNNI. Memory: r + 8 bytes a row and about r · s a cluster, beside the rows.

mod build;
mod factor;
mod model;
mod params;
mod quick;
mod search;
#[cfg(test)]
mod tests;

pub use build::LowRankError;
pub use model::LowRank;
pub use params::{LowRankParams, LowRankParamsError};
pub use search::LowRankSearcher;
