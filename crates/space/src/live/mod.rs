//! A space that is read and written at once: one writing thread, any number of readers.
//!
//! Changes wait in a bounded queue. The writing thread takes what waits, applies it in order, commits once for all of it
//! (so that many clients share the cost of a sync) and only then says "done". Readers see the new commit before the first
//! client is told. Merges run on a thread of their own, beside writing and reading; they
//! begin when no change has come for a moment, or when many segments wait for them.

mod op;
mod work;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use serde::Serialize;
use thiserror::Error;
use vectory_core::Context;

pub use op::{Op, Selection};

use crate::engine::EncoderProvider;
use crate::search::{OpenError, Space};
use crate::store::StoreError;
use crate::write::{WriteError, Writer, WriterParams};
use work::{Job, Work};

/// Changes that may wait.
const QUEUE: usize = 256;

/// Why a change was not made.
#[derive(Clone, Debug, Error)]
pub enum LiveError {
    /// Too much waits; try again later.
    #[error("too many changes wait; try again in a moment")]
    Busy,
    /// The space is being closed.
    #[error("the space is being closed")]
    Closed,
    /// What was asked for cannot be done; nothing was changed.
    #[error("{0}")]
    Refused(String),
    /// The change could not be made durable; nothing of it is there.
    #[error("{0}")]
    Failed(String),
}

/// What a change did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Which change it was, counted from the opening.
    pub operation: u64,
    /// The commit that holds it.
    pub generation: u64,
    /// How many points it touched.
    pub points: usize,
}

/// What goes on behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LiveStatus {
    /// Changes that wait.
    pub waiting: u64,
    /// Whether a merge runs, or is to run soon.
    pub merging: bool,
    /// Passages that the running merge reads.
    pub merging_rows: u64,
    /// Merges that failed since the opening.
    pub failed_merges: u64,
}

/// What is counted while it runs.
#[derive(Default)]
pub(crate) struct Counters {
    operations: AtomicU64,
    waiting: AtomicU64,
    merging: AtomicBool,
    merging_rows: AtomicU64,
    failed_merges: AtomicU64,
}

/// A space opened for reading and writing.
pub struct Live {
    space: Arc<Space>,
    queue: Mutex<Option<SyncSender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    counters: Arc<Counters>,
    path: PathBuf,
}

impl Live {
    /// Opens a space that is there, and takes the right to write to it.
    ///
    /// # Errors
    /// [`WriteError`] or [`OpenError`].
    pub fn open(
        path: &Path,
        encoders: &dyn EncoderProvider,
        params: WriterParams,
        ctx: Context,
    ) -> Result<Self, LiveOpenError> {
        let writer = Writer::open(path, encoders, params)?;
        Self::start(path, writer, encoders, ctx)
    }

    /// Takes over a writer, as of a space that was just made.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn start(
        path: &Path,
        writer: Writer,
        encoders: &dyn EncoderProvider,
        ctx: Context,
    ) -> Result<Self, LiveOpenError> {
        let space = Arc::new(Space::open_with(path, encoders, writer.read_cache())?);
        let counters = Arc::new(Counters::default());
        let (sender, receiver): (SyncSender<Job>, Receiver<Job>) = sync_channel(QUEUE);
        let work = Work::new(writer, Arc::clone(&space), Arc::clone(&counters), sender.clone(), ctx);
        let thread = std::thread::Builder::new().name("vectory-writer".into()).spawn(move || work.run(&receiver));
        let thread = thread.map_err(StoreError::Io).map_err(OpenError::Store)?;
        Ok(Self {
            space,
            queue: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            counters,
            path: path.to_owned(),
        })
    }

    /// The reader's side; always at the newest commit.
    #[must_use]
    pub fn space(&self) -> &Arc<Space> {
        &self.space
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands a change in; `done` is called once it is durable, or when it was not made.
    pub fn submit(&self, op: Op, done: impl FnOnce(Result<Receipt, LiveError>) + Send + 'static) {
        let job = Job::Change { op, done: Box::new(done) };
        let sender = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(sender) = sender else { return job.refuse(LiveError::Closed) };
        self.counters.waiting.fetch_add(1, Ordering::Relaxed);
        match sender.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(job)) => {
                self.counters.waiting.fetch_sub(1, Ordering::Relaxed);
                job.refuse(LiveError::Busy);
            }
            Err(TrySendError::Disconnected(job)) => {
                self.counters.waiting.fetch_sub(1, Ordering::Relaxed);
                job.refuse(LiveError::Closed);
            }
        }
    }

    /// Makes a change and waits until it is durable.
    ///
    /// # Errors
    /// [`LiveError`].
    pub fn apply(&self, op: Op) -> Result<Receipt, LiveError> {
        let (send, receive) = sync_channel(1);
        self.submit(op, move |result| _ = send.send(result));
        receive.recv().unwrap_or(Err(LiveError::Closed))
    }

    /// What goes on behind.
    #[must_use]
    pub fn status(&self) -> LiveStatus {
        let c = &self.counters;
        LiveStatus {
            waiting: c.waiting.load(Ordering::Relaxed),
            merging: c.merging.load(Ordering::Relaxed),
            merging_rows: c.merging_rows.load(Ordering::Relaxed),
            failed_merges: c.failed_merges.load(Ordering::Relaxed),
        }
    }

    /// Finishes what waits, then lets the space go.
    pub fn close(&self) {
        let sender = self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // A full queue is worked off meanwhile.
            let _ = sender.send(Job::Stop);
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.close();
    }
}

/// Why a space could not be opened for reading and writing.
#[derive(Debug, Error)]
pub enum LiveOpenError {
    /// The right to write could not be had.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// It cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
}
