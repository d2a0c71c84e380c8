//! One piece of text, sentence by sentence.

use rand::{Rng as _, RngExt};
use vectory_core::{rng, simd};
use vectory_text::subwords;

use super::Sent2VecParams;
use crate::sampling::{DriverError, Job, Local, Objective, Share, SharedRows, Step, Table, Tally, Targets, Task};
use crate::vocabulary::{BREAK, TokenStream};

pub(super) struct SentenceJob<'a> {
    pub stream: &'a TokenStream,
    /// The chance that a word is predicted; it is always part of the sentence.
    pub keep: Vec<f32>,
    /// fastText's hash of each word.
    pub hashes: Vec<u32>,
    pub input: &'a SharedRows,
    pub output: &'a SharedRows,
    pub objective: Objective,
    pub params: &'a Sent2VecParams,
    pub seed: u64,
}

pub(super) struct Worker {
    input: Local,
    output: Local,
    step: Step,
    targets: Targets,
    ids: Vec<u32>,
    hashes: Vec<u32>,
    /// Rows of the sentence: its words, then its runs.
    rows: Vec<u32>,
    places: Vec<u32>,
    sum: Vec<f32>,
    all: Vec<f32>,
    change: Vec<f32>,
}

impl SentenceJob<'_> {
    /// Sets the rows of a sentence: words, and the runs that are not left out.
    fn rows(&self, w: &mut Worker, words: &[u32], r: &mut rng::Rng) {
        w.rows.clear();
        w.rows.extend_from_slice(words);
        if self.params.word_ngrams > 1 {
            w.hashes.clear();
            w.hashes.extend(words.iter().map(|id| self.hashes[*id as usize]));
            let (first, rows) = (self.keep.len() as u32, &mut w.rows);
            subwords::word_ngrams(&w.hashes, self.params.word_ngrams, self.params.buckets, |b| rows.push(first + b));
            for _ in 0..self.params.dropout {
                let runs = w.rows.len() - words.len();
                // A sentence keeps one run at least.
                if runs > 1 {
                    let out = words.len() + r.next_u32() as usize % runs;
                    w.rows.swap_remove(out);
                }
            }
        }
        let Worker { rows, places, input, .. } = w;
        places.clear();
        places.extend(rows.iter().map(|id| input.place(*id, |row| self.input.load(*id as usize, row))));
    }

    fn sentence(&self, w: &mut Worker, words: &[u32], rate: f32, r: &mut rng::Rng) {
        if words.len() < 2 {
            return;
        }
        self.rows(w, words, r);
        let (dim, share) = (w.output.dim(), 1.0 / (w.rows.len() - 1) as f32);
        w.sum.clear();
        w.sum.resize(dim, 0.0);
        for p in &w.places {
            simd::axpy(1.0, w.input.row(*p), &mut w.sum);
        }
        w.all.clear();
        w.all.resize(dim, 0.0);
        for (i, word) in words.iter().enumerate() {
            let keep = self.keep[*word as usize];
            if keep < 1.0 && r.random::<f32>() >= keep {
                continue;
            }
            self.objective.targets(
                *word,
                Share::in_a_row(self.params.training.shared_negatives()),
                self.output,
                &mut w.output,
                r,
                &mut w.targets,
            );
            let Worker { input, output, step, targets, places, sum, all, change, .. } = w;
            step.hidden.clear();
            step.hidden.extend_from_slice(sum);
            simd::axpy(-1.0, input.row(places[i]), &mut step.hidden);
            step.hidden.iter_mut().for_each(|v| *v *= share);
            step.take_hidden(rate, (output.values(), &targets.places[..]), &targets.labels, change);
            // What all rows get is added up; the word that was missing does not get its own.
            simd::axpy(share, change, all);
            simd::axpy(-share, change, input.row_mut(places[i]));
        }
        let Worker { input, places, all, .. } = w;
        places.iter().for_each(|p| simd::axpy(1.0, all, input.row_mut(*p)));
    }
}

impl Job for SentenceJob<'_> {
    type Worker = Worker;

    fn worker(&self) -> Worker {
        let width = self.output.width();
        Worker {
            input: Local::new(self.input.rows(), width),
            output: Local::new(self.output.rows(), width),
            step: Step::default(),
            targets: Targets::default(),
            ids: Vec::new(),
            hashes: Vec::new(),
            rows: Vec::new(),
            places: Vec::new(),
            sum: Vec::new(),
            all: Vec::new(),
            change: Vec::new(),
        }
    }

    fn work(&self, w: &mut Worker, task: Task) -> Result<Tally, DriverError> {
        w.input.clear();
        w.output.clear();
        w.targets.clear();
        w.step.begin();
        let mut r = rng::item(self.seed, "train", task.number);
        let mut ids = std::mem::take(&mut w.ids);
        self.stream.piece(task.piece as usize, &mut ids)?;
        let mut words = 0;
        for sentence in ids.split(|id| *id >= BREAK) {
            words += sentence.len() as u64;
            self.sentence(w, sentence, task.rate, &mut r);
        }
        w.ids = ids;
        Ok(Tally { words, loss: w.step.loss, seen: w.step.seen })
    }

    fn tables(&self) -> Vec<&dyn Table> {
        vec![self.input, self.output]
    }

    fn locals<'a>(&self, w: &'a mut Worker) -> Vec<&'a mut Local> {
        vec![&mut w.input, &mut w.output]
    }
}
