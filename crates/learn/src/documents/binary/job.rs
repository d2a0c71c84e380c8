//! One piece of text: documents' rows, through rounded units, against words.

use rand::{Rng as _, RngExt};
use vectory_core::{rng, simd};

use super::BinaryParams;
use crate::documents::paragraph::Mode;
use crate::sampling::{
    DriverError, Job, Local, Objective, Share, SharedRows, Step, Table, Tally, Targets, Task, sigmoid, subsample,
};
use crate::vocabulary::{BREAK, LINE_END, TokenStream};

/// Words that are predicted by one code before the document's row is moved.
const RUN: usize = 8;
/// How much faster units learn than outputs: their slope is a quarter at most, and of what they come to the sign alone counts.
const GAIN: f32 = 100.0;
/// The same where units come of a real vector: all of them move it.
const REAL_GAIN: f32 = 15.0;

/// The rows of a training.
pub(super) struct BinaryTables {
    /// A row a document: what the units get, or the real vector.
    pub documents: SharedRows,
    /// A row a bit, where there are real vectors.
    pub projection: Option<SharedRows>,
    /// PV-DM: words as contexts.
    pub words: Option<SharedRows>,
    pub output: SharedRows,
}

pub(super) struct BinaryJob<'a> {
    pub stream: &'a TokenStream,
    pub keep: Vec<f32>,
    pub tables: &'a BinaryTables,
    pub objective: Objective,
    pub params: &'a BinaryParams,
    /// Whether all but documents' rows stay as they are (inference).
    pub frozen: bool,
    pub seed: u64,
}

/// A thread's scratch.
pub(super) struct Worker {
    documents: Local,
    projection: Local,
    words: Local,
    output: Local,
    step: Step,
    targets: Targets,
    ids: Vec<u32>,
    sentence: Vec<u32>,
    units: Units,
}

/// The layer, for one document.
#[derive(Default)]
struct Units {
    /// What the units give before they are rounded.
    soft: Vec<f32>,
    /// What is to be added to the units, before their slope.
    change: Vec<f32>,
    /// One step's part of it.
    one: Vec<f32>,
    around: Vec<u32>,
    /// 1 for units at work, 0 for those that this run does without.
    mask: Vec<f32>,
}

impl BinaryJob<'_> {
    /// Draws the units that a run of words does without.
    fn drop(&self, units: &mut Units, r: &mut rng::Rng) {
        units.mask.clear();
        let keep = |_| f32::from(u8::from(r.random::<f32>() >= self.params.dropout));
        units.mask.extend((0..self.params.bits).map(keep));
    }

    /// What the units of a document give, not rounded.
    fn forward(&self, w: &mut Worker, document: u32) {
        let bits = self.params.bits;
        w.units.soft.clear();
        let Worker { documents, projection, units, .. } = w;
        let row = documents.row(document);
        match &self.tables.projection {
            None => units.soft.extend(row[..bits].iter().map(|a| sigmoid(*a))),
            Some(table) => {
                for bit in 0..bits as u32 {
                    let p = projection.place(bit, |row| table.load(bit as usize, row));
                    units.soft.push(sigmoid(simd::dot(projection.row(p), row)));
                }
            }
        }
        units.change.clear();
        units.change.resize(w.output.dim(), 0.0);
    }

    /// Hands the change of the units on to the document's row (and the projection).
    fn backward(&self, w: &mut Worker, document: u32) {
        let Worker { documents, projection, units, .. } = w;
        let gain = if self.tables.projection.is_some() { REAL_GAIN } else { GAIN };
        let slopes = units.change.iter_mut().zip(&units.soft).zip(&units.mask);
        slopes.for_each(|((c, s), mask)| *c *= gain * mask * s * (1.0 - s));
        if self.tables.projection.is_none() {
            documents.row_mut(document).iter_mut().zip(&units.change).for_each(|(a, c)| *a += c);
            return;
        }
        let before = documents.row(document).to_vec();
        for (bit, change) in units.change.iter().enumerate().take(self.params.bits) {
            // Bits were placed in their order, but not before other rows of this table: there are none.
            simd::axpy(*change, projection.row(bit as u32), documents.row_mut(document));
            if !self.frozen {
                simd::axpy(*change, &before, projection.row_mut(bit as u32));
            }
        }
    }

    fn document(&self, w: &mut Worker, line: u64, rate: f32, r: &mut rng::Rng) {
        if w.sentence.is_empty() {
            return;
        }
        let document = w.documents.place(line as u32, |row| self.tables.documents.load(line as usize, row));
        for start in (0..w.sentence.len()).step_by(RUN) {
            self.forward(w, document);
            self.drop(&mut w.units, r);
            for i in start..w.sentence.len().min(start + RUN) {
                self.predict(w, i, rate, r);
            }
            self.backward(w, document);
        }
    }

    /// The code (and the words around) predict the word at `i`.
    fn predict(&self, w: &mut Worker, i: usize, rate: f32, r: &mut rng::Rng) {
        let target = w.sentence[i];
        self.objective.targets(
            target,
            Share::in_a_row(self.params.training.shared_negatives()),
            &self.tables.output,
            &mut w.output,
            r,
            &mut w.targets,
        );
        let Worker { words, output, step, targets, sentence, units, .. } = w;
        units.around.clear();
        if let (Mode::Dm, Some(table)) = (self.params.mode, &self.tables.words) {
            let b = 1 + r.next_u32() as usize % self.params.training.window;
            let near = (i.saturating_sub(b)..sentence.len().min(i + b + 1)).filter(|j| *j != i);
            units.around.extend(near.map(|j| words.place(sentence[j], |row| table.load(sentence[j] as usize, row))));
        }
        let share = 1.0 / (units.around.len() + 1) as f32;
        step.hidden.clear();
        step.hidden
            .extend(units.soft.iter().zip(&units.mask).map(|(s, mask)| if *s > 0.5 { share * mask } else { 0.0 }));
        step.hidden.resize(output.dim(), 0.0);
        units.around.iter().for_each(|p| simd::axpy(share, words.row(*p), &mut step.hidden));
        let b = (output.values(), &targets.places[..]);
        if self.frozen {
            units.one.clear();
            units.one.extend_from_slice(&step.hidden);
            step.take_frozen(rate, b, &targets.labels);
            units.one.iter_mut().zip(&step.hidden).for_each(|(c, h)| *c = h - *c);
        } else {
            step.take_hidden(rate, b, &targets.labels, &mut units.one);
            units.around.iter().for_each(|p| simd::axpy(1.0, &units.one, words.row_mut(*p)));
        }
        simd::axpy(1.0, &units.one, &mut units.change);
    }

    /// The row of a text that was not trained on, and what its units give; all else stays as it is.
    pub fn infer(&self, w: &mut Worker, ids: &[u32], start: &[u64], r: &mut rng::Rng) -> (Vec<f32>, Vec<f32>) {
        w.clear();
        let (epochs, rate) = (self.params.infer_epochs, self.params.training.start_rate());
        let document = w.documents.place(0, |row| row.copy_from_slice(start));
        for epoch in 0..epochs {
            subsample(ids, &self.keep, r, &mut w.sentence);
            self.document(w, 0, rate * (1.0 - epoch as f32 / epochs as f32).max(1e-4), r);
        }
        self.forward(w, document);
        (w.documents.row(document)[..self.params.row()].to_vec(), w.units.soft.clone())
    }
}

