//! Walking over a corpus in pieces, by several threads, in one of two orders.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use thiserror::Error;
use vectory_core::{Cancelled, Context};

use super::local::{Copies, Local};
use super::merge::{Merge, Merger, Part, Table};

/// Pieces that start from the same rows in deterministic mode: that many threads can work at once.
const ROUND: u64 = 8;

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
    type Worker: Send;

    /// Such scratch.
    fn worker(&self) -> Self::Worker;

    /// Works a piece on the worker's own rows; the shared ones are only read. Nothing of what the worker did before may be felt, as pieces
    /// come to any of them.
    ///
    /// # Errors
    /// When the corpus cannot be read.
    fn work(&self, worker: &mut Self::Worker, task: Task) -> Result<Tally, DriverError>;

    /// The tables that change.
    fn tables(&self) -> Vec<&dyn Table>;

    /// A worker's copies of their rows, in the same order.
    fn locals<'a>(&self, worker: &'a mut Self::Worker) -> Vec<&'a mut Local>;

    /// How strongly a meeting of a row of a table pulls it, in learning rates, where so many pieces started from the same rows. 0: what
    /// they changed is added as it is.
    fn pull(&self, table: usize, pieces: usize) -> f32 {
        let _ = (table, pieces);
        1.0
    }
}

/// What a thread has of its own.
struct Hand<W> {
    worker: W,
    mergers: Vec<Merger>,
}

impl<W> Hand<W> {
    fn new<J: Job<Worker = W>>(job: &J, deterministic: bool) -> Self {
        let (mut worker, tables) = (job.worker(), job.tables());
        for (local, table) in job.locals(&mut worker).into_iter().zip(&tables) {
            if deterministic && !table.keeps() {
                local.keep_nothing();
            }
        }
        Self { worker, mergers: tables.iter().map(|_| Merger::default()).collect() }
    }

    /// Works a piece, and adds what changed.
    fn alone<J: Job<Worker = W>>(&mut self, job: &J, task: Task) -> Result<Tally, DriverError> {
        let tally = job.work(&mut self.worker, task)?;
        let locals = job.locals(&mut self.worker);
        merge(job, &mut self.mergers, task.rate, Part::ALL, |table| vec![locals[table].copies()]);
        Ok(tally)
    }
}

/// Adds to the rows of a part what pieces changed; `copies` gives those of a table, by piece.
fn merge<'a, J: Job>(
    job: &J,
    mergers: &mut [Merger],
    rate: f32,
    part: Part,
    copies: impl Fn(usize) -> Vec<&'a Copies>,
) {
    for (i, (table, scratch)) in job.tables().into_iter().zip(mergers).enumerate() {
        let pieces = copies(i);
        table.merge(&Merge { pieces: &pieces, rate: rate * job.pull(i, pieces.len()), part }, scratch);
    }
}

/// Works a single piece, and adds what changed.
#[cfg(test)]
pub(crate) fn work_alone<J: Job>(job: &J, task: Task) -> Result<Tally, DriverError> {
    Hand::new(job, false).alone(job, task)
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
    let mut hands: Vec<_> = (0..ctx.threads()).map(|_| Hand::new(job, plan.deterministic)).collect();
    let mut pieces: Vec<Vec<Copies>> = Vec::new();
    pieces.resize_with(if plan.deterministic { ROUND as usize } else { 0 }, || {
        job.tables().iter().map(|_| Copies::default()).collect()
    });
    let done = loop {
        let leg = Instant::now() + every;
        if plan.deterministic {
            walk.rounds(&mut hands, &mut pieces, leg)?;
        } else {
            walk.hogwild(&mut hands, leg)?;
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

    fn hogwild(&self, hands: &mut [Hand<J::Worker>], leg: Instant) -> Result<(), DriverError> {
        let work = |hand: &mut Hand<J::Worker>| {
            while !self.stop(leg) {
                let number = self.next.fetch_add(1, Ordering::SeqCst);
                if number >= self.total {
                    break;
                }
                self.count(hand.alone(self.job, self.task(number))?);
            }
            Ok(())
        };
        self.ctx.pool().install(|| hands.par_iter_mut().with_max_len(1).try_for_each(work))
    }

    fn rounds(
        &self,
        hands: &mut [Hand<J::Worker>],
        pieces: &mut [Vec<Copies>],
        leg: Instant,
    ) -> Result<(), DriverError> {
        let parts = hands.len();
        while !self.stop(leg) {
            let first = self.next.load(Ordering::SeqCst);
            if first >= self.total {
                break;
            }
            let n = ROUND.min(self.total - first) as usize;
            self.ctx.pool().install(|| {
                self.work(hands, &mut pieces[..n], first)?.into_iter().for_each(|tally| self.count(tally));
                let (all, rate) = (&pieces[..n], self.task(first).rate);
                hands.par_iter_mut().with_max_len(1).enumerate().for_each(|(i, hand)| {
                    let copies = |table: usize| all.iter().map(|piece| &piece[table]).collect();
                    merge(self.job, &mut hand.mergers, rate, Part::new(i, parts), copies);
                });
                Ok::<(), DriverError>(())
            })?;
            self.next.store(first + n as u64, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Works the pieces from the `first`-th on, each by the thread that comes to it.
    fn work(
        &self,
        hands: &mut [Hand<J::Worker>],
        pieces: &mut [Vec<Copies>],
        first: u64,
    ) -> Result<Vec<Tally>, DriverError> {
        let mut tallies = vec![Tally::default(); pieces.len()];
        let todo = Mutex::new(pieces.iter_mut().zip(&mut tallies).zip(first..));
        let next = || todo.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
        hands.par_iter_mut().with_max_len(1).try_for_each(|hand| {
            while let Some(((piece, tally), number)) = next() {
                *tally = self.job.work(&mut hand.worker, self.task(number))?;
                let locals = self.job.locals(&mut hand.worker);
                locals.into_iter().zip(piece).for_each(|(local, copies)| local.swap(copies));
            }
            Ok::<(), DriverError>(())
        })?;
        Ok(tallies)
    }
}
