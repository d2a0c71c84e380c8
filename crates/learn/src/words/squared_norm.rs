//! SN: squared norms of sums are logarithms of counts (the objective of the RAND-WALK model).
//!
//! Minimises Σ min(x, 100) (ln x − |v + v'|² − C)² over pairs of different words, by AdaGrad: one table, no biases, one constant. The
//! model behind it says that p(w, w') grows with |v + v'|², p(w) with |v|², and that the partition function is nearly constant;
//! `vectory inspect` shows whether vectors keep to that. Rows are on the model's scale divided by √(2d).
//!
//! The matrix is taken to be symmetric: its upper half is read.
//!
//! Cost: O(pairs · d) an epoch. Source: Arora, Li, Liang, Ma and Risteski, *A Latent Variable Model Approach to PMI-based Word
//! Embeddings*, 2016.

use serde::{Deserialize, Serialize};
use vectory_core::Context;
use vectory_core::simd::{self, PairStep};
use vectory_core::sparse::CsrRef;

use super::passes::{self, Passes, Plan};
use super::table::{Block, Meeting, Table, meet, two_rows};
use super::tiles::{Pair, Tiles, mean_loss, small_rows};
use super::{WordVectors, WordsError};
use crate::checkpoint::Checkpoint;

/// How SN learns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SquaredNormParams {
    /// Values of a vector (1 to 4096; 100).
    pub dim: usize,
    /// Passes over all pairs (25).
    pub epochs: usize,
    /// AdaGrad's rate (0.05).
    pub lr: f32,
    /// The largest weight of a pair (100).
    pub max_weight: f32,
}

impl Default for SquaredNormParams {
    fn default() -> Self {
        Self { dim: 100, epochs: 25, lr: 0.05, max_weight: 100.0 }
    }
}

impl SquaredNormParams {
    /// # Errors
    /// [`WordsError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), WordsError> {
        WordsError::check_dim(self.dim)?;
        WordsError::check_counts(&[("epochs", self.epochs)])?;
        WordsError::check_positive(&[("lr", self.lr), ("max_weight", self.max_weight)])
    }
}

/// Learns from counted pairs; the losses are weighted squared errors divided by `max_weight`. `checkpoint` says where to write what has
/// been reached, and whether to go on from it.
///
/// # Errors
/// [`WordsError`]: parameters out of range, no pairs of different words, diverged, interrupted, a checkpoint of another training.
pub fn squared_norm(
    m: CsrRef<'_>,
    params: &SquaredNormParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<WordVectors, WordsError> {
    params.check()?;
    // Pairs with i < j lie in tiles of either order; both halves of a meeting are read.
    let tiles = Tiles::new(m, 2 * params.dim, |i, j| i < j, ctx)?;
    if tiles.pairs() == 0 {
        return Err(WordsError::NoPairs);
    }
    let table = Table::deal(&start(m.rows(), params.dim, ctx), tiles.blocks, Some(1.0));
    let mut job = Job { tiles: &tiles, params, ctx, table, constant: [f64::from(mean_log(m))] };
    let (name, unit, passes) = ("sn", "rounds", params.epochs);
    let losses = passes::run(&mut job, &Plan { name, unit, passes, params, counts: m, more: &[], checkpoint }, ctx)?;
    Ok(WordVectors { words: job.table.gather(), contexts: None, losses })
}

struct Job<'a> {
    tiles: &'a Tiles,
    params: &'a SquaredNormParams,
    ctx: &'a Context,
    table: Table,
    constant: [f64; 1],
}

impl Passes for Job<'_> {
    fn order(&self, pass: usize) -> Vec<usize> {
        self.tiles.rounds(self.ctx, pass)
    }

    fn step(&mut self, item: usize) -> f64 {
        let (tiles, of) = (self.tiles, Slopes { params: self.params, constant: self.constant[0] as f32 });
        meet(self.table.blocks(), item, self.ctx, |a, b, meeting| match meeting {
            Meeting::Two(x, y) => of.two(tiles.tile(a, b), x, y) + of.two(tiles.tile(b, a), y, x),
            Meeting::One(x) => of.one(tiles.tile(a, a), x),
        })
    }

    fn finish(&mut self, _: usize, sum: f64) -> f64 {
        // The best constant for the rows as they are now, exactly.
        self.constant = [f64::from(best_constant(self.tiles, &self.table, self.params))];
        mean_loss(sum, self.tiles.pairs())
    }

    fn tables(&mut self) -> Vec<(&'static str, &mut [f32])> {
        vec![("words", &mut self.table.rows), ("words.squares", &mut self.table.squares)]
    }

    fn numbers(&mut self) -> &mut [f64] {
        &mut self.constant
    }
}

/// Rows of length about 1, so that squared norms can grow both ways.
fn start(words: usize, dim: usize, ctx: &Context) -> vectory_core::Vectors {
    let mut rows = small_rows(words, dim, "sn", ctx);
    let scale = (12.0 * dim as f32).sqrt();
    rows.as_mut_slice().iter_mut().for_each(|v| *v *= scale);
    rows
}

fn mean_log(m: CsrRef<'_>) -> f32 {
    // |v + v'|² is about 2 at the start.
    (m.values.iter().map(|v| f64::from(v.ln())).sum::<f64>() / m.entries().max(1) as f64 - 2.0) as f32
}

struct Slopes<'a> {
    params: &'a SquaredNormParams,
    constant: f32,
}

