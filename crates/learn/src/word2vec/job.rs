//! One piece of text: skip-gram, CBOW and, with a row a document, the paragraph vectors.

use rand::Rng as _;
use vectory_core::{rng, simd};

use super::{Architecture, Tables, WordParams};
use crate::sampling::{DriverError, Job, Local, Objective, Share, Step, Table, Tally, Targets, Task, subsample};
use crate::vocabulary::{BREAK, LINE_END, TokenStream};

/// What the rows of documents do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Documents {
    /// There are none.
    None,
    /// A document's row stands beside the words of every window (PV-DM).
    Memory,
    /// A document's row predicts its words (PV-DBOW); whether word vectors are learned along with it, by skip-gram.
    Bag { words: bool },
}

/// A training on a stream of words.
pub(crate) struct TextJob<'a> {
    pub stream: &'a TokenStream,
    /// Pieces of the stream that a task takes.
    pub pieces: usize,
    pub keep: Vec<f32>,
    pub tables: &'a Tables,
    pub objective: Objective,
    pub params: &'a WordParams,
    pub documents: Documents,
    /// Whether word rows stay as they are (inference).
    pub frozen: bool,
    pub seed: u64,
}

/// A thread's scratch.
pub(crate) struct Worker {
    input: Local,
    output: Local,
    positions: Local,
    documents: Local,
    step: Step,
    targets: Targets,
    ids: Vec<u32>,
    sentence: Vec<u32>,
    places: Vec<u32>,
    /// Of each word of the sentence, how many rows it is made of.
    sizes: Vec<f32>,
    around: Vec<u32>,
    around_sizes: Vec<f32>,
    change: Vec<f32>,
}

