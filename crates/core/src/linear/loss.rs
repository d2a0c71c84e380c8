//! The mean log-loss of a linear model and its gradient, over blocks of rows in f64.

use rayon::prelude::*;
use vectory_linalg::{Mat, matmul, matmul_tn, transpose};

use crate::linalg::LinalgError;
use crate::{Context, VectorsRef};

/// Rows that are multiplied at a time.
const BLOCK: usize = 256;
/// Most partial sums: must not depend on the threads.
const PARTS: usize = 16;

/// Rows, labels, and how a row is seen.
pub(super) struct Loss<'a> {
    pub x: VectorsRef<'a>,
    pub labels: &'a [u32],
    /// Score columns: 1 for two classes, else one a class.
    pub outputs: usize,
    /// Subtracted from, then multiplied onto each dimension.
    pub shift: Vec<f64>,
    pub scale: Vec<f64>,
    /// 1 / (c n).
    pub penalty: f64,
    pub intercept: bool,
}

/// Sum of losses, gradient of the weights (outputs × d) and of the intercepts.
struct Sum {
    loss: f64,
    weights: Mat,
    intercept: Vec<f64>,
}

impl Loss<'_> {
    /// Weights (outputs × d), then one intercept an output.
    pub fn parameters(&self) -> usize {
        self.outputs * (self.x.dim() + 1)
    }

    /// The value at `p`; fills the gradient.
    pub fn value(&self, p: &[f64], gradient: &mut [f64], ctx: &Context) -> Result<f64, LinalgError> {
        ctx.check()?;
        let (d, k) = (self.x.dim(), self.outputs);
        let weights = Mat::new(k, d, p[..k * d].to_vec())?;
        let columns = transpose(&weights);
        let rows = self.x.rows();
        let step = rows.div_ceil(PARTS).next_multiple_of(BLOCK);
        let starts: Vec<usize> = (0..rows).step_by(step).collect();
        let part = |from: &usize| self.part(*from, rows.min(from + step), &columns, &p[k * d..]);
        let sums: Vec<Sum> = ctx.pool().install(|| starts.par_iter().map(part).collect::<Result<_, _>>())?;
        let n = rows as f64;
        gradient.iter_mut().zip(p).take(k * d).for_each(|(g, w)| *g = self.penalty * w);
        gradient[k * d..].fill(0.0);
        let mut value = 0.5 * self.penalty * weights.data.iter().map(|w| w * w).sum::<f64>();
        for sum in sums {
            value += sum.loss / n;
            gradient[..k * d].iter_mut().zip(&sum.weights.data).for_each(|(g, s)| *g += s / n);
            if self.intercept {
                gradient[k * d..].iter_mut().zip(&sum.intercept).for_each(|(g, s)| *g += s / n);
            }
        }
        Ok(value)
    }

    fn part(&self, from: usize, to: usize, columns: &Mat, intercept: &[f64]) -> Result<Sum, LinalgError> {
        let mut sum =
            Sum { loss: 0.0, weights: Mat::zeros(self.outputs, self.x.dim()), intercept: vec![0.0; self.outputs] };
        for start in (from..to).step_by(BLOCK) {
            let block = self.block(start, BLOCK.min(to - start));
            let mut scores = matmul(&block, columns)?;
            for i in 0..block.rows {
                let row = scores.row_mut(i);
                row.iter_mut().zip(intercept).for_each(|(s, b)| *s += b);
                sum.loss += residual(row, self.labels[start + i] as usize);
                sum.intercept.iter_mut().zip(&*row).for_each(|(s, r)| *s += r);
            }
            let add = matmul_tn(&scores, &block)?;
            sum.weights.data.iter_mut().zip(&add.data).for_each(|(s, a)| *s += a);
        }
        Ok(sum)
    }

    fn block(&self, start: usize, rows: usize) -> Mat {
        let mut block = Mat::zeros(rows, self.x.dim());
        for i in 0..rows {
            let terms = self.shift.iter().zip(&self.scale);
            for ((o, v), (shift, scale)) in block.row_mut(i).iter_mut().zip(self.x.row(start + i)).zip(terms) {
                *o = (f64::from(*v) - shift) * scale;
            }
        }
        block
    }
}

/// Turns scores into probability minus truth, and gives the loss.
fn residual(scores: &mut [f64], label: usize) -> f64 {
    if let [s] = scores {
        let truth = label as f64;
        let loss = if *s > 0.0 { *s + (-*s).exp().ln_1p() } else { s.exp().ln_1p() } - truth * *s;
        *s = 1.0 / (1.0 + (-*s).exp()) - truth;
        return loss;
    }
    let own = scores[label];
    let top = super::model::softmax(scores);
    scores[label] -= 1.0;
    top - own
}