impl Worker {
    fn clear(&mut self) {
        [&mut self.documents, &mut self.projection, &mut self.words, &mut self.output]
            .into_iter()
            .for_each(Local::clear);
        self.targets.clear();
        self.step.begin();
    }
}

impl BinaryTables {
    /// All tables, in the order of a worker's.
    fn all(&self) -> [Option<&SharedRows>; 4] {
        [Some(&self.documents), self.projection.as_ref(), self.words.as_ref(), Some(&self.output)]
    }

    /// Those that there are, by the names that they have in files.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &SharedRows)> {
        ["documents", "projection", "contexts", "output"].into_iter().zip(self.all()).filter_map(|(n, t)| Some((n, t?)))
    }
}

impl Job for BinaryJob<'_> {
    type Worker = Worker;

    fn worker(&self) -> Worker {
        let local = |t: Option<&SharedRows>| t.map_or_else(|| Local::new(0, 1), |t| Local::new(t.rows(), t.width()));
        let [documents, projection, words, output] = self.tables.all().map(local);
        Worker {
            documents,
            projection,
            words,
            output,
            step: Step::default(),
            targets: Targets::default(),
            ids: Vec::new(),
            sentence: Vec::new(),
            units: Units::default(),
        }
    }

    fn work(&self, w: &mut Worker, task: Task) -> Result<Tally, DriverError> {
        w.clear();
        let mut r = rng::item(self.seed, "train", task.number);
        let mut ids = std::mem::take(&mut w.ids);
        let mut line = self.stream.piece(task.piece as usize, &mut ids)?;
        let mut words = 0;
        for part in ids.split_inclusive(|id| *id >= BREAK) {
            words += subsample(part, &self.keep, &mut r, &mut w.sentence);
            self.document(w, line, task.rate, &mut r);
            line += u64::from(part.last() == Some(&LINE_END));
        }
        w.ids = ids;
        Ok(Tally { words, loss: w.step.loss, seen: w.step.seen })
    }

    fn tables(&self) -> Vec<&dyn Table> {
        let t = self.tables;
        vec![&t.documents, &t.projection, &t.words, &t.output]
    }

    fn locals<'a>(&self, w: &'a mut Worker) -> Vec<&'a mut Local> {
        vec![&mut w.documents, &mut w.projection, &mut w.words, &mut w.output]
    }
}
