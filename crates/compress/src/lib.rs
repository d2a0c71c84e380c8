//! Codecs: vectors become few bytes, and the bytes are scored as they are.
//!
//! # How graph × codec × store compose
//!
//! - A **codec** ([`Codec`]) is what was fitted: means, codebooks, rotations, and the metric. It is small and has no rows.
//! - **Codes** ([`Codes`], borrowed as [`CodesRef`]) are the rows: one or two contiguous blocks of bytes and a [`Layout`].
//!   A store maps them from a file and hands out `CodesRef`; a codec never knows where the bytes live.
//! - A **query** ([`Codec::Query`]) is a vector made ready for one codec: quantized, or turned into tables. A row of the codes
//!   can be one too ([`Codec::row_query_into`]), so a graph is built on the codes that it will be searched on.
//! - An **index** is generic over `C: Codec` or holds an [`AnyCodec`]; it asks for scores a batch at a time
//!   ([`Codec::scores`] for ids, [`Codec::block`] for a run of rows), so that choosing the codec at run time costs one branch
//!   a batch. It fetches ahead with [`CodesRef::prefetch`], which needs no codec at all.
//!
//! Two-level codecs (LVQ4x8, LeanVec, RaBitQ of more than one bit) keep a *primary* record a row, which a walk or a scan
//! reads, and a *secondary* one, which only [`Codec::rerank`] reads, for the last few candidates.
//!
//! Scores follow the house: larger is nearer, `l2` is minus the squared distance. Under `cosine` rows and queries are scaled
//! to unit length before they are coded (a zero row stays zero and has cosine 0 with everything), and decoded rows are unit rows.

mod any;
pub mod bits;
mod claims;
mod codec;
mod codes;
pub mod file;
pub mod full;
pub mod half;
mod ints;
mod kernels;
pub mod leanvec;
pub mod lvq;
pub mod measure;
pub mod pq;
pub mod rabitq;
mod rotate;
mod rows;
pub mod rq;
pub mod scalar;
pub mod sign;
pub mod spec;
pub mod state;
#[cfg(test)]
mod testing;
pub mod vq;

pub mod pooling;

use vectory_core::registry::Method;

pub use any::{AnyCodec, AnyQuery};
pub use codec::{Above, Codec, CodecError, FitCodec, ParamsError, Scorer};
pub use codes::{Codes, CodesRef, Layout};
pub use spec::{Spec, SpecError};

/// The published methods that live here.
pub const METHODS: &[Method] = &[claims::VECTOR_QUANTIZATION, claims::LEANVEC];
