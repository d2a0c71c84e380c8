//! How alike two sets of vectors of the same items are: as spaces, and as neighbourhoods.
//!
//! [`of_spaces`]: linear CKA (Kornblith et al. 2019), canonical correlations, Procrustes distance (Schönemann 1966; Williams
//! et al. 2021) and how much of one is linear in the other, all from second moments: O(n (dx + dy)²), no n × n matrix.
//! [`of_neighbors`]: overlap and order of the k nearest rows (Caspari et al., *Beyond Benchmarks*, 2024), rank-biased
//! overlap (Webber, Moffat and Zobel 2010), and agreement of similarities to common anchors (Moschella et al. 2023).
//!
//! Alike as spaces does not mean alike as neighbourhoods: look at both.

pub(crate) mod claim;
mod groups;
mod neighborhoods;
mod spaces;
#[cfg(test)]
mod tests;

pub use groups::{adjusted_rand, average_linkage};
pub use neighborhoods::{NeighborhoodParams, Neighborhoods, Overlap, of_lists, of_neighbors};
pub use spaces::{Spaces, of_spaces};
