//! Late interaction on judged collections: the claims of multi-vector search.

mod disk;
mod muvera;
mod pooling;
mod tokens;

pub(crate) use disk::ESPN;
pub(crate) use muvera::MUVERA;
pub(crate) use pooling::TOKEN_POOLING;
