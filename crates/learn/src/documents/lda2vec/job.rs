//! One piece of text: words and mixtures of topics against words around.

use rand::{Rng as _, RngExt};
use vectory_core::{rng, simd};

use super::Lda2VecParams;
use crate::sampling::{
    DriverError, Job, Local, Objective, Share, SharedRows, Step, Table, Tally, Targets, Task, softmax, subsample,
};
use crate::vocabulary::{BREAK, LINE_END, TokenStream};

/// A mixture's scores move by at most so much, times the learning rate, for one word.
const CLIP: f32 = 1.0;

/// The rows of a training.
pub(super) struct LdaTables {
    pub words: SharedRows,
    pub output: SharedRows,
    pub topics: SharedRows,
    /// A row a document, a score a topic: the mixture is their softmax.
    pub documents: SharedRows,
}

impl LdaTables {
    /// All tables with their names, in the order of a worker's.
    pub fn all(&self) -> [(&'static str, &SharedRows); 4] {
        [("words_in", &self.words), ("output", &self.output), ("topics", &self.topics), ("documents", &self.documents)]
    }
}

pub(super) struct LdaJob<'a> {
    pub stream: &'a TokenStream,
    pub keep: Vec<f32>,
    pub tables: &'a LdaTables,
    pub objective: Objective,
    pub params: &'a Lda2VecParams,
    /// Whether all but documents' rows stay as they are (inference).
    pub frozen: bool,
    pub seed: u64,
    /// Tasks of the whole training.
    pub tasks: u64,
}

/// A thread's scratch.
pub(super) struct Worker {
    locals: [Local; 4],
    step: Step,
    targets: Targets,
    ids: Vec<u32>,
    sentence: Vec<u32>,
    mixture: Mixture,
}

#[derive(Default)]
struct Mixture {
    p: Vec<f32>,
    /// Word (unless left out) and document.
    sum: Vec<f32>,
    one: Vec<f32>,
    change: Vec<f32>,
    slope: Vec<f32>,
}

/// How far a training is, as a piece sees it.
#[derive(Clone, Copy)]
pub(super) struct Stage {
    pub rate: f32,
    /// Of mixtures.
    pub mixture_rate: f32,
    /// The prior's weight in a document.
    pub lambda: f32,
    /// Whether words stay as they are.
    pub still: bool,
}

