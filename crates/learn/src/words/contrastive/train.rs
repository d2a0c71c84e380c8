//! Training.

use rand::RngExt;
use vectory_core::rng::{self, Rng};
use vectory_core::simd;
use vectory_core::sparse::CsrRef;
use vectory_core::{Context, Vectors};

use super::ContrastiveParams;
use crate::checkpoint::Checkpoint;
use crate::vocabulary::Vocabulary;
use crate::words::glove::certainty::standard_normal;
use crate::words::passes::{self, Passes, Plan, Step};
use crate::words::table::{Block, Meeting, Table, meet, two_rows};
use crate::words::tiles::{Pair, Tiles, mean_loss};
use crate::words::{WordVectors, WordsError};

/// What was learned, and how often the loss was zero.
#[derive(Clone, Debug)]
pub struct Contrastive {
    /// Unit vectors; mean hinge losses.
    pub vectors: WordVectors,
    /// The share of comparisons without a loss, by epoch.
    pub idle: Vec<f64>,
}

/// Learns from counted pairs (symmetric counts: the upper half is read, each pair in both directions). `checkpoint` says where to write
/// what has been reached, and whether to go on from it.
///
/// # Errors
/// [`WordsError`]: parameters out of range, no pairs of different words, interrupted, a checkpoint of another training.
pub fn contrastive(
    m: CsrRef<'_>,
    vocabulary: &Vocabulary,
    params: &ContrastiveParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<Contrastive, WordsError> {
    params.check()?;
    let tiles = Tiles::new(m, params.dim, |i, j| i < j, ctx)?;
    if tiles.pairs() == 0 {
        return Err(WordsError::NoPairs);
    }
    let mut job = Job {
        tiles: &tiles,
        params,
        ctx,
        table: Table::deal(&unit_rows(m.rows(), params.dim, ctx), tiles.blocks, None),
        draws: draws(vocabulary, params.sample, tiles.blocks),
        numbers: vec![0.0; IDLE + params.epochs],
    };
    let (name, unit, passes, more) = ("cwm", "rounds", params.epochs, bytemuck::cast_slice(vocabulary.counts()));
    let losses = passes::run(&mut job, &Plan { name, unit, passes, params, counts: m, more, checkpoint }, ctx)?;
    let vectors = WordVectors { words: job.table.gather(), contexts: None, losses };
    Ok(Contrastive { vectors, idle: job.numbers.split_off(IDLE) })
}

struct Job<'a> {
    tiles: &'a Tiles,
    params: &'a ContrastiveParams,
    ctx: &'a Context,
    table: Table,
    draws: Vec<Draws>,
    /// Comparisons of this pass, those of them without a loss; from [`IDLE`] on the idle share of each.
    numbers: Vec<f64>,
}

/// Where the shares begin among the numbers.
const IDLE: usize = 2;

impl Passes for Job<'_> {
    fn order(&self, pass: usize) -> Vec<usize> {
        self.tiles.rounds(self.ctx, pass)
    }

    fn step(&mut self, step: Step) -> f64 {
        let (tiles, params, seed) = (self.tiles, self.params, self.ctx.seed);
        let done = (step.pass * tiles.blocks + step.nth) as f32 / (params.epochs * tiles.blocks) as f32;
        let lr = params.lr * (1.0 - done).max(1e-4);
        let mut tallies = vec![Tally::default(); tiles.blocks];
        let share = |((rows, draws), tally)| Share { rows, draws, tally };
        let shares = self.table.blocks().into_iter().zip(&self.draws).zip(&mut tallies).map(share).collect();
        let sum = meet(shares, step.item, self.ctx, |a, b, meeting| {
            let key = ((step.pass * tiles.blocks + a) * tiles.blocks + b) as u64;
            let r = rng::item(seed, "cwm", key);
            let mut walk = Walk { params, lr, r, tally: Tally::default(), buffer: vec![0.0; params.dim] };
            match meeting {
                Meeting::Two(x, y) => {
                    walk.two(tiles.tile(a, b), x, y);
                    walk.two(tiles.tile(b, a), y, x);
                    *x.tally = walk.tally;
                }
                Meeting::One(x) => {
                    walk.one(tiles.tile(a, a), x);
                    *x.tally = walk.tally;
                }
            }
            walk.tally.loss
        });
        for tally in tallies {
            self.numbers[0] += tally.compared as f64;
            self.numbers[1] += tally.idle as f64;
        }
        sum
    }

    fn finish(&mut self, pass: usize, sum: f64) -> f64 {
        let [compared, idle] = [self.numbers[0], self.numbers[1]];
        self.numbers[IDLE + pass] = idle / compared.max(1.0);
        self.numbers[..IDLE].fill(0.0);
        mean_loss(sum, compared as usize)
    }

    fn tables(&mut self) -> Vec<(&'static str, &mut [f32])> {
        vec![("words", &mut self.table.rows)]
    }

    fn numbers(&mut self) -> &mut [f64] {
        &mut self.numbers
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    compared: u64,
    idle: u64,
    loss: f64,
}

