//! One job: what it is about, how far it is, how it ended.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use vectory_core::{Context, Progress};

use super::Task;
use crate::error::ApiError;

/// What a job gives.
pub(crate) struct Outcome {
    /// The result.
    pub value: Value,
}

impl Outcome {
    pub fn of(value: Value) -> Self {
        Self { value }
    }
}

/// How a job ended.
enum End {
    Done(Arc<Outcome>),
    Failed(ApiError),
    Cancelled,
}

/// A job.
pub(crate) struct Job {
    pub id: u64,
    pub kind: &'static str,
    pub collection: String,
    key: String,
    created: u64,
    begun: OnceLock<Instant>,
    seconds: OnceLock<f64>,
    stage: Arc<Watched>,
    cancel: OnceLock<Arc<AtomicBool>>,
    end: OnceLock<End>,
}

impl Job {
    pub fn new(id: u64, task: Task) -> Self {
        Self {
            id,
            kind: task.kind,
            collection: task.collection,
            key: task.key,
            created: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()),
            begun: OnceLock::new(),
            seconds: OnceLock::new(),
            stage: Arc::default(),
            cancel: OnceLock::new(),
            end: OnceLock::new(),
        }
    }

    pub fn is_same(&self, task: &Task) -> bool {
        self.kind == task.kind && self.collection == task.collection && self.key == task.key
    }

    /// A context of its own: its stop is nobody else's.
    pub fn context(&self, like: &Context) -> Result<Context, rayon::ThreadPoolBuildError> {
        let ctx = Context::new(like.seed, like.threads())?.with_progress(Arc::clone(&self.stage) as Arc<dyn Progress>);
        let _ = self.cancel.set(ctx.cancel_flag());
        Ok(ctx)
    }

    pub fn run(&self, ctx: &Context, work: impl FnOnce(&Context) -> Result<Outcome, ApiError>) {
        let begun = *self.begun.get_or_init(Instant::now);
        let done = std::panic::catch_unwind(AssertUnwindSafe(|| work(ctx)));
        let _ = self.seconds.set(begun.elapsed().as_secs_f64());
        let _ = self.end.set(match done {
            Ok(Ok(outcome)) => End::Done(Arc::new(outcome)),
            Ok(Err(_)) if self.is_cancelled() => End::Cancelled,
            Ok(Err(e)) => End::Failed(e),
            Err(_) => End::Failed(ApiError::new(500, "Service internal error: the job's thread failed; this is a bug")),
        });
    }

    pub fn cancel(&self) {
        if let Some(flag) = self.cancel.get() {
            flag.store(true, Ordering::Relaxed);
        }
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancel.get().is_some_and(|f| f.load(Ordering::Relaxed))
    }

    pub fn end_cancelled(&self) {
        let _ = self.end.set(End::Cancelled);
    }

    pub fn has_ended(&self) -> bool {
        self.end.get().is_some()
    }

    pub fn has_failed(&self) -> bool {
        matches!(self.end.get(), Some(End::Failed(_) | End::Cancelled))
    }

    pub fn outcome(&self) -> Option<Arc<Outcome>> {
        match self.end.get() {
            Some(End::Done(outcome)) => Some(Arc::clone(outcome)),
            _ => None,
        }
    }

    /// The error that it ended with.
    pub fn error(&self) -> Option<ApiError> {
        match self.end.get()? {
            End::Failed(e) => Some(e.clone()),
            End::Cancelled => Some(ApiError::new(409, "the job was cancelled")),
            End::Done(_) => None,
        }
    }

    /// Everything but the result.
    pub fn describe(&self) -> Value {
        let state = match self.end.get() {
            Some(End::Done(_)) => "done",
            Some(End::Failed(_)) => "failed",
            Some(End::Cancelled) => "cancelled",
            None if self.begun.get().is_some() => "running",
            None => "waiting",
        };
        let seconds = self.seconds.get().copied().or_else(|| self.begun.get().map(|b| b.elapsed().as_secs_f64()));
        let stage = self.stage.0.lock().unwrap_or_else(PoisonError::into_inner);
        json!({
            "id": self.id, "kind": self.kind, "collection": self.collection, "state": state, "created": self.created,
            "seconds": seconds, "stage": stage.name, "done": stage.done, "total": stage.total, "unit": stage.unit, "note": stage.note,
            "error": self.error().map(|e| e.message),
        })
    }
}

/// How far a job is.
#[derive(Default)]
struct Watched(Mutex<Stage>);

#[derive(Default)]
struct Stage {
    name: String,
    done: u64,
    total: Option<u64>,
    unit: String,
    note: String,
}

impl Watched {
    fn change(&self, change: impl FnOnce(&mut Stage)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Progress for Watched {
    fn begin(&self, stage: &str, total: Option<u64>, unit: &str) {
        let new = Stage { name: stage.to_owned(), total, unit: unit.to_owned(), ..Stage::default() };
        self.change(|s| *s = new);
    }
    fn advance(&self, n: u64) {
        self.change(|s| s.done += n);
    }
    fn note(&self, text: &str) {
        self.change(|s| text.clone_into(&mut s.note));
    }
    fn end(&self) {}
}
