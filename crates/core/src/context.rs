//! What every long call is given: seed, threads, progress, cancel. Nothing of it hides in globals.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use thiserror::Error;

/// A long call was asked to stop.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
#[error("interrupted")]
pub struct Cancelled;

/// Where a long call reports how far it is. Implementations must be cheap: `advance` is called from hot loops
/// (per batch, not per item) and from several threads.
pub trait Progress: Send + Sync {
    /// A stage begins; `total` is in `unit`s ("passages", "rows", "epochs"), unknown as `None`.
    fn begin(&self, stage: &str, total: Option<u64>, unit: &str);
    /// `n` more units are done.
    fn advance(&self, n: u64);
    /// A short note for the running stage ("loss 0.213").
    fn note(&self, text: &str);
    /// The stage is over.
    fn end(&self);
}

/// Progress that nobody looks at.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: Option<u64>, _: &str) {}
    fn advance(&self, _: u64) {}
    fn note(&self, _: &str) {}
    fn end(&self) {}
}

/// Seed, thread pool, progress sink and cancel flag. Cheap to clone; clones share the pool, the sink and the flag.
#[derive(Clone)]
pub struct Context {
    /// The seed of every random draw under this call.
    pub seed: u64,
    pool: Arc<rayon::ThreadPool>,
    progress: Arc<dyn Progress>,
    cancel: Arc<AtomicBool>,
}

impl Context {
    /// A context with its own pool of `threads` workers (0: one per core).
    ///
    /// # Errors
    /// When the system refuses the threads.
    pub fn new(seed: u64, threads: usize) -> Result<Self, rayon::ThreadPoolBuildError> {
        let pool =
            rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("vectory-{i}")).build()?;
        Ok(Self { seed, pool: Arc::new(pool), progress: Arc::new(Silent), cancel: Arc::new(AtomicBool::new(false)) })
    }

    /// The same context reporting to `progress`.
    #[must_use]
    pub fn with_progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }

    /// The same context with another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The thread pool: run parallel work inside `ctx.pool().install(|| …)`, never on rayon's global pool.
    #[must_use]
    pub fn pool(&self) -> &rayon::ThreadPool {
        &self.pool
    }

    /// How many threads the pool has.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// The progress sink.
    #[must_use]
    pub fn progress(&self) -> &dyn Progress {
        &*self.progress
    }

    /// The flag that asks for a stop; set it from a signal handler.
    #[must_use]
    pub fn cancel_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancel)
    }

    /// To be asked between batches.
    ///
    /// # Errors
    /// [`Cancelled`] once the flag is set.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.cancel.load(Ordering::Relaxed) { Err(Cancelled) } else { Ok(()) }
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Context(seed {}, {} threads)", self.seed, self.threads())
    }
}
