//! Long work: begun by a request, done on a thread of its own, asked after by its number.
//!
//! A few run at once, the next ones wait, beyond a limit they are refused. Asking twice for the same of the same commit gives the job
//! that is there. The newest results are kept in memory.

mod handlers;
mod job;

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use vectory_core::Context;

pub(crate) use handlers::{reply, routes};
pub(crate) use job::{Job, Outcome};

use crate::error::ApiError;

/// Jobs that run at once.
const RUNNING: usize = 2;
/// Jobs that may wait.
const WAITING: usize = 32;
/// Jobs that are remembered after their end.
const KEPT: usize = 100;

/// What a job is about.
pub(crate) struct Task {
    /// What is done.
    pub kind: &'static str,
    /// To which collection.
    pub collection: String,
    /// Jobs of one kind, collection and key give one result; empty: each is its own.
    pub key: String,
}

/// All jobs.
#[derive(Default)]
pub(crate) struct Jobs {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    last: u64,
    jobs: BTreeMap<u64, Arc<Job>>,
    running: usize,
    closed: bool,
}

impl Jobs {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a job, or gives the one that does the same or has done it.
    pub fn start(
        self: &Arc<Self>,
        task: Task,
        ctx: &Context,
        work: impl FnOnce(&Context) -> Result<Outcome, ApiError> + Send + 'static,
    ) -> Result<Arc<Job>, ApiError> {
        let mut state = self.state();
        if let Some(job) =
            state.jobs.values().rev().find(|j| !task.key.is_empty() && j.is_same(&task) && !j.has_failed())
        {
            return Ok(Arc::clone(job));
        }
        let waiting = state.jobs.values().filter(|j| !j.has_ended()).count();
        if state.closed || waiting >= RUNNING + WAITING {
            return Err(ApiError { retry_after: Some(10), ..ApiError::busy("too many jobs wait; try again later") });
        }
        state.last += 1;
        let job = Arc::new(Job::new(state.last, task));
        state.jobs.insert(job.id, Arc::clone(&job));
        forget_old(&mut state);
        drop(state);
        let failed = |e: &dyn std::fmt::Display| ApiError::new(500, format!("Service internal error: {e}"));
        let ctx = job.context(ctx).map_err(|e| failed(&e))?;
        let (jobs, own) = (Arc::clone(self), Arc::clone(&job));
        let run = move || {
            if jobs.take_turn(&own) {
                own.run(&ctx, work);
                jobs.state().running -= 1;
            }
            jobs.changed.notify_all();
        };
        std::thread::Builder::new().name("vectory-job".into()).spawn(run).map_err(|e| failed(&e))?;
        Ok(job)
    }

    /// Waits until it may run; whether it may.
    fn take_turn(&self, job: &Job) -> bool {
        let mut state = self.state();
        while state.running >= RUNNING && !job.is_cancelled() {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if job.is_cancelled() {
            job.end_cancelled();
            return false;
        }
        state.running += 1;
        true
    }

    /// The job of that number.
    pub fn get(&self, id: u64) -> Option<Arc<Job>> {
        self.state().jobs.get(&id).cloned()
    }

    /// All that are known, the newest first.
    pub fn all(&self) -> Vec<Arc<Job>> {
        self.state().jobs.values().rev().cloned().collect()
    }

    /// The newest of a kind, however it stands.
    pub fn last(&self, kind: &str, collection: &str) -> Option<Arc<Job>> {
        self.state().jobs.values().rev().find(|j| j.kind == kind && j.collection == collection).cloned()
    }

    /// The newest result of a kind.
    pub fn newest(&self, kind: &str, collection: &str) -> Option<Arc<Job>> {
        let of = |j: &&Arc<Job>| j.kind == kind && j.collection == collection && j.outcome().is_some();
        self.state().jobs.values().rev().find(of).cloned()
    }

    /// Asks a job to stop.
    pub fn cancel(&self, job: &Job) {
        job.cancel();
        self.changed.notify_all();
    }

    /// Waits a while for a job's end.
    pub fn wait(&self, job: &Job, longest: std::time::Duration) {
        let until = std::time::Instant::now() + longest;
        let mut state = self.state();
        while !job.has_ended() {
            let left = until.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Stops all, and takes no more.
    pub fn close(&self) {
        let jobs: Vec<_> = {
            let mut state = self.state();
            state.closed = true;
            state.jobs.values().cloned().collect()
        };
        jobs.iter().for_each(|j| self.cancel(j));
        jobs.iter().for_each(|j| self.wait(j, std::time::Duration::from_secs(10)));
    }
}

fn forget_old(state: &mut State) {
    let ended: Vec<u64> = state.jobs.values().filter(|j| j.has_ended()).map(|j| j.id).collect();
    for id in ended.iter().take(ended.len().saturating_sub(KEPT)) {
        state.jobs.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn task(key: &str) -> Task {
        Task { kind: "test", collection: "c".into(), key: key.into() }
    }

    fn long(ctx: &Context) -> Result<Outcome, ApiError> {
        ctx.progress().begin("waiting", Some(10), "rounds");
        ctx.progress().advance(3);
        while ctx.check().is_ok() {
            std::thread::sleep(Duration::from_millis(2));
        }
        Err(ApiError::bad("interrupted"))
    }

    #[test]
    fn the_same_is_done_once_and_progress_is_seen() {
        let (jobs, ctx) = (Arc::new(Jobs::default()), Context::new(1, 1).unwrap());
        let first = jobs.start(task("a"), &ctx, long).unwrap();
        while first.describe()["done"] != 3 {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(
            (first.describe()["state"].as_str(), first.describe()["stage"].as_str()),
            (Some("running"), Some("waiting"))
        );
        assert_eq!(jobs.start(task("a"), &ctx, |_| panic!("not again")).unwrap().id, first.id);
        let quick = jobs.start(task("b"), &ctx, |_| Ok(Outcome::of(json!(7)))).unwrap();
        jobs.wait(&quick, Duration::from_secs(5));
        assert_eq!(quick.outcome().unwrap().value, 7);
        assert_eq!(jobs.newest("test", "c").unwrap().id, quick.id);
        jobs.cancel(&first);
        jobs.wait(&first, Duration::from_secs(5));
        assert_eq!(first.describe()["state"], "cancelled");
        assert_ne!(
            jobs.start(task("a"), &ctx, |_| Ok(Outcome::of(json!(1)))).unwrap().id,
            first.id,
            "what failed is tried again"
        );
        jobs.close();
        assert_eq!(jobs.start(task("c"), &ctx, long).err().unwrap().status, 503);
    }

    #[test]
    fn too_many_are_refused_and_a_panic_is_a_failure() {
        let (jobs, ctx) = (Arc::new(Jobs::default()), Context::new(1, 1).unwrap());
        for i in 0..RUNNING + WAITING {
            jobs.start(task(&i.to_string()), &ctx, long).unwrap();
        }
        let refused = jobs.start(task("more"), &ctx, long).err().unwrap();
        assert_eq!((refused.status, refused.retry_after), (503, Some(10)));
        jobs.close();
        let jobs = Arc::new(Jobs::default());
        let job = jobs.start(task(""), &ctx, |_| panic!("on purpose")).unwrap();
        jobs.wait(&job, Duration::from_secs(5));
        assert_eq!(job.describe()["state"], "failed");
    }
}
