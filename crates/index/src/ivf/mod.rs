//! Inverted file: rows in the lists of their nearest centroids, of which a query looks into the nearest few (Sivic and Zisserman
//! 2003; with codes Jégou, Douze and Schmid 2011).
//!
//! **When.** Fast to build (k-means and one pass), small (codes only), and quick at moderate recall; under a filter more lists are
//! looked into, and a small set is scored without them.
//! A graph needs fewer comparisons at high recall. **Cost.** Build 2 · n · d · lists operations for the assignment; a query
//! `lists` products for the centroids, then the codes of `nprobe` lists.
//!
//! Codes are of what a row has beside its centroid c. The score of a row x = c + r under a query q is kept apart as
//! `⟨q, c⟩ + ⟨q, r̂⟩ + bias` (dot, cosine) or `−|q − c|² + 2 ⟨q, r̂⟩ + bias` (l2), where the bias is a number of the row:
//! ⟨c, r − r̂⟩, or −|r̂|² − 2 ⟨c, r̂⟩. So a query is made ready once, not once a list, whatever the codec, and the error of the
//! estimate is that of q − c, which is small.

pub(crate) mod build;
mod filtered;
mod model;
mod params;
mod search;
#[cfg(test)]
mod tests;

pub use build::IvfError;
pub use model::Ivf;
pub(crate) use model::check_places;
pub use params::{IvfParams, IvfParamsError};
pub use search::IvfSearcher;
