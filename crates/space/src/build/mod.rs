//! From sources to a space: read, cut, encode, index, commit; only what is new or has changed.
//!
//! Documents stream through in batches, and a commit is made every so many passages, bytes or seconds: memory does not grow
//! with the input, and an interruption (a signal, `kill -9`, a power cut) loses no more than the last of them. A run over
//! the same sources then goes on where the other stopped, because a document whose stamp or content is known is not
//! encoded again; `--resume` is that, said aloud. At the end of a run that saw all of its sources, what came from them
//! earlier and is not there any more is removed, and small segments are merged.
//!
//! Where the recipe learns an encoder (`encode.learn`), the sources of a new space are read once before: their passages, each word once,
//! go to a file beside it, the encoder is learned from them and kept in the space. Later runs use it as it is.

mod batches;
mod error;
mod learn;
mod params;
mod run;
mod shard;
mod summary;

pub use error::BuildError;
pub use params::{Build, BuildParams};
pub(crate) use shard::SHARD;
pub use shard::Shard;
pub use summary::{BuildSummary, SkippedSummary};

use vectory_core::Context;

/// Makes or updates a space.
///
/// # Errors
/// [`BuildError`]; what was committed before it stays, and another run goes on from there.
pub fn build(request: &Build<'_>, ctx: &Context) -> Result<BuildSummary, BuildError> {
    run::run(request, ctx)
}
