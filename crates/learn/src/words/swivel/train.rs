//! Training, a dense tile at a time.

use vectory_core::simd::{GemmNt, gemm_nt};
use vectory_core::sparse::CsrRef;
use vectory_core::{Context, Vectors, rng};

use super::SwivelParams;
use super::cells::{hinge_slopes, softplus};
use crate::checkpoint::Checkpoint;
use crate::words::glove::certainty::standard_normal;
use crate::words::passes::{self, Passes, Plan};
use crate::words::table::{Block, Table, cross};
use crate::words::tiles::{Pair, Tiles};
use crate::words::{WordVectors, WordsError};

/// AdaGrad's sums begin here.
const SQUARE: f32 = 0.1;

/// Learns from counted pairs. `checkpoint` says where to write what has been reached, and whether to go on from it.
///
/// # Errors
/// [`WordsError`]: parameters out of range, no pairs, diverged, interrupted, a checkpoint of another training.
pub fn swivel(
    m: CsrRef<'_>,
    params: &SwivelParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<WordVectors, WordsError> {
    params.check()?;
    let words = m.rows();
    let tiles = Tiles::cut(m, words.div_ceil(params.shard), |_, _| true, ctx)?;
    if tiles.pairs() == 0 {
        return Err(WordsError::NoPairs);
    }
    let start = |stage| Table::deal(&normal_rows(words, params.dim, stage, ctx), tiles.blocks, Some(SQUARE));
    let (rows, contexts) = (start("swivel.words"), start("swivel.contexts"));
    let cells = (words as f64).powi(2);
    let mut job = Job { steps: Steps::new(m, &tiles, params), cells, ctx, words: rows, contexts };
    let (name, unit, passes) = ("swivel", "rounds", params.epochs);
    let losses = passes::run(&mut job, &Plan { name, unit, passes, params, counts: m, more: &[], checkpoint }, ctx)?;
    Ok(WordVectors { words: job.words.gather(), contexts: Some(job.contexts.gather()), losses })
}

struct Job<'a> {
    steps: Steps<'a>,
    /// How many cells the matrix has.
    cells: f64,
    ctx: &'a Context,
    words: Table,
    contexts: Table,
}

impl Passes for Job<'_> {
    fn order(&self, pass: usize) -> Vec<usize> {
        self.steps.tiles.rounds(self.ctx, pass)
    }

    fn step(&mut self, item: usize) -> f64 {
        let steps = &self.steps;
        cross([&mut self.words, &mut self.contexts], item, self.ctx, |a, b, w, c| steps.tile(a, b, w, c))
    }

    fn finish(&mut self, _: usize, sum: f64) -> f64 {
        sum / self.cells
    }

    fn tables(&mut self) -> Vec<(&'static str, &mut [f32])> {
        let (w, c) = (&mut self.words, &mut self.contexts);
        vec![
            ("words", &mut w.rows),
            ("words.squares", &mut w.squares),
            ("contexts", &mut c.rows),
            ("contexts.squares", &mut c.squares),
        ]
    }
}

/// N(0, 1 / √d), the released program's start.
fn normal_rows(words: usize, dim: usize, stage: &str, ctx: &Context) -> Vectors {
    let (mut out, mut r, scale) =
        (Vectors::zeros(words, dim), rng::stream(ctx.seed, stage), (dim as f64).sqrt().recip());
    out.as_mut_slice().iter_mut().for_each(|v| *v = (standard_normal(&mut r) * scale) as f32);
    out
}

/// What a step on a tile needs to know.
struct Steps<'a> {
    tiles: &'a Tiles,
    params: &'a SwivelParams,
    /// ln total − ln row sum, by block.
    rows: Vec<Vec<f32>>,
    /// −ln column sum, by block.
    columns: Vec<Vec<f32>>,
}