impl TextJob<'_> {
    fn load(&self, w: &mut Worker) {
        w.places.clear();
        w.sizes.clear();
        let Worker { sentence, places, sizes, input, output, .. } = w;
        self.tables.input.touch(sentence.iter().copied().filter(|id| !input.has(*id)));
        if let Objective::Negative { .. } = self.objective {
            self.tables.output.touch(sentence.iter().copied().filter(|id| !output.has(*id)));
        }
        places.extend(sentence.iter().map(|id| input.place(*id, |row| self.tables.input.load(*id, row))));
        sizes.extend(sentence.iter().map(|id| self.tables.input.size(*id) as f32));
    }

    fn targets(&self, word: u32, w: &mut Worker, r: &mut rng::Rng) {
        self.objective.targets(
            word,
            Share::spread(self.params.shared_negatives()),
            &self.tables.output,
            &mut w.output,
            r,
            &mut w.targets,
        );
    }

    /// All steps of a sentence (a document's part); `w.sentence` has its words.
    fn sentence(&self, w: &mut Worker, line: u64, rate: f32, r: &mut rng::Rng) {
        if w.sentence.is_empty() {
            return;
        }
        let document =
            self.tables.documents.as_ref().map(|d| w.documents.place(line as u32, |row| d.load(line as usize, row)));
        match (self.documents, document) {
            (Documents::Bag { words }, Some(document)) => {
                self.bag(w, document, rate, r);
                if words {
                    self.load(w);
                    self.windows(w, None, rate, r);
                }
            }
            (Documents::Memory, Some(document)) => {
                self.load(w);
                self.windows(w, Some(document), rate, r);
            }
            _ => {
                self.load(w);
                self.windows(w, None, rate, r);
            }
        }
    }

    fn bag(&self, w: &mut Worker, document: u32, rate: f32, r: &mut rng::Rng) {
        for i in 0..w.sentence.len() {
            self.targets(w.sentence[i], w, r);
            let Worker { documents, output, step, targets, .. } = w;
            let dim = output.dim();
            if self.frozen {
                step.hidden.clear();
                step.hidden.extend_from_slice(documents.row(document));
                step.take_frozen(rate, (output.values(), &targets.places[..]), &targets.labels);
                documents.row_mut(document).copy_from_slice(&step.hidden);
                continue;
            }
            let one = [document];
            let b = (output.values(), &targets.places[..]);
            step.take(rate, (documents.values(), &one[..]), b, &targets.labels, dim);
        }
    }

    fn windows(&self, w: &mut Worker, document: Option<u32>, rate: f32, r: &mut rng::Rng) {
        let (n, window) = (w.sentence.len(), self.params.window);
        for i in 0..n {
            let b = 1 + r.next_u32() as usize % window;
            let (low, high) = (i.saturating_sub(b), n.min(i + b + 1));
            w.around.clear();
            w.around.extend_from_slice(&w.places[low..i]);
            w.around.extend_from_slice(&w.places[i + 1..high]);
            if w.around.is_empty() && document.is_none() {
                continue;
            }
            self.targets(w.sentence[i], w, r);
            if self.params.architecture == Architecture::SkipGram && document.is_none() {
                let Worker { input, output, step, targets, around, .. } = w;
                let dim = output.dim();
                let b = (output.values(), &targets.places[..]);
                step.take(rate, (input.values(), &around[..]), b, &targets.labels, dim);
            } else if self.params.position_weights {
                self.weighted(w, window + low - i, rate);
            } else {
                w.around_sizes.clear();
                w.around_sizes.extend_from_slice(&w.sizes[low..i]);
                w.around_sizes.extend_from_slice(&w.sizes[i + 1..high]);
                self.mean(w, document, rate);
            }
        }
    }

    /// The mean of all rows of a window, those of n-grams included, and of its document's row, predicts the word in the middle: so a word
    /// weighs as much as it has n-grams. Each row takes the whole change of the mean, not its share of it. Both are as in the word2vec
    /// program, fastText and gensim: with shares, rows learn several times more slowly than outputs.
    fn mean(&self, w: &mut Worker, document: Option<u32>, rate: f32) {
        let Worker { input, output, documents, step, targets, around, around_sizes, change, .. } = w;
        let share = 1.0 / (around_sizes.iter().sum::<f32>() + f32::from(u8::from(document.is_some())));
        step.hidden.clear();
        step.hidden.resize(output.dim(), 0.0);
        let sized = around.iter().zip(&*around_sizes);
        sized.for_each(|(p, size)| simd::axpy(share * size, input.row(*p), &mut step.hidden));
        if let Some(d) = document {
            simd::axpy(share, documents.row(d), &mut step.hidden);
        }
        if let (true, Some(d)) = (self.frozen, document) {
            change.clear();
            change.extend_from_slice(&step.hidden);
            step.take_frozen(rate, (output.values(), &targets.places[..]), &targets.labels);
            let moved = documents.row_mut(d).iter_mut().zip(&step.hidden).zip(&*change);
            moved.for_each(|((x, new), old)| *x += new - old);
            return;
        }
        step.take_hidden(rate, (output.values(), &targets.places[..]), &targets.labels, change);
        around.iter().for_each(|p| simd::axpy(1.0, change, input.row_mut(*p)));
        if let Some(d) = document {
            simd::axpy(1.0, change, documents.row_mut(d));
        }
    }

    /// As [`TextJob::mean`], each place of the window with weights of its own; the first word stands at place `first`, the middle has
    /// none.
    fn weighted(&self, w: &mut Worker, first: usize, rate: f32) {
        let Some(table) = &self.tables.positions else { return };
        let Worker { input, output, positions, step, targets, around, change, .. } = w;
        let share = 1.0 / around.len() as f32;
        step.hidden.clear();
        step.hidden.resize(output.dim(), 0.0);
        for (i, p) in around.iter().enumerate() {
            let at = (first + i) as u32;
            let d = positions.place(at, |row| table.load(at as usize, row));
            let weights = positions.row(d).iter().zip(input.row(*p));
            step.hidden.iter_mut().zip(weights).for_each(|(h, (d, x))| *h += share * d * x);
        }
        step.take_hidden(rate, (output.values(), &targets.places[..]), &targets.labels, change);
        for (i, p) in around.iter().enumerate() {
            let at = (first + i) as u32;
            let d = positions.place(at, |row| table.load(at as usize, row));
            let both = positions.row_mut(d).iter_mut().zip(input.row_mut(*p)).zip(&*change);
            for ((d, x), c) in both {
                let (old_d, old_x) = (*d, *x);
                *x += c * old_d;
                // All words share the places: theirs is the plain gradient.
                *d += share * c * old_x;
            }
        }
    }
}

