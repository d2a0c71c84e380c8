//! CCD++: component after component, rows and columns in turn.

use rand::RngExt;
use vectory_core::sparse::{Csr, CsrRef};
use vectory_core::{Context, Vectors, rng, simd};

use super::PuParams;
use super::cells::Cells;
use crate::words::{WordVectors, WordsError};

/// Factors `values` (of the pattern of `counts`; PPMI, zeros included) into words and contexts. The losses are Σ over all cells, divided
/// by their number, the penalty left out.
///
/// # Errors
/// [`WordsError`]: parameters out of range, no pairs, diverged, interrupted.
pub fn pu(counts: CsrRef<'_>, values: &[f32], params: &PuParams, ctx: &Context) -> Result<WordVectors, WordsError> {
    params.check()?;
    if counts.entries() == 0 {
        return Err(WordsError::NoPairs);
    }
    assert_eq!(values.len(), counts.entries(), "a value a count");
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
    let mut model = Model::new(counts.rows(), counts.cols, params, ctx);
    let mut cells = (by_row, by_column);
    model.predict_all(&mut cells, ctx);
    let mut losses = Vec::new();
    ctx.progress().begin("pu", Some((params.sweeps * model.w.len()) as u64), "components");
    for sweep in 0..params.sweeps {
        for t in 0..model.w.len() {
            ctx.check()?;
            model.component(t, &mut cells, params, ctx);
            ctx.progress().advance(1);
        }
        let all = (counts.rows() * counts.cols) as f64;
        let loss = (cells.0.seen_loss(squares) + f64::from(params.rho) * model.all_squares()) / all;
        if !loss.is_finite() {
            return Err(WordsError::Diverged { epoch: sweep + 1 });
        }
        losses.push(loss);
        ctx.progress().note(&format!("loss {loss:.6}"));
    }
    ctx.progress().end();
    let gather = |columns: &[Vec<f32>], skip: usize| {
        let mut out = Vectors::zeros(columns[0].len(), params.dim);
        for (t, column) in columns[skip..].iter().take(params.dim).enumerate() {
            column.iter().enumerate().for_each(|(i, v)| out.row_mut(i)[t] = *v);
        }
        out
    };
    let skip = model.fixed;
    Ok(WordVectors { words: gather(&model.w, skip), contexts: Some(gather(&model.h, skip)), losses })
}

/// Components first to last: with biases, (b, 1) and (1, c) come before the others.
struct Model {
    w: Vec<Vec<f32>>,
    h: Vec<Vec<f32>>,
    fixed: usize,
}

impl Model {
    fn new(rows: usize, columns: usize, params: &PuParams, ctx: &Context) -> Self {
        let fixed = if params.biases { 2 } else { 0 };
        let (mut r, half) = (rng::stream(ctx.seed, "pu"), 0.5 / (params.dim as f32).sqrt());
        let mut random = |n: usize| -> Vec<f32> { (0..n).map(|_| r.random_range(-half..half)).collect() };
        let (mut w, mut h) = (Vec::new(), Vec::new());
        if params.biases {
            (w, h) = (vec![vec![0.0; rows], vec![1.0; rows]], vec![vec![1.0; columns], vec![0.0; columns]]);
        }
        for _ in 0..params.dim {
            w.push(random(rows));
            h.push(random(columns));
        }
        Self { w, h, fixed }
    }

    fn predict_all(&self, (by_row, by_column): &mut (Cells, Cells), ctx: &Context) {
        for (w, h) in self.w.iter().zip(&self.h) {
            by_row.add(w, h, 1.0, ctx);
            by_column.add(h, w, 1.0, ctx);
        }
    }

    /// Improves component `t`.
    fn component(&mut self, t: usize, (by_row, by_column): &mut (Cells, Cells), params: &PuParams, ctx: &Context) {
        by_row.add(&self.w[t], &self.h[t], -1.0, ctx);
        by_column.add(&self.h[t], &self.w[t], -1.0, ctx);
        for _ in 0..params.inner {
            // With biases, component 0 is (b, 1) and component 1 is (1, c): the ones stay.
            if self.fixed == 0 || t != 1 {
                let pull = pull(&self.w, &self.h, t);
                self.w[t] = by_row.solve(&self.h[t], &pull, simd::dot(&self.h[t], &self.h[t]), params, ctx);
            }
            if self.fixed == 0 || t != 0 {
                let pull = pull(&self.h, &self.w, t);
                self.h[t] = by_column.solve(&self.w[t], &pull, simd::dot(&self.w[t], &self.w[t]), params, ctx);
            }
        }
        by_row.add(&self.w[t], &self.h[t], 1.0, ctx);
        by_column.add(&self.h[t], &self.w[t], 1.0, ctx);
    }

    /// Σ p² over all cells, by Gram matrices.
    fn all_squares(&self) -> f64 {
        let mut sum = 0.0;
        for (w, h) in self.w.iter().zip(&self.h) {
            for (v, g) in self.w.iter().zip(&self.h) {
                sum += f64::from(simd::dot(w, v)) * f64::from(simd::dot(h, g));
            }
        }
        sum
    }
}

/// Σ_{s ≠ t} line_is (other_s · other_t) for every line i.
fn pull(lines: &[Vec<f32>], others: &[Vec<f32>], t: usize) -> Vec<f32> {
    let mut out = vec![0.0; lines[t].len()];
    for (s, (line, other)) in lines.iter().zip(others).enumerate() {
        if s != t {
            simd::axpy(simd::dot(other, &others[t]), line, &mut out);
        }
    }
    out
}