impl<'a> Steps<'a> {
    fn new(m: CsrRef<'_>, tiles: &'a Tiles, params: &'a SwivelParams) -> Self {
        let (rows, columns) = m.sums();
        let total = rows.iter().sum::<f64>().ln();
        // A word without pairs has no PMI: its hinge lies so high that it never bites.
        let log = |v: f64| if v > 0.0 { v.ln() } else { -50.0 };
        let deal = |values: Vec<f64>, plus: f64| {
            let mut out = vec![Vec::new(); tiles.blocks];
            values.iter().enumerate().for_each(|(i, v)| out[i % tiles.blocks].push((plus - log(*v)) as f32));
            out
        };
        Self { tiles, params, rows: deal(rows, total), columns: deal(columns, 0.0) }
    }

    /// One step on one tile; the sum of its losses before the step.
    fn tile(&self, a: usize, b: usize, w: &mut Block<'_>, c: &mut Block<'_>) -> f64 {
        let (rows, columns, d) = (&self.rows[a], &self.columns[b], self.params.dim);
        let (n, m) = (rows.len(), columns.len());
        let mut cells = vec![0.0; n * m];
        gemm_nt(GemmNt { a: w.rows, b: c.rows, c: &mut cells, m: n, n: m, k: d });
        let loss = self.slopes(self.tiles.tile(a, b), rows, columns, &mut cells);
        let scale = 1.0 / self.params.shard.min(n.max(m)) as f32;
        let (mut dw, mut dc) = (vec![0.0; n * d], vec![0.0; m * d]);
        gemm_nt(GemmNt { a: &cells, b: &flip(c.rows, m, d), c: &mut dw, m: n, n: d, k: m });
        gemm_nt(GemmNt { a: &flip(&cells, n, m), b: &flip(w.rows, n, d), c: &mut dc, m, n: d, k: n });
        adagrad(w.rows, w.squares, &dw, scale, self.params.lr);
        adagrad(c.rows, c.squares, &dc, scale, self.params.lr);
        loss
    }

    /// Replaces products by the slopes of the loss; the loss of the pairs that were seen, and (on every 16th row) of the others.
    fn slopes(&self, pairs: &[Pair], rows: &[f32], columns: &[f32], cells: &mut [f32]) -> f64 {
        let m = columns.len();
        let mut seen = Vec::with_capacity(pairs.len());
        let (mut loss, mut zero_loss) = (0.0, 0.0);
        for p in pairs {
            let (i, j) = (p.row as usize, p.column as usize);
            let diff = cells[i * m + j] - (rows[i] + columns[j] + p.count.ln());
            let weight = self.params.weight(p.count);
            loss += f64::from(0.5 * weight * diff * diff);
            seen.push(weight * diff);
        }
        if !self.params.zeros {
            cells.fill(0.0);
        }
        for (i, row) in cells.chunks_exact_mut(m.max(1)).enumerate().filter(|_| self.params.zeros) {
            if i % 16 == 0 {
                zero_loss += row.iter().zip(columns).map(|(p, c)| softplus(p - rows[i] - c)).sum::<f64>();
            }
            hinge_slopes(row, rows[i], columns);
        }
        pairs.iter().zip(seen).for_each(|(p, s)| cells[p.row as usize * m + p.column as usize] = s);
        // The sample of zeros holds a few pairs that were seen: a matrix is mostly zeros.
        loss + zero_loss * rows.len() as f64 / rows.len().div_ceil(16).max(1) as f64
    }
}

/// Rows become columns, in blocks that stay in the cache.
fn flip(x: &[f32], rows: usize, cols: usize) -> Vec<f32> {
    const SIDE: usize = 32;
    let mut out = vec![0.0; x.len()];
    for i0 in (0..rows).step_by(SIDE) {
        for j0 in (0..cols).step_by(SIDE) {
            for i in i0..rows.min(i0 + SIDE) {
                for j in j0..cols.min(j0 + SIDE) {
                    out[j * rows + i] = x[i * cols + j];
                }
            }
        }
    }
    out
}

fn adagrad(rows: &mut [f32], squares: &mut [f32], slopes: &[f32], scale: f32, lr: f32) {
    for ((v, s), g) in rows.iter_mut().zip(squares).zip(slopes) {
        let g = g * scale;
        *s += g * g;
        *v -= lr * g / s.sqrt();
    }
}