/// By what the words of a block are drawn and kept.
struct Draws {
    /// Cumulative weights of its words as random words.
    noise: Vec<f64>,
    keep: Vec<f32>,
}

/// A block at work.
struct Share<'a> {
    rows: Block<'a>,
    draws: &'a Draws,
    tally: &'a mut Tally,
}

impl Share<'_> {
    fn random(&self, r: &mut Rng) -> usize {
        let noise = &self.draws.noise;
        let at = r.random_range(0.0..noise[noise.len() - 1]);
        noise.partition_point(|c| *c <= at).min(noise.len() - 1)
    }
}

/// Random rows of length 1.
fn unit_rows(words: usize, dim: usize, ctx: &Context) -> Vectors {
    let (mut rows, mut r) = (Vectors::zeros(words, dim), rng::stream(ctx.seed, "cwm"));
    rows.as_mut_slice().iter_mut().for_each(|v| *v = standard_normal(&mut r) as f32);
    rows.normalize();
    rows
}

fn draws(vocabulary: &Vocabulary, sample: f64, blocks: usize) -> Vec<Draws> {
    let (noise, keep) = (vocabulary.powers(0.75), vocabulary.keep(sample));
    let deal = |a: usize| {
        let mut sum = 0.0;
        let cumulative = noise.iter().skip(a).step_by(blocks).map(|w| {
            sum += w.max(1e-9);
            sum
        });
        Draws { noise: cumulative.collect(), keep: keep.iter().skip(a).step_by(blocks).copied().collect() }
    };
    (0..blocks).map(deal).collect()
}

struct Walk<'a> {
    params: &'a ContrastiveParams,
    lr: f32,
    r: Rng,
    tally: Tally,
    buffer: Vec<f32>,
}

impl Walk<'_> {
    /// How often a pair is met in this pass.
    fn times(&mut self, count: f32, keep: f32) -> u32 {
        let expected = (count * keep).min(self.params.most as f32);
        expected as u32 + u32::from(self.r.random::<f32>() < expected.fract())
    }

    fn two(&mut self, tile: &[Pair], x: &mut Share<'_>, y: &mut Share<'_>) {
        let dim = self.params.dim;
        for pair in tile {
            let (i, j) = (pair.row as usize, pair.column as usize);
            for _ in 0..self.times(pair.count, x.draws.keep[i] * y.draws.keep[j]) * self.params.negative as u32 {
                let n = y.random(&mut self.r);
                if n != j {
                    let (v, other) = two_rows(y.rows.rows, j, n, dim);
                    self.compare(&mut x.rows.rows[i * dim..(i + 1) * dim], v, other);
                }
                let n = x.random(&mut self.r);
                if n != i {
                    let (u, other) = two_rows(x.rows.rows, i, n, dim);
                    self.compare(&mut y.rows.rows[j * dim..(j + 1) * dim], u, other);
                }
            }
        }
    }

    /// Within one block the three rows are copied out and back.
    fn one(&mut self, tile: &[Pair], x: &mut Share<'_>) {
        let dim = self.params.dim;
        for pair in tile {
            let (i, j) = (pair.row as usize, pair.column as usize);
            for _ in 0..self.times(pair.count, x.draws.keep[i] * x.draws.keep[j]) * self.params.negative as u32 {
                for (i, j) in [(i, j), (j, i)] {
                    let n = x.random(&mut self.r);
                    if n == i || n == j {
                        continue;
                    }
                    let mut centre = x.rows.rows[i * dim..(i + 1) * dim].to_vec();
                    let (v, other) = two_rows(x.rows.rows, j, n, dim);
                    self.compare(&mut centre, v, other);
                    x.rows.rows[i * dim..(i + 1) * dim].copy_from_slice(&centre);
                }
            }
        }
    }

    /// One step on unit rows: `u` to `v`, away from `other`.
    fn compare(&mut self, u: &mut [f32], v: &mut [f32], other: &mut [f32]) {
        let p = self.params;
        let (near, far) = (simd::dot(u, v), simd::dot(u, other));
        let loss = p.margin - p.attract * near + p.repel * far;
        self.tally.compared += 1;
        if loss <= 0.0 {
            self.tally.idle += 1;
            return;
        }
        self.tally.loss += f64::from(loss);
        let (pull, push) = (self.lr * p.attract, self.lr * p.repel);
        // On unit vectors the slope of cos(u, v) in u is v − cos · u.
        self.buffer.copy_from_slice(u);
        scale(u, 1.0 - pull * near + push * far);
        simd::axpy(pull, v, u);
        simd::axpy(-push, other, u);
        scale(v, 1.0 - pull * near);
        simd::axpy(pull, &self.buffer, v);
        scale(other, 1.0 + push * far);
        simd::axpy(-push, &self.buffer, other);
        for row in [u, v, other] {
            let norm = simd::norm(row);
            scale(row, 1.0 / norm.max(1e-12));
        }
    }
}

