//! One piece of text.

use rand::{Rng as _, RngExt};
use vectory_core::{rng, simd};

use super::SenseParams;
use crate::sampling::{
    DriverError, Job, Local, Objective, Share, SharedRows, Step, Table, Tally, Targets, Task, sift, softmax,
};
use crate::vocabulary::{BREAK, TokenStream};

/// The rows of a training. Those of word `w` are `w · senses` to `(w + 1) · senses` where there is one a sense.
pub(super) struct SenseTables {
    /// A row a sense: predicts the words around.
    pub senses: SharedRows,
    /// A row a sense: what it likes to have around.
    pub clues: SharedRows,
    /// A row a word, as part of a context.
    pub contexts: SharedRows,
    /// A row a word, as what is predicted.
    pub output: SharedRows,
}

impl SenseTables {
    /// Tables of so many words.
    pub fn zeros(words: usize, p: &SenseParams) -> Self {
        let [senses, clues] = [words * p.senses; 2].map(|n| SharedRows::zeros(n, p.training.dim));
        let [contexts, output] = [words; 2].map(|n| SharedRows::zeros(n, p.training.dim));
        Self { senses, clues, contexts, output }
    }

    /// All tables with their names, in the order of a worker's.
    pub fn all(&self) -> [(&'static str, &SharedRows); 4] {
        [("senses", &self.senses), ("clues", &self.clues), ("contexts", &self.contexts), ("output", &self.output)]
    }
}

pub(super) struct SenseJob<'a> {
    pub stream: &'a TokenStream,
    pub keep: Vec<f32>,
    pub tables: &'a SenseTables,
    pub objective: Objective,
    pub params: &'a SenseParams,
    pub seed: u64,
    /// Tasks of the whole training: the temperature falls with them.
    pub tasks: u64,
}

/// A thread's scratch.
pub(super) struct Worker {
    locals: [Local; 4],
    step: Step,
    targets: Targets,
    ids: Vec<u32>,
    /// Places of words that were not left out by subsampling.
    kept: Vec<usize>,
    guess: Guess,
}

/// Which sense is meant: scratch of one window.
#[derive(Default)]
struct Guess {
    /// Places of the words around, in contexts.
    around: Vec<u32>,
    /// The mean of the context.
    mean: Vec<f32>,
    /// How likely each sense is.
    q: Vec<f32>,
    /// How much of each is in the mixture.
    y: Vec<f32>,
    /// Places of the senses, in senses and in clues.
    senses: Vec<u32>,
    clues: Vec<u32>,
    mixture: Vec<f32>,
    /// The change of the mixture, by one word around and by all.
    one: Vec<f32>,
    change: Vec<f32>,
    slope: Vec<f32>,
}

