//! One piece of text.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rand::Rng as _;
use vectory_core::{rng, simd};

use super::ContrastiveParams;
use super::step::{Rows, Window};
use crate::sampling::{DriverError, Job, Local, Objective, Share, SharedRows, Table, Tally, Targets, Task, subsample};
use crate::vocabulary::{BREAK, TokenStream};

pub(super) struct ContrastiveJob<'a> {
    pub stream: &'a TokenStream,
    pub keep: Vec<f32>,
    pub table: &'a SharedRows,
    /// Draws random words.
    pub noise: Objective,
    pub params: &'a ContrastiveParams,
    pub seed: u64,
    /// Comparisons, and those without a loss.
    pub compared: AtomicU64,
    pub idle: AtomicU64,
}

/// A thread's scratch.
pub(super) struct Worker {
    rows: Local,
    /// One over the length of each of them.
    inverse: Vec<f32>,
    targets: Targets,
    ids: Vec<u32>,
    sentence: Vec<u32>,
    /// Of each word of the sentence.
    places: Vec<u32>,
    around: Vec<u32>,
    others: Vec<u32>,
    window: Window,
}

impl ContrastiveJob<'_> {
    fn sentence(&self, w: &mut Worker, rate: f32, r: &mut rng::Rng) {
        let (table, t) = (self.table, &self.params.training);
        table.touch(w.sentence.iter().copied().filter(|id| !w.rows.has(*id)));
        w.places.clear();
        w.places.extend(w.sentence.iter().map(|id| w.rows.place(*id, |row| table.load(*id as usize, row))));
        for i in 0..w.sentence.len() {
            let b = 1 + r.next_u32() as usize % t.window;
            let near = i.saturating_sub(b)..w.sentence.len().min(i + b + 1);
            w.around.clear();
            w.around.extend(near.map(|j| w.places[j]).filter(|place| *place != w.places[i]));
            if w.around.is_empty() {
                continue;
            }
            let share = Share::spread(t.shared_negatives());
            self.noise.targets(w.sentence[i], share, table, &mut w.rows, r, &mut w.targets);
            w.others.clear();
            w.others.extend(w.targets.places.iter().filter(|place| !w.around.contains(place)));
            let Worker { rows, inverse, around, others, window, .. } = w;
            (inverse.len()..rows.len()).for_each(|place| inverse.push(1.0 / lengthened(rows.row_mut(place as u32))));
            let dim = rows.dim();
            window.take(self.params, rate, &mut Rows { values: rows.values(), inverse, dim }, around, others);
        }
    }
}

/// The length of a row, which becomes 1 if it is less: steps never shorten a row, but what pieces that were worked apart add to it may. Short
/// rows would take ever larger steps.
fn lengthened(row: &mut [f32]) -> f32 {
    let norm = simd::norm(row);
    if norm >= 1.0 || norm == 0.0 {
        return norm.max(1.0);
    }
    simd::stretch(1.0 / norm, row);
    1.0
}

impl Job for ContrastiveJob<'_> {
    type Worker = Worker;

    fn worker(&self) -> Worker {
        Worker {
            rows: Local::new(self.table.rows(), self.table.width()),
            inverse: Vec::new(),
            targets: Targets::default(),
            ids: Vec::new(),
            sentence: Vec::new(),
            places: Vec::new(),
            around: Vec::new(),
            others: Vec::new(),
            window: Window::default(),
        }
    }

    fn work(&self, w: &mut Worker, task: Task) -> Result<Tally, DriverError> {
        w.rows.clear();
        w.inverse.clear();
        w.targets.clear();
        w.window.begin();
        let mut r = rng::item(self.seed, "cwm", task.number);
        let mut ids = std::mem::take(&mut w.ids);
        self.stream.piece(task.piece as usize, &mut ids)?;
        let mut words = 0;
        for part in ids.split(|id| *id >= BREAK) {
            words += subsample(part, &self.keep, &mut r, &mut w.sentence);
            self.sentence(w, task.rate, &mut r);
        }
        w.ids = ids;
        self.compared.fetch_add(w.window.compared, Relaxed);
        self.idle.fetch_add(w.window.idle, Relaxed);
        Ok(Tally { words, loss: w.window.loss, seen: w.window.compared })
    }

    fn tables(&self) -> Vec<&dyn Table> {
        vec![self.table]
    }

    fn locals<'a>(&self, w: &'a mut Worker) -> Vec<&'a mut Local> {
        vec![&mut w.rows]
    }
}