impl Slopes<'_> {
    /// The loss of a pair, and the slope of |a + b|² / 2 times the rate; a step goes no farther than to where the pair's own error ends.
    /// (Squared norms change by their own size: from a pair of a large count two full steps would end in infinities.)
    fn slope(&self, a: &[f32], b: &[f32], count: f32) -> (f64, f32) {
        let [ab, aa, bb] = simd::cosine_parts(a, b);
        // Weights are taken relative to the largest, so that the rate means what it means for GloVe.
        let weight = (count / self.params.max_weight).min(1.0);
        let (norm, wanted) = (aa + 2.0 * ab + bb, count.ln() - self.constant);
        let diff = norm - wanted;
        // Both rows take their step, so that the sum is multiplied by 1 − 2 · slope.
        let most = 0.5 * (1.0 - (wanted.max(0.0) / norm.max(1e-9)).sqrt());
        let slope = (4.0 * self.params.lr * weight * diff).clamp(most.min(0.0), most.max(0.0));
        (f64::from(weight * diff * diff), slope.clamp(-100.0, 100.0))
    }

    fn two(&self, tile: &[Pair], x: &mut Block<'_>, y: &mut Block<'_>) -> f64 {
        let (dim, mut sum) = (self.params.dim, 0.0);
        for pair in tile {
            let (at, to) = (pair.row as usize * dim, pair.column as usize * dim);
            let (a, b) = (&mut x.rows[at..at + dim], &mut y.rows[to..to + dim]);
            let (loss, slope) = self.slope(a, b, pair.count);
            let (a_squares, b_squares) = (&mut x.squares[at..at + dim], &mut y.squares[to..to + dim]);
            simd::adagrad_sum(PairStep { a, a_squares, b, b_squares, slope });
            sum += loss;
        }
        sum
    }

    fn one(&self, tile: &[Pair], x: &mut Block<'_>) -> f64 {
        let mut sum = 0.0;
        for pair in tile {
            let (i, j) = (pair.row as usize, pair.column as usize);
            let (a, b) = two_rows(x.rows, i, j, self.params.dim);
            let (loss, slope) = self.slope(a, b, pair.count);
            let (a_squares, b_squares) = two_rows(x.squares, i, j, self.params.dim);
            simd::adagrad_sum(PairStep { a, a_squares, b, b_squares, slope });
            sum += loss;
        }
        sum
    }
}

/// The weighted mean of ln x − |v + v'|² over one tile in 8 (all, where there are few).
fn best_constant(tiles: &Tiles, table: &Table, params: &SquaredNormParams) -> f32 {
    let (dim, n) = (params.dim, tiles.blocks);
    let (mut sum, mut weights) = (0.0, 0.0);
    for a in 0..n {
        for b in (0..n).filter(|b| n < 16 || (a + b) % 8 == 0) {
            let (x, y) = (table.block_rows(a), table.block_rows(b));
            for pair in tiles.tile(a, b) {
                let (u, v) = (&x[pair.row as usize * dim..][..dim], &y[pair.column as usize * dim..][..dim]);
                let [uv, uu, vv] = simd::cosine_parts(u, v);
                let weight = f64::from((pair.count / params.max_weight).min(1.0));
                sum += weight * f64::from(pair.count.ln() - uu - 2.0 * uv - vv);
                weights += weight;
            }
        }
    }
    (sum / f64::max(weights, 1e-300)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::glove::tests::groups;

    #[test]
    fn loss_falls_and_threads_do_not_matter() {
        let m = groups(40);
        let params = SquaredNormParams { dim: 8, epochs: 40, ..SquaredNormParams::default() };
        let learn =
            |threads| squared_norm(m.view(), &params, &Checkpoint::none(), &Context::new(5, threads).unwrap()).unwrap();
        let (one, three) = (learn(1), learn(3));
        assert_eq!(one.words.as_slice(), three.words.as_slice());
        assert!(one.losses[39] < 0.3 * one.losses[0], "{:?}", one.losses);
    }

    #[test]
    fn the_slope_is_that_of_finite_differences() {
        let params = SquaredNormParams { lr: 0.5, ..SquaredNormParams::default() };
        let of = Slopes { params: &params, constant: 0.3 };
        let (a, b) = ([0.5f32, -0.2, 0.9], [0.1f32, 0.8, -0.4]);
        let (_, slope) = of.slope(&a, &b, 7.0);
        for k in 0..3 {
            let at = |h: f32| {
                let mut x = a;
                x[k] += h;
                of.slope(&x, &b, 7.0).0
            };
            let got = (at(1e-3) - at(-1e-3)) / 2e-3;
            assert!((got * 0.5 - f64::from(slope * (a[k] + b[k]))).abs() < 1e-3, "{got}");
        }
    }

    #[test]
    fn counts_of_all_sizes_do_not_run_away() {
        // A few words next to each other a million times, most once.
        let mut m = vectory_core::sparse::Csr::new(60);
        for i in 0..60usize {
            let count = |j: usize| (1e6 / ((i + 1) * (j + 1)).pow(2) as f32).max(1.0);
            m.push_row((0..60).filter(|j| *j != i).map(|j| (j as u32, count(j))).collect::<Vec<_>>());
        }
        let params = SquaredNormParams { dim: 30, epochs: 10, ..SquaredNormParams::default() };
        let learned = squared_norm(m.view(), &params, &Checkpoint::none(), &Context::new(5, 1).unwrap()).unwrap();
        assert!(learned.losses[9] < 0.5 * learned.losses[0], "{:?}", learned.losses);
    }
}
