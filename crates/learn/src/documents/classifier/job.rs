//! Some texts at a time.

use vectory_core::{rng, simd};

use crate::sampling::{DriverError, Job, Local, SharedRows, Step, Tally, Task};

/// Texts of a piece.
pub(super) const PIECE: usize = 64;

/// Texts as rows and labels.
pub(super) struct Examples {
    pub rows: Vec<u32>,
    pub ends: Vec<usize>,
    pub labels: Vec<Vec<u32>>,
    /// The order in which texts are met.
    pub order: Vec<u32>,
}

impl Examples {
    pub fn rows(&self, i: usize) -> &[u32] {
        &self.rows[if i == 0 { 0 } else { self.ends[i - 1] }..self.ends[i]]
    }
}

pub(super) struct ClassifierJob<'a> {
    pub examples: &'a Examples,
    pub input: &'a SharedRows,
    pub output: &'a SharedRows,
    pub seed: u64,
}

pub(super) struct Worker {
    input: Local,
    output: Local,
    all: Vec<u32>,
    step: Step,
    places: Vec<u32>,
    change: Vec<f32>,
}

impl Job for ClassifierJob<'_> {
    type Worker = Worker;

    fn worker(&self) -> Worker {
        let width = self.output.width();
        Worker {
            input: Local::new(self.input.rows(), width),
            output: Local::new(self.output.rows(), width),
            all: Vec::new(),
            step: Step::default(),
            places: Vec::new(),
            change: Vec::new(),
        }
    }

    fn work(&self, w: &mut Worker, task: Task) -> Result<Tally, DriverError> {
        w.input.clear();
        w.output.clear();
        (w.step.loss, w.step.seen) = (0.0, 0);
        w.all.clear();
        w.all.extend((0..self.output.rows() as u32).map(|l| w.output.place(l, |row| self.output.load(l as usize, row))));
        let mut r = rng::item(self.seed, "labels", task.number);
        let start = task.piece as usize * PIECE;
        let end = (start + PIECE).min(self.examples.order.len());
        let mut words = 0;
        for i in &self.examples.order[start..end] {
            let (rows, labels) = (self.examples.rows(*i as usize), &self.examples.labels[*i as usize]);
            words += rows.len() as u64;
            if labels.is_empty() || rows.is_empty() {
                continue;
            }
            let Worker { input, output, all, step, places, change } = w;
            places.clear();
            places.extend(rows.iter().map(|id| input.place(*id, |row| self.input.load(*id as usize, row))));
            let share = 1.0 / rows.len() as f32;
            step.hidden.clear();
            step.hidden.resize(output.dim(), 0.0);
            places.iter().for_each(|p| simd::axpy(share, input.row(*p), &mut step.hidden));
            let wanted = labels[rand::Rng::next_u32(&mut r) as usize % labels.len()];
            step.take_softmax(task.rate, (output.values(), &all[..]), wanted as usize, change);
            places.iter().for_each(|p| simd::axpy(share, change, input.row_mut(*p)));
        }
        Ok(Tally { words, loss: w.step.loss, seen: w.step.seen })
    }

    fn prepare(&self, _: &mut [Worker], _: f32) {}

    fn merge(&self, w: &Worker, part: usize, parts: usize) {
        self.input.merge(&w.input, part, parts);
        self.output.merge(&w.output, part, parts);
    }
}
