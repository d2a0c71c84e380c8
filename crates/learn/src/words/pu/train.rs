//! CCD++: component after component, rows and columns in turn.

use rand::RngExt;
use vectory_core::sparse::{Csr, CsrRef};
use vectory_core::{Context, Vectors, rng, simd};

use super::PuParams;
use super::cells::Cells;
use crate::checkpoint::Checkpoint;
use crate::words::passes::{self, Passes, Plan};
use crate::words::{WordVectors, WordsError};

/// Factors `values` (of the pattern of `counts`; PPMI, zeros included) into words and contexts. The losses are Σ over all cells, divided
/// by their number, the penalty left out. `checkpoint` says where to write what has been reached, and whether to go on from it.
///
/// # Errors
/// [`WordsError`]: parameters out of range, no pairs, diverged, interrupted, a checkpoint of another training.
pub fn pu(
    counts: CsrRef<'_>,
    values: &[f32],
    params: &PuParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<WordVectors, WordsError> {
    params.check()?;
    if counts.entries() == 0 {
        return Err(WordsError::NoPairs);
    }
    assert_eq!(values.len(), counts.entries(), "a value a count");
    let mut job = Job::new(counts, values, params, ctx);
    let more = bytemuck::cast_slice(values);
    let (name, unit, passes) = ("pu", "components", params.sweeps);
    let losses = passes::run(&mut job, &Plan { name, unit, passes, params, counts, more, checkpoint }, ctx)?;
    let model = job.model;
    let gather = |columns: &Vectors| {
        let mut out = Vectors::zeros(columns.dim(), params.dim);
        for (t, column) in columns.iter().skip(model.fixed).enumerate() {
            column.iter().enumerate().for_each(|(i, v)| out.row_mut(i)[t] = *v);
        }
        out
    };
    Ok(WordVectors { words: gather(&model.w), contexts: Some(gather(&model.h)), losses })
}

struct Job<'a> {
    params: &'a PuParams,
    ctx: &'a Context,
    model: Model,
    /// By row and by column.
    cells: (Cells, Cells),
    /// Σ C A².
    squares: f64,
    /// How many cells the matrix has.
    all: f64,
}

impl<'a> Job<'a> {
    fn new(counts: CsrRef<'_>, values: &[f32], params: &'a PuParams, ctx: &'a Context) -> Self {
        let by_row = Cells::new(counts, values, params);
        let turned = counts.transposed();
        let pattern = Csr {
            values: values.to_vec(),
            offsets: counts.offsets.to_vec(),
            columns: counts.columns.to_vec(),
            cols: counts.cols,
        };
        let by_column = Cells::new(turned.view(), &pattern.view().transposed().values, params);
        let squares = counts.values.iter().zip(values).map(|(x, a)| f64::from(params.weight(*x) * a * a)).sum();
        let (model, mut cells) = (Model::new(counts.rows(), counts.cols, params, ctx), (by_row, by_column));
        model.predict_all(&mut cells, ctx);
        Self { params, ctx, model, cells, squares, all: (counts.rows() * counts.cols) as f64 }
    }
}

impl Passes for Job<'_> {
    fn order(&self, _: usize) -> Vec<usize> {
        (0..self.model.w.rows()).collect()
    }

    fn step(&mut self, item: usize) -> f64 {
        self.model.component(item, &mut self.cells, self.params, self.ctx);
        0.0
    }

    fn finish(&mut self, _: usize, _: f64) -> f64 {
        (self.cells.0.seen_loss(self.squares) + f64::from(self.params.rho) * self.model.all_squares()) / self.all
    }

    /// Predictions too: they are sums in the order of the steps, which another order would round otherwise.
    fn tables(&mut self) -> Vec<(&'static str, &mut [f32])> {
        vec![
            ("words", self.model.w.as_mut_slice()),
            ("contexts", self.model.h.as_mut_slice()),
            ("predictions.by_row", &mut self.cells.0.prediction),
            ("predictions.by_column", &mut self.cells.1.prediction),
        ]
    }
}

/// A row a component, first to last: with biases, (b, 1) and (1, c) come before the others.
struct Model {
    w: Vectors,
    h: Vectors,
    fixed: usize,
}

impl Model {
    fn new(rows: usize, columns: usize, params: &PuParams, ctx: &Context) -> Self {
        let fixed = if params.biases { 2 } else { 0 };
        let (mut r, half) = (rng::stream(ctx.seed, "pu"), 0.5 / (params.dim as f32).sqrt());
        let (mut w, mut h) = (Vectors::zeros(fixed + params.dim, rows), Vectors::zeros(fixed + params.dim, columns));
        if params.biases {
            w.row_mut(1).fill(1.0);
            h.row_mut(0).fill(1.0);
        }
        for t in fixed..fixed + params.dim {
            w.row_mut(t).iter_mut().chain(h.row_mut(t)).for_each(|v| *v = r.random_range(-half..half));
        }
        Self { w, h, fixed }
    }

    fn predict_all(&self, (by_row, by_column): &mut (Cells, Cells), ctx: &Context) {
        for (w, h) in self.w.iter().zip(self.h.iter()) {
            by_row.add(w, h, 1.0, ctx);
            by_column.add(h, w, 1.0, ctx);
        }
    }

    /// Improves component `t`.
    fn component(&mut self, t: usize, (by_row, by_column): &mut (Cells, Cells), params: &PuParams, ctx: &Context) {
        by_row.add(self.w.row(t), self.h.row(t), -1.0, ctx);
        by_column.add(self.h.row(t), self.w.row(t), -1.0, ctx);
        for _ in 0..params.inner {
            // With biases, component 0 is (b, 1) and component 1 is (1, c): the ones stay.
            if self.fixed == 0 || t != 1 {
                improve(&mut self.w, &self.h, t, by_row, (params, ctx));
            }
            if self.fixed == 0 || t != 0 {
                improve(&mut self.h, &self.w, t, by_column, (params, ctx));
            }
        }
        by_row.add(self.w.row(t), self.h.row(t), 1.0, ctx);
        by_column.add(self.h.row(t), self.w.row(t), 1.0, ctx);
    }

    /// Σ p² over all cells, by Gram matrices.
    fn all_squares(&self) -> f64 {
        let mut sum = 0.0;
        for (w, h) in self.w.iter().zip(self.h.iter()) {
            for (v, g) in self.w.iter().zip(self.h.iter()) {
                sum += f64::from(simd::dot(w, v)) * f64::from(simd::dot(h, g));
            }
        }
        sum
    }
}

/// The best component `t` of one side, the other held.
fn improve(mine: &mut Vectors, other: &Vectors, t: usize, cells: &Cells, (params, ctx): (&PuParams, &Context)) {
    let (pull, line) = (pull(mine, other, t), other.row(t));
    let best = cells.solve(line, &pull, simd::dot(line, line), params, ctx);
    mine.row_mut(t).copy_from_slice(&best);
}

/// Σ_{s ≠ t} line_is (other_s · other_t) for every line i.
fn pull(lines: &Vectors, others: &Vectors, t: usize) -> Vec<f32> {
    let mut out = vec![0.0; lines.dim()];
    for (s, (line, other)) in lines.iter().zip(others.iter()).enumerate() {
        if s != t {
            simd::axpy(simd::dot(other, others.row(t)), line, &mut out);
        }
    }
    out
}
