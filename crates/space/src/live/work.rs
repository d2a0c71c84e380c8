//! The writing thread.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

use vectory_core::Context;

use super::{Counters, LiveError, Op, Receipt};
use crate::search::Space;
use crate::write::{Merged, WriteError, Writer};

/// Changes that share a commit at most.
const TOGETHER: usize = 64;
/// Merging takes from writing what it needs: it begins when no change has come for so long …
const QUIET: Duration = Duration::from_millis(100);
/// … or when so many segments wait to be merged.
const DEBT: usize = 8;

/// Called with what became of a change.
type Done = Box<dyn FnOnce(Result<Receipt, LiveError>) + Send>;

/// What the writing thread is given.
pub(super) enum Job {
    Change {
        op: Op,
        done: Done,
    },
    /// The merge into this segment has ended.
    Wake(u32),
    Stop,
}

impl Job {
    pub(super) fn refuse(self, why: LiveError) {
        if let Self::Change { done, .. } = self {
            done(Err(why));
        }
    }
}

/// What the writing thread works with.
pub(super) struct Work {
    writer: Writer,
    space: Arc<Space>,
    counters: Arc<Counters>,
    sender: SyncSender<Job>,
    ctx: Context,
    merging: Option<(u32, JoinHandle<Result<Merged, WriteError>>)>,
}

impl Work {
    pub fn new(
        writer: Writer,
        space: Arc<Space>,
        counters: Arc<Counters>,
        sender: SyncSender<Job>,
        ctx: Context,
    ) -> Self {
        Self { writer, space, counters, sender, ctx, merging: None }
    }

    /// Works until it is told to stop; a merge that still runs then is stopped too.
    pub fn run(mut self, jobs: &Receiver<Job>) {
        self.merge();
        let mut stop = false;
        while !stop {
            let mut next = self.next(jobs);
            if next.is_none() {
                break;
            }
            let mut changes = Vec::new();
            while let Some(job) = next {
                match job {
                    Job::Change { op, done } => {
                        self.counters.waiting.fetch_sub(1, Ordering::Relaxed);
                        changes.push((op, done));
                    }
                    Job::Wake(number) => {
                        self.write(std::mem::take(&mut changes));
                        // An older one has been waited for already.
                        if self.merging.as_ref().is_some_and(|(running, _)| *running == number) {
                            self.end_merge();
                        }
                    }
                    Job::Stop => {
                        stop = true;
                        break;
                    }
                }
                next = if changes.len() < TOGETHER { jobs.try_recv().ok() } else { None };
            }
            self.write(changes);
            if !stop {
                let debt = self.writer.merge_debt();
                if debt >= DEBT {
                    self.merge();
                }
                self.counters.merging.store(self.merging.is_some() || debt > 0, Ordering::Relaxed);
            }
        }
        self.ctx.cancel_flag().store(true, Ordering::Relaxed);
        if let Some((_, thread)) = self.merging.take() {
            // Stopped, it leaves nothing; done, its segment is nobody's and goes with the next opening.
            let _ = thread.join();
        }
    }

    /// The next job; what is worth merging is begun to be merged when none comes for a while.
    fn next(&mut self, jobs: &Receiver<Job>) -> Option<Job> {
        match jobs.recv_timeout(QUIET) {
            Ok(job) => Some(job),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                self.merge();
                jobs.recv().ok()
            }
        }
    }

    /// Applies changes, commits once, shows the commit to readers, then tells.
    fn write(&mut self, changes: Vec<(Op, Done)>) {
        if changes.is_empty() {
            return;
        }
        let mut results: Vec<(Result<Receipt, LiveError>, Done)> = Vec::with_capacity(changes.len());
        let mut broken: Option<String> = None;
        for (op, done) in changes {
            let operation = self.counters.operations.fetch_add(1, Ordering::Relaxed);
            let applied = match &broken {
                Some(why) => Err(LiveError::Failed(why.clone())),
                None => match self.apply(&op) {
                    Ok(points) => Ok(Receipt { operation, generation: 0, points }),
                    Err(WriteError::Refused(why)) => Err(LiveError::Refused(why)),
                    Err(e) => {
                        broken = Some(e.to_string());
                        Err(LiveError::Failed(e.to_string()))
                    }
                },
            };
            results.push((applied, done));
        }
        let committed = match broken {
            None => self.writer.commit(&self.ctx).map_err(|e| e.to_string()),
            Some(why) => Err(why),
        };
        let committed = committed.and_then(|g| self.space.refresh().map(|_| g).map_err(|e| e.to_string()));
        if committed.is_err() {
            self.writer.rollback();
        }
        for (result, done) in results {
            done(match (result, &committed) {
                (Ok(receipt), Ok(generation)) => Ok(Receipt { generation: *generation, ..receipt }),
                (Ok(_), Err(why)) => Err(LiveError::Failed(why.clone())),
                (Err(e), _) => Err(e),
            });
        }
    }

    fn apply(&mut self, op: &Op) -> Result<usize, WriteError> {
        let (space, ctx) = (Arc::clone(&self.space), self.ctx.clone());
        let mut settle = |writer: &mut Writer| {
            writer.commit(&ctx)?;
            space.refresh().map_err(WriteError::Store)?;
            Ok(())
        };
        if op.looks() {
            settle(&mut self.writer)?;
        }
        if op.rewrites() {
            settle(&mut self.writer)?;
            self.end_merge();
        }
        op.apply(&mut self.writer, &self.space, &self.ctx, &mut settle)
    }

    /// Starts the next merge that is worth it.
    fn merge(&mut self) {
        if self.merging.as_ref().is_some_and(|(_, thread)| thread.is_finished()) {
            self.end_merge();
        }
        if self.merging.is_some() {
            return;
        }
        let Some(job) = self.writer.plan_merge() else { return };
        let (sender, ctx, number) = (self.sender.clone(), self.ctx.clone(), job.number());
        self.counters.merging_rows.store(job.rows(), Ordering::Relaxed);
        let work = move || {
            let result = job.run(&ctx);
            // A full queue needs no waking: the writing thread is at work, and looks after each round.
            let _ = sender.try_send(Job::Wake(number));
            result
        };
        match std::thread::Builder::new().name("vectory-merge".into()).spawn(work) {
            Ok(thread) => self.merging = Some((number, thread)),
            Err(_) => self.writer.give_up(number),
        }
        self.counters.merging.store(self.merging.is_some(), Ordering::Relaxed);
    }

    /// Waits for the merge that runs, and takes its segment.
    fn end_merge(&mut self) {
        let Some((number, thread)) = self.merging.take() else { return };
        let result = thread.join().unwrap_or(Err(WriteError::Closed));
        self.counters.merging.store(false, Ordering::Relaxed);
        let adopted = result.and_then(|merged| self.writer.adopt(merged, &self.ctx));
        if adopted.is_err() {
            self.counters.failed_merges.fetch_add(1, Ordering::Relaxed);
            self.writer.give_up(number);
        }
        // A reader that cannot follow keeps the commit it has, and follows with the next.
        let _ = self.space.refresh();
    }
}
