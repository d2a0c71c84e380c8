//! Swivel: word vectors from every cell of the matrix of counts, those that are zero too.
//!
//! Where words were seen together the product of their vectors is to be their PMI, the more firmly the oftener; where not, a soft hinge keeps
//! it from exceeding the PMI that a single occurrence would have had. The matrix is trained a dense tile at a time, as three matrix products.
//! Use it where rare words matter and the vocabulary is tens of thousands: the cost does not depend on the size of the corpus.
//!
//! Cost: O(words² · d) an epoch, near the processor's peak; a tile of `shard`² values a thread.
//!
//! Source: Shazeer, Doherty, Evans and Waterson, *Swivel*, 2016. The released program's weights (0.1 + 0.25 √x) and rate.

mod cells;
mod params;
mod train;

pub use params::SwivelParams;
pub use train::swivel;

#[cfg(test)]
mod tests;
