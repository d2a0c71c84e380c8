//! Walking over a corpus in pieces, by several threads, in one of two orders.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use thiserror::Error;
use vectory_core::{Cancelled, Context};

/// Pieces that start from the same rows in deterministic mode: that many threads can work at once.
pub const ROUND: u64 = 8;

/// Why a training stopped.
#[derive(Debug, Error)]
pub enum DriverError {
    /// It was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The corpus could not be read.
    #[error(transparent)]
    Corpus(#[from] crate::vocabulary::CorpusError),
}

/// What is to be walked over, and how.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Pieces of one pass.
    pub pieces: u64,
    /// Passes.
    pub epochs: u64,
    /// Words of one pass, for progress.
    pub words: u64,
    /// Learning rate at the start.
    pub rate: f32,
    /// Learning rate at the end.
    pub last_rate: f32,
    /// The same result for any number of threads.
    pub deterministic: bool,
}

/// One piece to be worked.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// Which in the whole training: draws depend on it.
    pub number: u64,
    /// Which piece of the corpus.
    pub piece: u64,
    /// The learning rate.
    pub rate: f32,
}

/// What came of a piece.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Words, those passed over included.
    pub words: u64,
    /// Summed loss of the inputs that were looked at.
    pub loss: f64,
    /// How many inputs that was.
    pub seen: u64,
}

/// A learner, as the driver sees it.
pub trait Job: Sync {
    /// What a thread needs of its own: copies of rows, scratch.
    type Worker: Send + Sync;

    /// Such scratch.
    fn worker(&self) -> Self::Worker;

    /// Works a piece on the worker's own rows; the shared ones are only read.
    ///
    /// # Errors
    /// When the corpus cannot be read.
    fn work(&self, worker: &mut Self::Worker, task: Task) -> Result<Tally, DriverError>;

    /// Looks at pieces that were worked from the same rows before they are added, one after the other.
    fn prepare(&self, workers: &mut [Self::Worker], rate: f32);

    /// Adds what changed to the shared rows: to those of part `part` of `parts`.
    fn merge(&self, worker: &Self::Worker, part: usize, parts: usize);
}

/// How far a training is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cursor {
    /// Tasks that are done.
    pub done: u64,
    /// Mean loss over the last tenth or so; NaN before the first step.
    pub loss: f64,
    /// Words worked by this process.
    pub words: u64,
    /// Seconds that this process took.
    pub seconds: f64,
}

impl Default for Cursor {
    /// The start.
    fn default() -> Self {
        Self { done: 0, loss: f64::NAN, words: 0, seconds: 0.0 }
    }
}

/// Walks from `from` to the end. `pause` is called about every `every` with the place reached, when nothing is at work: the time to write
/// a checkpoint; also when the walk is interrupted, before the error is returned.
///
/// # Errors
/// [`DriverError`], also `pause`'s.
pub fn run<J: Job, E: From<DriverError>>(
    job: &J,
    plan: &Plan,
    from: Cursor,
    every: Duration,
    ctx: &Context,
    pause: &mut dyn FnMut(&Cursor) -> Result<(), E>,
) -> Result<Cursor, E> {
    let total = plan.pieces * plan.epochs;
    let walk =
        Walk { job, plan, ctx, total, start: Instant::now(), state: Mutex::new(from), next: AtomicU64::new(from.done) };
    ctx.progress().begin("train", Some(plan.words * plan.epochs), "words");
    ctx.progress().advance(plan.words * from.done / plan.pieces.max(1));
    let mut workers: Vec<J::Worker> = Vec::new();
    let many = if plan.deterministic { ROUND as usize } else { ctx.threads() };
    workers.extend((0..many).map(|_| job.worker()));
    let done = loop {
        let leg = Instant::now() + every;
        if plan.deterministic {
            walk.rounds(&mut workers, leg)?;
        } else {
            walk.hogwild(&mut workers, leg)?;
        }
        let at = walk.at();
        if at.done >= total {
            break at;
        }
        pause(&at)?;
        ctx.check().map_err(DriverError::from)?;
    };
    ctx.progress().end();
    Ok(done)
}

struct Walk<'a, J> {
    job: &'a J,
    plan: &'a Plan,
    ctx: &'a Context,
    total: u64,
    start: Instant,
    state: Mutex<Cursor>,
    next: AtomicU64,
}

impl<J: Job> Walk<'_, J> {
    fn task(&self, number: u64) -> Task {
        let share = number as f32 / self.total as f32;
        let rate = self.plan.rate + (self.plan.last_rate - self.plan.rate) * share;
        Task { number, piece: number % self.plan.pieces, rate }
    }

    fn stop(&self, leg: Instant) -> bool {
        self.ctx.check().is_err() || Instant::now() >= leg
    }

    /// The place reached.
    fn at(&self) -> Cursor {
        let mut at = *self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        at.done = self.next.load(Ordering::SeqCst).min(self.total);
        at.seconds += self.start.elapsed().as_secs_f64();
        at
    }

    fn count(&self, tally: Tally) {
        self.ctx.progress().advance(tally.words);
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.words += tally.words;
        if tally.seen > 0 {
            let loss = tally.loss / tally.seen as f64;
            // A running mean over some hundred pieces.
            let weight = 0.01f64.max(1.0 / (1.0 + state.words as f64 / 1000.0));
            state.loss = if state.loss.is_nan() { loss } else { state.loss + weight * (loss - state.loss) };
        }
        let rate = state.words as f64 / self.start.elapsed().as_secs_f64().max(1e-9);
        self.ctx.progress().note(&format!("loss {:.4}, {:.2}M words/s", state.loss, rate / 1e6));
    }

    fn hogwild(&self, workers: &mut [J::Worker], leg: Instant) -> Result<(), DriverError> {
        let work = |worker: &mut J::Worker| {
            while !self.stop(leg) {
                let number = self.next.fetch_add(1, Ordering::SeqCst);
                if number >= self.total {
                    break;
                }
                let task = self.task(number);
                let tally = self.job.work(worker, task)?;
                self.job.prepare(std::slice::from_mut(worker), task.rate);
                self.job.merge(worker, 0, 1);
                self.count(tally);
            }
            Ok(())
        };
        self.ctx.pool().install(|| workers.par_iter_mut().with_max_len(1).try_for_each(work))
    }

    fn rounds(&self, workers: &mut [J::Worker], leg: Instant) -> Result<(), DriverError> {
        let parts = self.ctx.threads();
        while !self.stop(leg) {
            let first = self.next.load(Ordering::SeqCst);
            if first >= self.total {
                break;
            }
            let n = ROUND.min(self.total - first) as usize;
            self.ctx.pool().install(|| {
                let work = |(i, worker): (usize, &mut J::Worker)| {
                    let tally = self.job.work(worker, self.task(first + i as u64))?;
                    Ok::<Tally, DriverError>(tally)
                };
                let tallies: Result<Vec<Tally>, _> =
                    workers[..n].par_iter_mut().with_max_len(1).enumerate().map(work).collect();
                self.job.prepare(&mut workers[..n], self.task(first).rate);
                // Each thread adds to its own rows what all pieces changed, in their order.
                let all = &workers[..n];
                (0..parts).into_par_iter().with_max_len(1).for_each(|part| {
                    all.iter().for_each(|worker| self.job.merge(worker, part, parts));
                });
                tallies?.into_iter().for_each(|tally| self.count(tally));
                Ok::<(), DriverError>(())
            })?;
            self.next.store(first + n as u64, Ordering::SeqCst);
        }
        Ok(())
    }
}
