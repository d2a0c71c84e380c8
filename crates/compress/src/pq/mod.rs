//! Product quantization (Jégou, Douze and Schmid 2011): a row is cut into `m` parts, and each part is replaced by the nearest of
//! 256 or 16 centroids of that part. OPQ (Ge, He, Ke and Sun 2013) turns the space first, so that the parts are independent and
//! equally important.
//!
//! **When.** The fewest bytes at a given error for rows without structure that a rotation undoes. 16 centroids
//! (`PQ<m>x4fs`) are scanned by registers, 16 rows at a time; 256 (`PQ<m>`) are finer for the same bits and several times slower.
//! **Cost.** k-means in each part on at most 256 rows a centroid (16,384 at least); encoding 2 · d · centroids operations a row.
//!
//! Parts need not divide the dimension: they differ by at most one dimension.

mod encode;
mod fit;
mod model;
mod opq;
mod params;
#[cfg(test)]
mod tests;

pub use model::{Pq, PqQuery};
pub use params::PqParams;