impl TextJob<'_> {
    /// The row of a document that was not trained on, given as ids: everything else stays as it is. `start` is where the row begins.
    pub fn infer(&self, w: &mut Worker, ids: &[u32], start: &[u64], epochs: usize, r: &mut rng::Rng) -> Vec<f32> {
        w.clear();
        let mut last = Vec::new();
        for epoch in 0..epochs {
            let rate = self.params.start_rate() * (1.0 - epoch as f32 / epochs as f32).max(1e-4);
            subsample(ids, &self.keep, r, &mut w.sentence);
            let document = w.documents.place(0, |row| row.copy_from_slice(start));
            match self.documents {
                Documents::Memory => {
                    self.load(w);
                    self.windows(w, Some(document), rate, r);
                }
                _ => self.bag(w, document, rate, r),
            }
            last = w.documents.row(document).to_vec();
        }
        last
    }
}

impl Worker {
    fn clear(&mut self) {
        [&mut self.input, &mut self.output, &mut self.positions, &mut self.documents]
            .into_iter()
            .for_each(Local::clear);
        self.targets.clear();
        self.step.begin();
    }
}

impl Job for TextJob<'_> {
    type Worker = Worker;

    fn worker(&self) -> Worker {
        let width = self.tables.output.width();
        let documents = self.tables.documents.as_ref().map_or(1, crate::sampling::SharedRows::rows);
        Worker {
            input: Local::new(self.keep.len(), width),
            output: Local::new(self.tables.output.rows(), width),
            positions: Local::new(2 * self.params.window, width),
            documents: Local::new(documents, width),
            step: Step::default(),
            targets: Targets::default(),
            ids: Vec::new(),
            sentence: Vec::new(),
            places: Vec::new(),
            sizes: Vec::new(),
            around: Vec::new(),
            around_sizes: Vec::new(),
            change: Vec::new(),
        }
    }

    fn work(&self, w: &mut Worker, task: Task) -> Result<Tally, DriverError> {
        w.clear();
        let mut r = rng::item(self.seed, "train", task.number);
        let mut ids = std::mem::take(&mut w.ids);
        let mut words = 0;
        let first = task.piece as usize * self.pieces;
        for piece in first..self.stream.pieces().min(first + self.pieces) {
            let mut line = self.stream.piece(piece, &mut ids)?;
            for part in ids.split_inclusive(|id| *id >= BREAK) {
                words += subsample(part, &self.keep, &mut r, &mut w.sentence);
                self.sentence(w, line, task.rate, &mut r);
                line += u64::from(part.last() == Some(&LINE_END));
            }
        }
        w.ids = ids;
        Ok(Tally { words, loss: w.step.loss, seen: w.step.seen })
    }

    fn tables(&self) -> Vec<&dyn Table> {
        let t = self.tables;
        vec![&t.input, &t.output, &t.positions, &t.documents]
    }

    fn locals<'a>(&self, w: &'a mut Worker) -> Vec<&'a mut Local> {
        vec![&mut w.input, &mut w.output, &mut w.positions, &mut w.documents]
    }

    /// In the mean of a window an input row is one of so many, and moves what it predicts by its share alone; pieces that were worked apart
    /// move all of them the same way, though.
    fn pull(&self, table: usize, pieces: usize) -> f32 {
        let mean = table == 0 && pieces == 1 && self.params.architecture == Architecture::Cbow;
        // Windows have half of the words that they may have.
        if mean { 1.0 / (self.params.window + 1) as f32 } else { 1.0 }
    }
}
