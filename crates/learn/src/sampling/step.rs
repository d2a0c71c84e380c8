//! One step of inputs against outputs.

use std::sync::OnceLock;

use vectory_core::simd::{self, Pairs};
use vectory_transform::net::softmax;

/// Beyond it the logistic function is 0 or 1 to three digits (fastText's limit; word2vec's is 6).
const LIMIT: f32 = 8.0;
const CELLS: usize = 4096;

/// 1 / (1 + e⁻ˣ), from a table of 4096 cells over ±8: off by at most 0.0005.
#[must_use]
#[inline]
pub fn sigmoid(x: f32) -> f32 {
    static TABLE: OnceLock<Vec<f32>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let at = |i: usize| (i as f64 + 0.5) * f64::from(2.0 * LIMIT) / CELLS as f64 - f64::from(LIMIT);
        (0..CELLS).map(|i| (1.0 / (1.0 + (-at(i)).exp())) as f32).collect()
    });
    // NaN becomes 0, as casts do.
    let cell = ((x + LIMIT) * (CELLS as f32 / (2.0 * LIMIT))) as usize;
    table[cell.min(CELLS - 1)]
}

/// ln(1 / (1 + e⁻ˣ)) without overflow.
#[must_use]
pub fn log_sigmoid(x: f32) -> f32 {
    if x > 0.0 { -(-x).exp().ln_1p() } else { x - x.exp().ln_1p() }
}

/// The scratch of steps, and the loss of some of them.
#[derive(Default)]
pub struct Step {
    e: Vec<f32>,
    /// Inputs of a single row.
    pub hidden: Vec<f32>,
    steps: u64,
    /// The summed loss of the steps that were looked at.
    pub loss: f64,
    /// How many inputs that was.
    pub seen: u64,
}

/// Of so many steps the loss of one is added up: logarithms cost more than the step.
const LOOK: u64 = 16;

impl Step {
    /// Before a piece: forgets the loss.
    pub fn begin(&mut self) {
        (self.steps, self.loss, self.seen) = (0, 0.0, 0);
    }

    /// A step of all of `a`'s rows at `a_ids` against all of `b`'s at `b_ids` under labels for the rows of `b`.
    #[inline]
    pub fn take(&mut self, rate: f32, a: (&mut [f32], &[u32]), b: (&mut [f32], &[u32]), labels: &[f32], dim: usize) {
        let (n, m) = (labels.len(), a.1.len());
        self.e.resize(n * m, 0.0);
        if n * m == 0 {
            return;
        }
        simd::products(Pairs { a: a.0, a_ids: a.1, b: b.0, b_ids: b.1, e: &mut self.e, dim });
        if self.steps.is_multiple_of(LOOK) {
            let sign = |(s, label): (&f32, &f32)| if *label > 0.5 { *s } else { -*s };
            self.loss -= self
                .e
                .chunks_exact(n)
                .flat_map(|row| row.iter().zip(labels))
                .map(|p| f64::from(log_sigmoid(sign(p))))
                .sum::<f64>();
            self.seen += m as u64;
        }
        self.steps += 1;
        for row in self.e.chunks_exact_mut(n) {
            row.iter_mut().zip(labels).for_each(|(s, label)| *s = rate * (label - sigmoid(*s)));
        }
        simd::exchange(Pairs { a: a.0, a_ids: a.1, b: b.0, b_ids: b.1, e: &mut self.e, dim });
    }

    /// A step of the row in [`Step::hidden`]; gives how the row changes, which the caller hands on to what it was made of.
    #[inline]
    pub fn take_hidden(&mut self, rate: f32, b: (&mut [f32], &[u32]), labels: &[f32], change: &mut Vec<f32>) {
        let mut hidden = std::mem::take(&mut self.hidden);
        change.clear();
        change.extend_from_slice(&hidden);
        let dim = hidden.len();
        self.take(rate, (&mut hidden, &[0]), b, labels, dim);
        change.iter_mut().zip(&hidden).for_each(|(c, h)| *c = h - *c);
        self.hidden = hidden;
    }

    /// A step of the row in [`Step::hidden`] alone: `b` stays as it is. For inference.
    pub fn take_frozen(&mut self, rate: f32, b: (&mut [f32], &[u32]), labels: &[f32]) {
        let dim = self.hidden.len();
        self.e.resize(labels.len(), 0.0);
        simd::products(Pairs { a: &mut self.hidden, a_ids: &[0], b: b.0, b_ids: b.1, e: &mut self.e, dim });
        for ((s, label), place) in self.e.iter().zip(labels).zip(b.1) {
            let row = &b.0[*place as usize * dim..][..dim];
            simd::axpy(rate * (label - sigmoid(*s)), row, &mut self.hidden);
        }
    }

    /// A step of the row in [`Step::hidden`] against all of `b` under softmax, `wanted` being the right one; gives how the row
    /// changes.
    pub fn take_softmax(&mut self, rate: f32, b: (&mut [f32], &[u32]), wanted: usize, change: &mut Vec<f32>) {
        let dim = self.hidden.len();
        self.e.resize(b.1.len(), 0.0);
        simd::products(Pairs { a: &mut self.hidden, a_ids: &[0], b: b.0, b_ids: b.1, e: &mut self.e, dim });
        softmax(&mut self.e);
        self.loss -= f64::from(self.e[wanted].max(1e-30)).ln();
        self.seen += 1;
        self.e.iter_mut().enumerate().for_each(|(j, p)| *p = rate * (f32::from(u8::from(j == wanted)) - *p));
        change.clear();
        change.extend_from_slice(&self.hidden);
        simd::exchange(Pairs { a: &mut self.hidden, a_ids: &[0], b: b.0, b_ids: b.1, e: &mut self.e, dim });
        change.iter_mut().zip(&self.hidden).for_each(|(c, h)| *c = h - *c);
    }
}
