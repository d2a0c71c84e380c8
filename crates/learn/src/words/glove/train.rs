//! Training.

use rayon::prelude::*;
use vectory_core::simd::{self, PairStep};
use vectory_core::sparse::CsrRef;
use vectory_core::{Cancelled, Context, Vectors};

use super::GloveParams;
use crate::words::tiles::{Block, Pair, Tiles, mean_loss, small_rows};
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

/// Learns from counted pairs.
///
/// # Errors
/// [`WordsError`]: parameters out of range, no pairs, diverged, interrupted.
pub fn glove(m: CsrRef<'_>, params: &GloveParams, ctx: &Context) -> Result<Glove, WordsError> {
    params.check()?;
    let (words, dim) = (m.rows(), params.dim);
    let tiles = Tiles::new(m, 2 * dim, |_, _| true, ctx)?;
    if tiles.pairs() == 0 {
        return Err(WordsError::NoPairs);
    }
    let start = |stage: &str| Block::deal(&small_rows(words, dim, stage, ctx), tiles.blocks, 1.0);
    let (mut rows, mut columns) = (start("glove.words"), start("glove.contexts"));
    let mut losses = Vec::with_capacity(params.epochs);
    ctx.progress().begin("glove", Some(params.epochs as u64), "epochs");
    for epoch in 0..params.epochs {
        let loss = self::epoch(&tiles, &mut rows, &mut columns, (params, epoch), ctx)?;
        if !loss.is_finite() {
            return Err(WordsError::Diverged { epoch: epoch + 1 });
        }
        losses.push(loss);
        ctx.progress().note(&format!("loss {loss:.5}"));
        ctx.progress().advance(1);
    }
    ctx.progress().end();
    let gather = |blocks: &[Block]| -> Vectors { Block::gather(blocks, words, dim) };
    Ok(Glove {
        vectors: WordVectors { words: gather(&rows), contexts: Some(gather(&columns)), losses },
        biases: Block::gather_biases(&rows, words),
        context_biases: Block::gather_biases(&columns, words),
    })
}

/// One pass over all tiles; the mean loss of a pair.
fn epoch(
    tiles: &Tiles,
    rows: &mut [Block],
    columns: &mut [Block],
    (params, epoch): (&GloveParams, usize),
    ctx: &Context,
) -> Result<f64, Cancelled> {
    let (blocks, mut sum) = (tiles.blocks, 0.0);
    for round in tiles.rounds(ctx, epoch) {
        ctx.check()?;
        // In a round, block a of the words meets block a + round of the contexts: no two tiles share a row.
        columns.rotate_left(round);
        let step =
            |(a, (w, c)): (usize, (&mut Block, &mut Block))| train(tiles.tile(a, (a + round) % blocks), w, c, params);
        let parts: Vec<f64> =
            ctx.pool().install(|| rows.par_iter_mut().zip(columns.par_iter_mut()).enumerate().map(step).collect());
        columns.rotate_right(round);
        sum += parts.iter().sum::<f64>();
    }
    Ok(mean_loss(sum, tiles.pairs()))
}

/// The pairs of one tile, in order; the sum of their losses.
pub(crate) fn train(tile: &[Pair], w: &mut Block, c: &mut Block, params: &GloveParams) -> f64 {
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
