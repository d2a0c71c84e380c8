//! Static sentence encoders: a text's vector is the weighted mean of its tokens' vectors, scaled to unit length.
//!
//! No network is run: a text costs a table row per token, a hundred thousand sentences a second on one thread. Use it where
//! speed, size and reach (no download, no accelerator) matter more than the last points of quality; a transformer is the
//! other choice. Word order is lost.
//!
//! Rows are stored as int8 with one scale each: a quarter of the bytes, and a cosine with the f32 original above 0.999. A
//! token's weight is folded into the length of its row, so that the mean needs no weights (its length is lost to the final
//! scaling anyway).
//!
//! Source: smooth inverse frequency, Arora et al., 2017; static vectors distilled from sentence encoders, Model2Vec (Tulkens
//! and van Dongen, 2024).

mod encode;
mod error;
mod model;
mod model2vec;
mod params;
mod store;
mod sum;

pub use error::StaticError;
pub use model::StaticEncoder;
pub use params::StaticParams;

#[cfg(test)]
mod tests;
