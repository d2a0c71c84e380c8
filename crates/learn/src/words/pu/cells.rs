//! The cells that were seen, by row or by column, with what the model says of each.

use rayon::prelude::*;
use vectory_core::Context;
use vectory_core::sparse::CsrRef;

use super::PuParams;

/// One side: for each of its lines, the other index, weight, target and prediction of each cell.
pub(super) struct Cells {
    offsets: Vec<usize>,
    other: Vec<u32>,
    /// C − rho.
    extra: Vec<f32>,
    /// C · A.
    target: Vec<f32>,
    pub prediction: Vec<f32>,
}

impl Cells {
    /// From counts and the values to be fitted, both in rows of the same pattern.
    pub fn new(counts: CsrRef<'_>, values: &[f32], params: &PuParams) -> Self {
        let weights: Vec<f32> = counts.values.iter().map(|x| params.weight(*x)).collect();
        Self {
            offsets: counts.offsets.iter().map(|o| *o as usize).collect(),
            other: counts.columns.to_vec(),
            extra: weights.iter().map(|c| c - params.rho).collect(),
            target: weights.iter().zip(values).map(|(c, a)| c * a).collect(),
            prediction: vec![0.0; values.len()],
        }
    }

    /// Adds `sign · line · other` to every prediction.
    pub fn add(&mut self, line: &[f32], other: &[f32], sign: f32, ctx: &Context) {
        let (offsets, ids) = (&self.offsets, &self.other);
        let mut rest = self.prediction.as_mut_slice();
        let mut parts = Vec::with_capacity(line.len());
        for i in 0..line.len() {
            let (head, tail) = rest.split_at_mut(offsets[i + 1] - offsets[i]);
            parts.push(head);
            rest = tail;
        }
        ctx.pool().install(|| {
            parts.par_iter_mut().with_min_len(64).enumerate().for_each(|(i, p)| {
                let scale = sign * line[i];
                p.iter_mut().zip(&ids[offsets[i]..offsets[i + 1]]).for_each(|(p, j)| *p += scale * other[*j as usize]);
            });
        });
    }

    /// The best values of one component, all else held: `grams[i]` is Σ_s w_is (H_s · H_t) without the component itself, over all
    /// columns (the zeros' pull), `square` is |H_t|².
    pub fn solve(&self, other: &[f32], grams: &[f32], square: f32, params: &PuParams, ctx: &Context) -> Vec<f32> {
        let one = |i: usize| {
            let (mut up, mut down) = (0.0f64, 0.0f64);
            for at in self.offsets[i]..self.offsets[i + 1] {
                let h = other[self.other[at] as usize];
                up += f64::from((self.target[at] - self.extra[at] * self.prediction[at]) * h);
                down += f64::from(self.extra[at] * h * h);
            }
            up -= f64::from(params.rho * grams[i]);
            down += f64::from(params.lambda + params.rho * square);
            if down > 1e-12 { (up / down) as f32 } else { 0.0 }
        };
        ctx.pool().install(|| (0..self.offsets.len() - 1).into_par_iter().with_min_len(64).map(one).collect())
    }

    /// Σ C (A − p)² − rho p² over the cells, given Σ C A² (the caller adds rho Σ p² over all cells).
    pub fn seen_loss(&self, squares: f64) -> f64 {
        let cell = |at: usize| {
            let p = f64::from(self.prediction[at]);
            f64::from(self.extra[at]) * p * p - 2.0 * f64::from(self.target[at]) * p
        };
        squares + (0..self.prediction.len()).map(cell).sum::<f64>()
    }
}
