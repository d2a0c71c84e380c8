//! Fits the rows of a static encoder to a teacher by Adam.
//!
//! A text's vector is the normalised mean of its rows. Two losses are added: one minus the cosine with the teacher's vector,
//! and the cross entropy between the teacher's and the student's distributions of similarity inside the batch (who is near whom
//! matters for ranking; see Tian et al. 2020 on similarity-preserving distillation). A token weight needs no parameter of its
//! own: it is the length of the token's row.

use rand::seq::SliceRandom;
use rayon::prelude::*;
use vectory_core::{Cancelled, Context, Vectors, rng};

use super::examples::Examples;
use super::loss::{Loss, LossParams};

/// How the rows are fitted.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct TrainParams {
    /// Passes over the examples.
    pub epochs: usize,
    /// Examples of one step.
    pub batch: usize,
    /// Examples that stay together (neighbours in the text) when batches are drawn: related texts in one batch are hard cases.
    pub group: usize,
    /// Adam's step, falling linearly to zero.
    pub rate: f32,
    /// Pull towards the initial row, as a share of the distance per step.
    pub pull: f32,
    /// The losses.
    pub loss: LossParams,
}

impl Default for TrainParams {
    fn default() -> Self {
        Self { epochs: 8, batch: 512, group: 4, rate: 2e-3, pull: 0.0, loss: LossParams::default() }
    }
}

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;

/// Adam's memory of the rows.
struct Moments {
    first: Vectors,
    second: Vectors,
}

/// Fits `rows` in place. `after_epoch` is given the epoch (from 1), the mean loss and the rows.
///
/// The result does not depend on the number of threads: every row is summed and changed by one worker, in the order of the batch.
///
/// # Errors
/// [`Cancelled`] between steps.
pub(super) fn train(
    rows: &mut Vectors,
    examples: &Examples,
    params: &TrainParams,
    ctx: &Context,
    after_epoch: &mut dyn FnMut(usize, f64, &Vectors),
) -> Result<(), Cancelled> {
    let initial = (params.pull > 0.0).then(|| rows.clone());
    let mut moments =
        Moments { first: Vectors::zeros(rows.rows(), rows.dim()), second: Vectors::zeros(rows.rows(), rows.dim()) };
    let steps_per_epoch = examples.len().div_ceil(params.batch).max(1);
    let total = (steps_per_epoch * params.epochs) as f32;
    let mut batch = Batch::new(params.batch, rows.dim(), &params.loss);
    let mut step = 0usize;
    for epoch in 1..=params.epochs {
        let mut sum = 0.0;
        for ids in order(examples.len(), params, ctx.seed, epoch as u64).chunks(params.batch) {
            ctx.check()?;
            let rate = params.rate * (1.0 - step as f32 / total);
            step += 1;
            let update = Update { rate, pull: params.pull, step: step as i32 };
            sum += ctx.pool().install(|| {
                let loss = batch.gradients(rows, examples, ids);
                batch.apply(rows, &mut moments, initial.as_ref(), examples, ids, &update);
                loss
            });
            ctx.progress().advance(ids.len() as u64);
        }
        after_epoch(epoch, sum / steps_per_epoch as f64, rows);
    }
    Ok(())
}

/// Groups of neighbours in random order.
fn order(len: usize, params: &TrainParams, seed: u64, epoch: u64) -> Vec<usize> {
    let group = params.group.max(1);
    let mut groups: Vec<usize> = (0..len.div_ceil(group)).collect();
    groups.shuffle(&mut rng::item(seed, "distill-order", epoch));
    groups.into_iter().flat_map(|g| g * group..((g + 1) * group).min(len)).collect()
}

/// One step's numbers: what changes between steps.
struct Update {
    rate: f32,
    pull: f32,
    step: i32,
}

/// Buffers of one batch.
struct Batch {
    dim: usize,
    /// Unit vectors of the texts.
    student: Vec<f32>,
    /// The teacher's.
    teacher: Vec<f32>,
    /// Lengths of the sums before normalisation.
    norms: Vec<f32>,
    /// Gradients: of the unit vectors, then of each row's share.
    gradient: Vec<f32>,
    loss: Loss,
}

impl Batch {
    fn new(size: usize, dim: usize, loss: &LossParams) -> Self {
        let zeros = || vec![0.0; size * dim];
        Self {
            dim,
            student: zeros(),
            teacher: zeros(),
            norms: vec![0.0; size],
            gradient: zeros(),
            loss: Loss::new(loss, size),
        }
    }

    /// Forward pass, loss, and the gradient that each text gives each of its rows.
    fn gradients(&mut self, rows: &Vectors, examples: &Examples, ids: &[usize]) -> f64 {
        let (dim, n) = (self.dim, ids.len());
        let texts =
            self.student.par_chunks_mut(dim).zip(self.teacher.par_chunks_mut(dim)).zip(self.norms.par_iter_mut());
        texts.zip(ids).for_each(|(((student, teacher), norm), &id)| {
            *norm = sum_rows(rows, examples.bag(id), student);
            examples.target(id, teacher);
        });
        let loss =
            self.loss.run(&self.student[..n * dim], &self.teacher[..n * dim], dim, &mut self.gradient[..n * dim]);
        let texts = self.gradient.par_chunks_mut(dim).zip(self.student.par_chunks(dim)).zip(self.norms.par_iter());
        texts.take(n).for_each(|((gradient, student), norm)| through_norm(gradient, student, *norm));
        loss
    }