fn scale(row: &mut [f32], by: f32) {
    row.iter_mut().for_each(|v| *v *= by);
}

#[cfg(test)]
mod tests {
    use super::*;
    use vectory_core::sparse::Csr;

    /// Words below 20 and the others: every block has some of both, as random words are drawn within a block.
    fn halves() -> Csr {
        let mut m = Csr::new(40);
        for i in 0..40u32 {
            m.push_row((0..40u32).filter(|j| *j != i).map(|j| (j, if (i < 20) == (j < 20) { 40.0 } else { 1.0 })));
        }
        m
    }

    #[test]
    fn groups_part_and_threads_do_not_matter() {
        let m = halves();
        let names: Vec<String> = (0..40).map(|i| format!("w{i}")).collect();
        let vocabulary = Vocabulary::new(names.iter().map(|n| (n.as_str(), 100)));
        let params = ContrastiveParams { dim: 10, epochs: 30, sample: 0.0, ..ContrastiveParams::default() };
        let learn = |threads| {
            contrastive(m.view(), &vocabulary, &params, &Checkpoint::none(), &Context::new(5, threads).unwrap())
                .unwrap()
        };
        let (one, three) = (learn(1), learn(3));
        assert_eq!(one.vectors.words.as_slice(), three.vectors.words.as_slice());
        // In two groups half of the random words are of the pair's own group: these comparisons are never idle for long.
        assert!(one.idle.len() == 30 && one.idle.iter().all(|i| (0.0..=1.0).contains(i)), "{:?}", one.idle);
        let v = one.vectors.words;
        // A block of so small a vocabulary holds a few words only, and random words come from it: the groups part on the whole, not
        // in every pair.
        let mean = |same: bool| {
            let pairs =
                (0..40).flat_map(|i| (0..i).map(move |j| (i, j))).filter(|(i, j)| ((*i < 20) == (*j < 20)) == same);
            let cosines: Vec<f32> = pairs.map(|(i, j)| simd::cosine(v.row(i), v.row(j))).collect();
            cosines.iter().sum::<f32>() / cosines.len() as f32
        };
        assert!(mean(true) > mean(false) + 0.15, "{} {}", mean(true), mean(false));
        assert!(v.iter().all(|r| (simd::norm(r) - 1.0).abs() < 1e-4));
    }

    #[test]
    fn a_step_lowers_the_loss_along_its_slope() {
        let params = ContrastiveParams { dim: 4, ..ContrastiveParams::default() };
        let unit = |v: [f32; 4]| {
            let mut v = v;
            vectory_core::vectors::normalize(&mut v);
            v
        };
        let (u, v, w) = (unit([1.0, 0.2, 0.1, 0.0]), unit([0.1, 1.0, 0.3, 0.2]), unit([0.9, 0.3, -0.2, 0.4]));
        let loss = |u: &[f32], v: &[f32], w: &[f32]| 0.15 - simd::cosine(u, v) + simd::cosine(u, w);
        let (mut a, mut b, mut c) = (u, v, w);
        let lr = 1e-3;
        let mut walk =
            Walk { params: &params, lr, r: rng::stream(1, "t"), tally: Tally::default(), buffer: vec![0.0; 4] };
        walk.compare(&mut a, &mut b, &mut c);
        // The change of each row is −lr times the slope, by finite differences, to first order.
        for k in 0..4 {
            let mut plus = u;
            plus[k] += 1e-2;
            let mut minus = u;
            minus[k] -= 1e-2;
            let slope = (loss(&plus, &v, &w) - loss(&minus, &v, &w)) / 2e-2;
            assert!((a[k] - u[k] + lr * slope).abs() < 2e-5, "{k}: {} {}", a[k] - u[k], -lr * slope);
        }
        assert!(loss(&a, &b, &c) < loss(&u, &v, &w));
    }
}
