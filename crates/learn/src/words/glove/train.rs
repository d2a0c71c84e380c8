//! Training.

use vectory_core::Context;
use vectory_core::simd::{self, PairStep};
use vectory_core::sparse::CsrRef;

use super::GloveParams;
use crate::checkpoint::Checkpoint;
use crate::words::passes::{self, Passes, Plan};
use crate::words::table::{Block, Table, cross};
use crate::words::tiles::{Pair, Tiles, mean_loss, small_rows};
use crate::words::{WordVectors, WordsError};

/// A trained model.
#[derive(Clone, Debug)]
pub struct Glove {
    /// Word and context vectors, losses (half the weighted squared error of a pair).
    pub vectors: WordVectors,
    /// One bias a word.
    pub biases: Vec<f32>,
    /// One bias a context.
    pub context_biases: Vec<f32>,
}

/// Learns from counted pairs. `checkpoint` says where to write what has been reached, and whether to go on from it.
///
/// # Errors
/// [`WordsError`]: parameters out of range, no pairs, diverged, interrupted, a checkpoint of another training.
pub fn glove(m: CsrRef<'_>, params: &GloveParams, checkpoint: &Checkpoint, ctx: &Context) -> Result<Glove, WordsError> {
    params.check()?;
    let tiles = Tiles::new(m, 2 * params.dim, |_, _| true, ctx)?;
    if tiles.pairs() == 0 {
        return Err(WordsError::NoPairs);
    }
    let start = |stage| Table::deal(&small_rows(m.rows(), params.dim, stage, ctx), tiles.blocks, Some(1.0));
    let (words, contexts) = (start("glove.words"), start("glove.contexts"));
    let mut job = Job { tiles: &tiles, params, ctx, words, contexts };
    let (name, unit, passes) = ("glove", "rounds", params.epochs);
    let losses = passes::run(&mut job, &Plan { name, unit, passes, params, counts: m, more: &[], checkpoint }, ctx)?;
    Ok(Glove {
        vectors: WordVectors { words: job.words.gather(), contexts: Some(job.contexts.gather()), losses },
        biases: job.words.gather_biases(),
        context_biases: job.contexts.gather_biases(),
    })
}

struct Job<'a> {
    tiles: &'a Tiles,
    params: &'a GloveParams,
    ctx: &'a Context,
    words: Table,
    contexts: Table,
}

impl Passes for Job<'_> {
    fn order(&self, pass: usize) -> Vec<usize> {
        self.tiles.rounds(self.ctx, pass)
    }

    fn step(&mut self, item: usize) -> f64 {
        let (tiles, params) = (self.tiles, self.params);
        cross([&mut self.words, &mut self.contexts], item, self.ctx, |a, b, w, c| train(tiles.tile(a, b), w, c, params))
    }

    fn finish(&mut self, _: usize, sum: f64) -> f64 {
        mean_loss(sum, self.tiles.pairs())
    }

    fn tables(&mut self) -> Vec<(&'static str, &mut [f32])> {
        let (w, c) = (&mut self.words, &mut self.contexts);
        vec![
            ("words", &mut w.rows),
            ("words.squares", &mut w.squares),
            ("words.bias", &mut w.bias),
            ("words.bias_squares", &mut w.bias_squares),
            ("contexts", &mut c.rows),
            ("contexts.squares", &mut c.squares),
            ("contexts.bias", &mut c.bias),
            ("contexts.bias_squares", &mut c.bias_squares),
        ]
    }
}

/// The pairs of one tile, in order; the sum of their losses.
pub(crate) fn train(tile: &[Pair], w: &mut Block<'_>, c: &mut Block<'_>, params: &GloveParams) -> f64 {
    let (dim, mut sum) = (params.dim, 0.0);
    for pair in tile {
        let (i, j) = (pair.row as usize, pair.column as usize);
        let (at, to) = (i * dim..(i + 1) * dim, j * dim..(j + 1) * dim);
        let (a, b) = (&mut w.rows[at.clone()], &mut c.rows[to.clone()]);
        let diff = simd::dot(a, b) + w.bias[i] + c.bias[j] - pair.count.ln();
        let weight = params.weight(pair.count);
        sum += f64::from(0.5 * weight * diff * diff);
        // The reference clips each step at 100; a slope of that size is far outside of any good run.
        let slope = (params.lr * weight * diff).clamp(-100.0, 100.0);
        simd::adagrad_product(PairStep { a, a_squares: &mut w.squares[at], b, b_squares: &mut c.squares[to], slope });
        for (bias, square) in [(&mut w.bias[i], &mut w.bias_squares[i]), (&mut c.bias[j], &mut c.bias_squares[j])] {
            *bias -= slope / square.sqrt();
            *square += slope * slope;
        }
    }
    sum
}
