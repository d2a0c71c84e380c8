//! The writer: the one hand that changes a space.
//!
//! Documents go in with [`Writer::upsert`], out with [`Writer::delete`]; nothing of it is there for readers, or after a
//! crash, until [`Writer::commit`] returns. A failed or interrupted call drops what was not committed.

mod change;
mod commit;
mod create;
mod error;
mod items;
mod merge;
mod pending;
mod points;
mod prepare;
mod rebuild;
mod seal;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use roaring::RoaringBitmap;
use vectory_core::Context;

pub use change::{Change, Changes};
pub(crate) use create::difference;
pub use error::WriteError;
pub(crate) use items::{Source, ViewShape};
pub use merge::{MergeJob, MergeSummary, Merged};
pub(crate) use pending::Represented;
pub(crate) use prepare::{cut, represent_one, seen};
pub(crate) use seal::Seal;

use crate::engine::Engine;
use crate::recipe::Recipe;
use crate::store::{Faults, ItemsWriter, Layout, Lock, Manifest, Part, READ_CACHE, WRITE_CACHE};
use pending::Pending;

/// How a writer works.
#[derive(Clone, Debug)]
pub struct WriterParams {
    /// Passages after which a commit is made by itself: bounds memory and what an interruption loses.
    pub flush_passages: usize,
    /// Bytes of text after which a commit is made by itself.
    pub flush_bytes: usize,
    /// Segments are not merged beyond so many passages.
    pub max_segment: usize,
    /// A segment with more than this share of dead passages is rewritten by [`Writer::compact`].
    pub dead_share: f64,
    /// So many small segments wait before [`Writer::plan_merge`] merges them.
    pub merge_from: usize,
    /// Bytes of the table of items that writing keeps in memory.
    pub write_cache: usize,
    /// Bytes of it that reading keeps in memory.
    pub read_cache: usize,
    /// Segments are not merged where that would take more memory, about.
    pub merge_bytes: u64,
    /// A hook for tests.
    pub faults: Faults,
}

impl Default for WriterParams {
    fn default() -> Self {
        Self {
            flush_passages: 16_384,
            flush_bytes: 64 << 20,
            max_segment: 1_000_000,
            dead_share: 0.3,
            merge_from: 2,
            write_cache: WRITE_CACHE,
            read_cache: READ_CACHE,
            merge_bytes: u64::MAX,
            faults: Faults::default(),
        }
    }
}

/// What a commit consists of but the items.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub manifest: Manifest,
    /// Passages that are gone but still in a segment.
    pub dead: RoaringBitmap,
    /// Documents that have changed since the last commit.
    pub changed: RoaringBitmap,
}

/// The one writer of a space; holds `LOCK` until dropped.
pub struct Writer {
    layout: Layout,
    items: ItemsWriter,
    recipe: Recipe,
    engines: Arc<Vec<Engine>>,
    params: WriterParams,
    committed: State,
    open: Option<Open>,
    /// Segments that are being written by merges on other threads.
    busy: BTreeSet<u32>,
    /// Segments that were opened to read given vectors from.
    parts: HashMap<u32, Arc<Part>>,
    /// What merging each segment would take, where that is limited.
    costs: HashMap<u32, u64>,
    // Last, so that it is let go after everything else is closed.
    _lock: Lock,
}

/// What happened since the last commit.
struct Open {
    txn: redb::WriteTransaction,
    state: State,
    pending: Pending,
}

impl Writer {
    /// The resolved recipe.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// What is committed.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.committed.manifest
    }

    /// Bytes of all files of the space.
    #[must_use]
    pub fn bytes_on_disk(&self) -> u64 {
        self.layout.bytes()
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn read_cache(&self) -> usize {
        self.params.read_cache
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.params.faults
    }

    /// What is committed, tombstones and all.
    pub(crate) fn state(&self) -> &State {
        &self.committed
    }

    /// Forgets what was not committed.
    pub fn rollback(&mut self) {
        // Dropping a transaction ends it without a trace.
        self.open = None;
    }

    /// Makes sure that a transaction is open.
    fn begin(&mut self) -> Result<&mut Open, WriteError> {
        if self.open.is_none() {
            let txn = self.items.begin()?;
            let state = State { changed: RoaringBitmap::new(), ..self.committed.clone() };
            let pending = Pending::new(&self.engines);
            self.open = Some(Open { txn, state, pending });
        }
        // Just filled.
        self.open.as_mut().ok_or(WriteError::Closed)
    }

    /// Runs `work`; when it fails, nothing of what was not committed remains.
    fn or_rollback<T>(
        &mut self,
        ctx: &Context,
        work: impl FnOnce(&mut Self, &Context) -> Result<T, WriteError>,
    ) -> Result<T, WriteError> {
        let result = work(self, ctx);
        if result.is_err() {
            self.rollback();
        }
        result
    }
}
