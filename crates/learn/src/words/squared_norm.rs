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

use super::tiles::{Block, Meeting, Pair, Tiles, mean_loss, meet, small_rows, two_rows};
use super::{WordVectors, WordsError};

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

/// Learns from counted pairs; the losses are weighted squared errors divided by `max_weight`.
///
/// # Errors
/// [`WordsError`]: parameters out of range, no pairs of different words, diverged, interrupted.
pub fn squared_norm(m: CsrRef<'_>, params: &SquaredNormParams, ctx: &Context) -> Result<WordVectors, WordsError> {
    params.check()?;
    let (words, dim) = (m.rows(), params.dim);
    // Pairs with i < j lie in tiles of either order; both halves of a meeting are read.
    let tiles = Tiles::new(m, 2 * dim, |i, j| i < j, ctx)?;
    if tiles.pairs() == 0 {
        return Err(WordsError::NoPairs);
    }
    let mut blocks = Block::deal(&start(words, dim, ctx), tiles.blocks, 1.0);
    let (mut constant, mut losses) = (mean_log(m), Vec::new());
    ctx.progress().begin("sn", Some(params.epochs as u64), "epochs");
    for epoch in 0..params.epochs {
        let mut sum = 0.0;
        for round in tiles.rounds(ctx, epoch) {
            ctx.check()?;
            let job = Job { params, constant };
            sum += meet(&mut blocks, round, ctx, |a, b, meeting| match meeting {
                Meeting::Two(x, y) => job.two(tiles.tile(a, b), x, y) + job.two(tiles.tile(b, a), y, x),
                Meeting::One(x) => job.one(tiles.tile(a, a), x),
            });
        }
        let loss = mean_loss(sum, tiles.pairs());
        if !loss.is_finite() {
            return Err(WordsError::Diverged { epoch: epoch + 1 });
        }
        // The best constant for the rows as they are now, exactly.
        constant = best_constant(&tiles, &blocks, params);
        losses.push(loss);
        ctx.progress().note(&format!("loss {loss:.5}"));
        ctx.progress().advance(1);
    }
    ctx.progress().end();
    Ok(WordVectors { words: Block::gather(&blocks, words, dim), contexts: None, losses })
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

struct Job<'a> {
    params: &'a SquaredNormParams,
    constant: f32,
}

impl Job<'_> {
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

    fn two(&self, tile: &[Pair], x: &mut Block, y: &mut Block) -> f64 {
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

    fn one(&self, tile: &[Pair], x: &mut Block) -> f64 {
        let mut sum = 0.0;
        for pair in tile {
            let (i, j) = (pair.row as usize, pair.column as usize);
            let (a, b) = two_rows(&mut x.rows, i, j, self.params.dim);
            let (loss, slope) = self.slope(a, b, pair.count);
            let (a_squares, b_squares) = two_rows(&mut x.squares, i, j, self.params.dim);
            simd::adagrad_sum(PairStep { a, a_squares, b, b_squares, slope });
            sum += loss;
        }
        sum
    }
}

/// The weighted mean of ln x − |v + v'|² over one tile in 8 (all, where there are few).
fn best_constant(tiles: &Tiles, blocks: &[Block], params: &SquaredNormParams) -> f32 {
    let (dim, n) = (params.dim, tiles.blocks);
    let (mut sum, mut weights) = (0.0, 0.0);
    for (a, x) in blocks.iter().enumerate() {
        for (b, y) in blocks.iter().enumerate().filter(|(b, _)| n < 16 || (a + b) % 8 == 0) {
            for pair in tiles.tile(a, b) {
                let (u, v) = (&x.rows[pair.row as usize * dim..][..dim], &y.rows[pair.column as usize * dim..][..dim]);
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
        let learn = |threads| squared_norm(m.view(), &params, &Context::new(5, threads).unwrap()).unwrap();
        let (one, three) = (learn(1), learn(3));
        assert_eq!(one.words.as_slice(), three.words.as_slice());
        assert!(one.losses[39] < 0.3 * one.losses[0], "{:?}", one.losses);
    }

    #[test]
    fn the_slope_is_that_of_finite_differences() {
        let params = SquaredNormParams { lr: 0.5, ..SquaredNormParams::default() };
        let job = Job { params: &params, constant: 0.3 };
        let (a, b) = ([0.5f32, -0.2, 0.9], [0.1f32, 0.8, -0.4]);
        let (_, slope) = job.slope(&a, &b, 7.0);
        for k in 0..3 {
            let at = |h: f32| {
                let mut x = a;
                x[k] += h;
                job.slope(&x, &b, 7.0).0
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
        let learned = squared_norm(m.view(), &params, &Context::new(5, 1).unwrap()).unwrap();
        assert!(learned.losses[9] < 0.5 * learned.losses[0], "{:?}", learned.losses);
    }
}