impl LdaJob<'_> {
    fn document(&self, w: &mut Worker, line: u64, stage: Stage, r: &mut rng::Rng) {
        let (t, n) = (self.tables, w.sentence.len());
        let document = w.locals[3].place(line as u32, |row| t.documents.load(line as usize, row));
        for k in 0..self.params.topics as u32 {
            w.locals[2].place(k, |row| t.topics.load(k as usize, row));
        }
        for i in 0..n {
            let b = 1 + r.next_u32() as usize % self.params.training.window;
            let near = i.saturating_sub(b)..n.min(i + b + 1);
            if near.len() < 2 {
                continue;
            }
            // Words that are held still know their neighbours already: beside them a document would learn to say less than nothing.
            let alone = stage.still || r.random::<f32>() < self.params.dropout;
            let word =
                (!alone).then(|| w.locals[0].place(w.sentence[i], |row| t.words.load(w.sentence[i] as usize, row)));
            self.sum(w, document, word);
            for j in near.filter(|j| *j != i) {
                self.predict(w, w.sentence[j], stage, r);
            }
            self.learn(w, document, word, stage);
        }
    }

    /// Sets the mixture, and what predicts.
    fn sum(&self, w: &mut Worker, document: u32, word: Option<u32>) {
        let Worker { locals: [words, output, topics, documents], mixture: m, .. } = w;
        m.p.clear();
        m.p.extend_from_slice(&documents.row(document)[..self.params.topics]);
        softmax(&mut m.p);
        m.sum.clear();
        m.sum.resize(output.dim(), 0.0);
        m.p.iter().enumerate().for_each(|(k, p)| simd::axpy(*p, topics.row(k as u32), &mut m.sum));
        word.iter().for_each(|p| simd::axpy(1.0, words.row(*p), &mut m.sum));
        m.change.clear();
        m.change.resize(output.dim(), 0.0);
    }

    fn predict(&self, w: &mut Worker, word: u32, stage: Stage, r: &mut rng::Rng) {
        let share = Share::in_a_row(self.params.training.shared_negatives());
        self.objective.targets(word, share, &self.tables.output, &mut w.locals[1], r, &mut w.targets);
        let Worker { locals: [_, output, ..], step, targets, mixture: m, .. } = w;
        step.hidden.clear();
        step.hidden.extend_from_slice(&m.sum);
        let b = (output.values(), &targets.places[..]);
        if stage.still {
            step.take_frozen(stage.rate, b, &targets.labels);
            m.one.clear();
            m.one.extend(step.hidden.iter().zip(&m.sum).map(|(now, then)| now - then));
        } else {
            step.take_hidden(stage.rate, b, &targets.labels, &mut m.one);
        }
        simd::axpy(1.0, &m.one, &mut m.change);
    }

    /// Hands the change on to word, topics and mixture, and draws the mixture towards what the prior likes.
    fn learn(&self, w: &mut Worker, document: u32, word: Option<u32>, stage: Stage) {
        let (n, k) = (w.sentence.len() as f32, self.params.topics);
        let Worker { locals: [words, _, topics, documents], mixture: m, .. } = w;
        m.slope.clear();
        m.slope.extend((0..k).map(|i| simd::dot(&m.change, topics.row(i as u32)) / stage.rate));
        let mean: f32 = m.slope.iter().zip(&m.p).map(|(s, p)| s * p).sum();
        let prior = stage.lambda / n * (self.params.alpha() - 1.0);
        let row = documents.row_mut(document);
        for ((a, p), slope) in row.iter_mut().zip(&m.p).zip(&m.slope) {
            // Beyond a share of a millionth nothing is pushed down any more: the prior has no bound there.
            let likes = if *p < 1e-6 && prior < 0.0 { 0.0 } else { prior * (1.0 - k as f32 * p) };
            *a += stage.mixture_rate * (p * (slope - mean) + likes).clamp(-CLIP, CLIP);
        }
        if self.frozen {
            return;
        }
        m.p.iter().enumerate().for_each(|(i, p)| simd::axpy(*p, &m.change, topics.row_mut(i as u32)));
        if let (false, Some(p)) = (stage.still, word) {
            simd::axpy(1.0, &m.change, words.row_mut(p));
        }
    }

    /// The scores of a text that was not trained on; all else stays as it is.
    pub fn infer(&self, w: &mut Worker, ids: &[u32], r: &mut rng::Rng) -> Vec<f32> {
        w.clear();
        let (epochs, p) = (self.params.infer_epochs, self.params);
        let document = w.locals[3].place(0, |row| row.fill(0));
        for epoch in 0..epochs {
            let (done, left) = (epoch as f32 / epochs as f32, 1.0 - epoch as f32 / epochs as f32);
            subsample(ids, &self.keep, r, &mut w.sentence);
            let rate = p.training.start_rate() * left;
            let stage = Stage { rate, mixture_rate: p.mixture_rate * left, lambda: p.lambda * done, still: true };
            self.document(w, 0, stage, r);
        }
        w.locals[3].row(document)[..p.topics].to_vec()
    }
}

impl Worker {
    fn clear(&mut self) {
        self.locals.iter_mut().for_each(Local::clear);
        self.targets.clear();
        self.step.begin();
    }
}

impl Job for LdaJob<'_> {
    type Worker = Worker;

    fn worker(&self) -> Worker {
        Worker {
            locals: self.tables.all().map(|(_, t)| Local::new(t.rows(), t.width())),
            step: Step::default(),
            targets: Targets::default(),
            ids: Vec::new(),
            sentence: Vec::new(),
            mixture: Mixture::default(),
        }
    }

    fn work(&self, w: &mut Worker, task: Task) -> Result<Tally, DriverError> {
        w.clear();
        let mut r = rng::item(self.seed, "train topics", task.number);
        let done = task.number as f32 / self.tasks.max(1) as f32;
        let p = self.params;
        let mixture_rate = p.mixture_rate * task.rate / p.training.start_rate();
        let stage = Stage { rate: task.rate, mixture_rate, lambda: p.lambda * done, still: done < 1.0 / 3.0 };
        let mut ids = std::mem::take(&mut w.ids);
        let mut line = self.stream.piece(task.piece as usize, &mut ids)?;
        let mut words = 0;
        for part in ids.split_inclusive(|id| *id >= BREAK) {
            words += subsample(part, &self.keep, &mut r, &mut w.sentence);
            self.document(w, line, stage, &mut r);
            line += u64::from(part.last() == Some(&LINE_END));
        }
        w.ids = ids;
        Ok(Tally { words, loss: w.step.loss, seen: w.step.seen })
    }

    fn tables(&self) -> Vec<&dyn Table> {
        self.tables.all().map(|(_, table)| table as &dyn Table).to_vec()
    }

    fn locals<'a>(&self, w: &'a mut Worker) -> Vec<&'a mut Local> {
        w.locals.iter_mut().collect()
    }
}
