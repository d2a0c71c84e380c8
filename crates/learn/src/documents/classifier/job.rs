//! Some texts at a time.

use vectory_core::{rng, simd};

use crate::sampling::{DriverError, Job, Local, SharedRows, Step, Table, Tally, Task};

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
    /// The same result for any number of threads.
    pub deterministic: bool,
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

impl ClassifierJob<'_> {
    /// A text's step on copies of its rows, which are added later, in an order that does not depend on threads.
    fn copied(&self, w: &mut Worker, rows: &[u32], wanted: usize, rate: f32) {
        let Worker { input, output, all, step, places, change } = w;
        places.clear();
        places.extend(rows.iter().map(|id| input.place(*id, |row| self.input.load(*id as usize, row))));
        let share = 1.0 / rows.len() as f32;
        step.hidden.clear();
        step.hidden.resize(output.dim(), 0.0);
        places.iter().for_each(|p| simd::axpy(share, input.row(*p), &mut step.hidden));
        step.take_softmax(rate, (output.values(), &all[..]), wanted, change);
        places.iter().for_each(|p| simd::axpy(share, change, input.row_mut(*p)));
    }

    /// A text's step on its rows where they lie: most are met once in a piece, and a copy there and back costs several times the step.
    /// The rows of the text that comes next are asked for while these are changed.
    fn in_place(&self, w: &mut Worker, rows: &[u32], next: &[u32], wanted: usize, rate: f32) {
        let Worker { output, all, step, change, .. } = w;
        let share = 1.0 / rows.len() as f32;
        step.hidden.clear();
        step.hidden.resize(output.dim(), 0.0);
        self.input.accumulate(rows, share, &mut step.hidden);
        step.take_softmax(rate, (output.values(), &all[..]), wanted, change);
        let mut next = next.iter().copied();
        for id in rows {
            self.input.touch(next.next());
            self.input.step(&[*id], share, change);
        }
        self.input.touch(next);
    }
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
        w.step.begin();
        w.all.clear();
        w.all
            .extend((0..self.output.rows() as u32).map(|l| w.output.place(l, |row| self.output.load(l as usize, row))));
        let mut r = rng::item(self.seed, "labels", task.number);
        let start = task.piece as usize * PIECE;
        let end = (start + PIECE).min(self.examples.order.len());
        let mut words = 0;
        for at in start..end {
            let i = self.examples.order[at] as usize;
            let (rows, labels) = (self.examples.rows(i), &self.examples.labels[i]);
            words += rows.len() as u64;
            if labels.is_empty() || rows.is_empty() {
                continue;
            }
            let wanted = labels[rand::Rng::next_u32(&mut r) as usize % labels.len()] as usize;
            if self.deterministic {
                self.copied(w, rows, wanted, task.rate);
            } else {
                let next = self.examples.order.get(at + 1).map_or(&[][..], |i| self.examples.rows(*i as usize));
                self.in_place(w, rows, next, wanted, task.rate);
            }
        }
        Ok(Tally { words, loss: w.step.loss, seen: w.step.seen })
    }

    fn tables(&self) -> Vec<&dyn Table> {
        vec![self.input, self.output]
    }

    fn locals<'a>(&self, w: &'a mut Worker) -> Vec<&'a mut Local> {
        vec![&mut w.input, &mut w.output]
    }

    /// Texts are few and their steps small.
    fn pull(&self, _: usize, _: usize) -> f32 {
        0.0
    }
}