impl SenseJob<'_> {
    /// All words of a sentence tell what is meant, as when a sense is guessed; those that subsampling keeps are predicted and predict.
    fn sentence(&self, w: &mut Worker, words: &[u32], temperature: f32, rate: f32, r: &mut rng::Rng) {
        let window = self.params.training.window;
        for i in 0..w.kept.len() {
            let b = 1 + r.next_u32() as usize % window;
            let near = i.saturating_sub(b)..w.kept.len().min(i + b + 1);
            if near.len() > 1 {
                self.window(w, words, (i, near), (temperature, rate), r);
            }
        }
    }

    fn window(
        &self,
        w: &mut Worker,
        words: &[u32],
        (i, near): (usize, std::ops::Range<usize>),
        (temperature, rate): (f32, f32),
        r: &mut rng::Rng,
    ) {
        self.guess(w, words, w.kept[i], temperature, r);
        for j in near.filter(|j| *j != i) {
            let word = words[w.kept[j]];
            let share = Share::in_a_row(self.params.training.shared_negatives());
            self.objective.targets(word, share, &self.tables.output, &mut w.locals[3], r, &mut w.targets);
            let Worker { locals: [.., output], step, targets, guess, .. } = w;
            step.hidden.clear();
            step.hidden.extend_from_slice(&guess.mixture);
            step.take_hidden(rate, (output.values(), &targets.places[..]), &targets.labels, &mut guess.one);
            simd::axpy(1.0, &guess.one, &mut guess.change);
        }
        self.learn(w, temperature, rate);
    }

    /// Loads the rows of a window; sets how likely each sense is, and a mixture drawn by it.
    fn guess(&self, w: &mut Worker, words: &[u32], at: usize, temperature: f32, r: &mut rng::Rng) {
        let Worker { locals: [senses, clues, contexts, output], guess: g, .. } = w;
        let (t, k, first) = (self.tables, self.params.senses as u32, words[at] * self.params.senses as u32);
        g.around.clear();
        let around = self.params.around(words, at);
        g.around.extend(around.map(|c| contexts.place(c, |row| t.contexts.load(c as usize, row))));
        g.senses.clear();
        g.senses.extend((first..first + k).map(|s| senses.place(s, |row| t.senses.load(s as usize, row))));
        g.clues.clear();
        g.clues.extend((first..first + k).map(|s| clues.place(s, |row| t.clues.load(s as usize, row))));
        let dim = output.dim();
        zeros(&mut g.mean, dim);
        let share = 1.0 / g.around.len() as f32;
        g.around.iter().for_each(|p| simd::axpy(share, contexts.row(*p), &mut g.mean));
        g.q.clear();
        g.q.extend(g.clues.iter().map(|p| simd::dot(clues.row(*p), &g.mean)));
        softmax(&mut g.q);
        g.y.clear();
        g.y.extend(g.q.iter().map(|q| {
            let u: f32 = r.random_range(1e-6..1.0 - 1e-6);
            (q.max(1e-12).ln() - (-u.ln()).ln()) / temperature
        }));
        softmax(&mut g.y);
        zeros(&mut g.mixture, dim);
        g.y.iter().zip(&g.senses).for_each(|(y, p)| simd::axpy(*y, senses.row(*p), &mut g.mixture));
        zeros(&mut g.change, dim);
    }

    /// Hands the change of the mixture on to senses, clues and contexts.
    fn learn(&self, w: &mut Worker, temperature: f32, rate: f32) {
        let Worker { locals: [senses, clues, contexts, _], guess: g, .. } = w;
        // How the loss depends on each share of the mixture, then on each score of the guess.
        g.slope.clear();
        g.slope.extend(g.senses.iter().map(|p| simd::dot(&g.change, senses.row(*p))));
        let mean: f32 = g.slope.iter().zip(&g.y).map(|(s, y)| s * y).sum();
        let entropy: f32 = -g.q.iter().map(|q| q * q.max(1e-12).ln()).sum::<f32>();
        for ((slope, y), q) in g.slope.iter_mut().zip(&g.y).zip(&g.q) {
            *slope = y * (*slope - mean) / temperature + rate * self.params.entropy * q * (q.max(1e-12).ln() + entropy);
        }
        g.y.iter().zip(&g.senses).for_each(|(y, p)| simd::axpy(*y, &g.change, senses.row_mut(*p)));
        // The contexts' change is of the clues as they were.
        zeros(&mut g.one, g.mean.len());
        for (slope, p) in g.slope.iter().zip(&g.clues) {
            simd::axpy(*slope, clues.row(*p), &mut g.one);
            simd::axpy(*slope, &g.mean, clues.row_mut(*p));
        }
        let share = 1.0 / g.around.len() as f32;
        g.around.iter().for_each(|p| simd::axpy(share, &g.one, contexts.row_mut(*p)));
    }
}

fn zeros(v: &mut Vec<f32>, n: usize) {
    v.clear();
    v.resize(n, 0.0);
}

impl Job for SenseJob<'_> {
    type Worker = Worker;

    fn worker(&self) -> Worker {
        Worker {
            locals: self.tables.all().map(|(_, t)| Local::new(t.rows(), t.width())),
            step: Step::default(),
            targets: Targets::default(),
            ids: Vec::new(),
            kept: Vec::new(),
            guess: Guess::default(),
        }
    }

    fn work(&self, w: &mut Worker, task: Task) -> Result<Tally, DriverError> {
        w.locals.iter_mut().for_each(Local::clear);
        w.targets.clear();
        w.step.begin();
        let mut r = rng::item(self.seed, "train", task.number);
        let done = task.number as f32 / self.tasks.max(1) as f32;
        let temperature = self.params.temperature * (self.params.last_temperature / self.params.temperature).powf(done);
        let mut ids = std::mem::take(&mut w.ids);
        self.stream.piece(task.piece as usize, &mut ids)?;
        let mut words = 0;
        for part in ids.split(|id| *id >= BREAK) {
            w.kept.clear();
            words += sift(part, &self.keep, &mut r, |at, _| w.kept.push(at));
            self.sentence(w, part, temperature, task.rate, &mut r);
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
