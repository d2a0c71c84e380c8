//! The claims of the methods that live here. That of LVQ stands beside the graph, in `vectory-index`.

mod leanvec;
mod quantizers;

pub(crate) use leanvec::LEANVEC;
pub(crate) use quantizers::VECTOR_QUANTIZATION;
