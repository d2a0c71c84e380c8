//! Token matrices of ragged documents in one file, as plain or compressed values.
//!
//! A document is one record: what its rows share with others (centroids), their scales, their codes. Records start at
//! multiples of 64 bytes (4096 for [`disk`](super::disk)), so that a record is read with one aligned read and scored where it
//! lies. Bytes a token at d dimensions: f32 4d, f16 and bf16 2d, 8 bits d + 4, residual codes of b bits b·d/8 + 8.
//!
//! Residual codes follow ColBERTv2 (Santhanam et al. 2022): the nearest of about 16·√n centroids and the difference from it in
//! 1, 2 or 4 bits a value. Two things differ: the steps are uniform, with one scale a token that fits it best, so that codes
//! are multiplied as they are; and nothing is scaled to unit length after.

mod codec;
mod encode;
mod model;
mod params;
mod residual;

pub use codec::TokenCodec;
pub(super) use codec::{Layout, Record};
pub use model::TokenStore;
pub use params::{ResidualParams, StoreError, StoreParams};
pub(super) use residual::unpack;