    /// Adam on every row that the batch met.
    fn apply(
        &self,
        rows: &mut Vectors,
        moments: &mut Moments,
        initial: Option<&Vectors>,
        examples: &Examples,
        ids: &[usize],
        update: &Update,
    ) {
        let dim = self.dim;
        let mut met: Vec<(u32, u32)> =
            ids.iter().enumerate().flat_map(|(t, id)| examples.bag(*id).iter().map(move |r| (*r, t as u32))).collect();
        met.par_sort_unstable();
        let groups: Vec<&[(u32, u32)]> = met.chunk_by(|a, b| a.0 == b.0).collect();
        let which = || groups.iter().map(|g| g[0].0 as usize);
        let values = pick(rows.as_mut_slice(), dim, which());
        let first = pick(moments.first.as_mut_slice(), dim, which());
        let second = pick(moments.second.as_mut_slice(), dim, which());
        let work = values.into_par_iter().zip(first).zip(second).zip(&groups).with_min_len(32);
        work.for_each_init(
            || vec![0.0f32; dim],
            |sum, (((value, first), second), group)| {
                sum.fill(0.0);
                for (_, t) in *group {
                    add(sum, &self.gradient[*t as usize * dim..][..dim]);
                }
                if let Some(initial) = initial {
                    let start = initial.row(group[0].0 as usize);
                    value.iter_mut().zip(start).for_each(|(v, s)| *v += update.pull * (s - *v));
                }
                adam(value, first, second, sum, update);
            },
        );
    }
}

/// Mutable rows, one for each number of an ascending list.
fn pick(mut rest: &mut [f32], dim: usize, rows: impl Iterator<Item = usize>) -> Vec<&mut [f32]> {
    let mut start = 0;
    rows.map(|row| {
        let (_, tail) = std::mem::take(&mut rest).split_at_mut((row - start) * dim);
        let (one, tail) = tail.split_at_mut(dim);
        rest = tail;
        start = row + 1;
        one
    })
    .collect()
}

/// The unit vector of a bag of rows; gives back the length of their sum.
pub(super) fn sum_rows(rows: &Vectors, bag: &[u32], out: &mut [f32]) -> f32 {
    out.fill(0.0);
    bag.iter().for_each(|r| add(out, rows.row(*r as usize)));
    let norm = out.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-12);
    out.iter_mut().for_each(|v| *v /= norm);
    norm
}

/// From the gradient of a unit vector to that of the sum before it was normalised.
fn through_norm(gradient: &mut [f32], unit: &[f32], norm: f32) {
    let along: f32 = gradient.iter().zip(unit).map(|(g, u)| g * u).sum();
    gradient.iter_mut().zip(unit).for_each(|(g, u)| *g = (*g - along * u) / norm);
}

fn add(sum: &mut [f32], row: &[f32]) {
    sum.iter_mut().zip(row).for_each(|(s, v)| *s += v);
}

fn adam(value: &mut [f32], first: &mut [f32], second: &mut [f32], gradient: &[f32], update: &Update) {
    let rate = update.rate * (1.0 - BETA2.powi(update.step)).sqrt() / (1.0 - BETA1.powi(update.step));
    for (((v, m), s), g) in value.iter_mut().zip(first).zip(second).zip(gradient) {
        *m = BETA1 * *m + (1.0 - BETA1) * g;
        *s = BETA2 * *s + (1.0 - BETA2) * g * g;
        *v -= rate * *m / (s.sqrt() + 1e-8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    /// Bags of five of forty words; the target is the direction of the sum of hidden rows.
    fn task() -> (Vectors, Examples) {
        let mut draw = rng::stream(5, "test");
        let mut random = |n: usize| {
            Vectors::from_slice(&(0..n * 8).map(|_| draw.random_range(-1.0..1.0)).collect::<Vec<f32>>(), 8).unwrap()
        };
        let (hidden, start) = (random(40), random(40));
        let mut examples = Examples::new(8);
        let mut draw = rng::stream(6, "test");
        for _ in 0..2000 {
            let bag: Vec<u32> = (0..5).map(|_| draw.random_range(0..40)).collect();
            let mut target = vec![0.0; 8];
            sum_rows(&hidden, &bag, &mut target);
            examples.push(&bag, target.into_iter());
        }
        (start, examples)
    }

    fn fit(threads: usize) -> (f64, f64, Vectors) {
        let (mut rows, examples) = task();
        // Its own losses: what the defaults weigh is tuned to sentences, not to forty words.
        let loss = LossParams { cosine: 1.0, similarity: 0.1, temperature: 0.1 };
        let params = TrainParams { epochs: 12, batch: 64, rate: 0.02, loss, ..TrainParams::default() };
        let mut losses = Vec::new();
        let ctx = Context::new(3, threads).unwrap();
        train(&mut rows, &examples, &params, &ctx, &mut |_, loss, _| losses.push(loss)).unwrap();
        (losses[0], losses[11], rows)
    }

    #[test]
    fn hidden_rows_are_found_again_whatever_the_threads() {
        let (first, last, one) = fit(1);
        assert!(last < first, "{first} {last}");
        let (_, examples) = task();
        let cosine: f32 = (0..200)
            .map(|i| {
                let (mut ours, mut target) = (vec![0.0; 8], vec![0.0; 8]);
                sum_rows(&one, examples.bag(i), &mut ours);
                examples.target(i, &mut target);
                ours.iter().zip(&target).map(|(a, b)| a * b).sum::<f32>()
            })
            .sum::<f32>()
            / 200.0;
        assert!(cosine > 0.99, "{cosine}");
        let (.., two) = fit(2);
        assert_eq!(one.as_slice(), two.as_slice());
    }

    #[test]
    fn picked_rows_are_those_asked_for() {
        let mut values: Vec<f32> = (0..12).map(|i| i as f32).collect();
        let got: Vec<f32> = pick(&mut values, 2, [1, 2, 5].into_iter()).iter().map(|r| r[0]).collect();
        assert_eq!(got, [2.0, 4.0, 10.0]);
    }
}
