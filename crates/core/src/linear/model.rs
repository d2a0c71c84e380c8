//! A fitted linear classifier.

use vectory_linalg::Mat;

use crate::linalg::LinalgError;
use crate::{Context, VectorsRef};

/// Scores are `x · weightsᵀ + intercept`: one score for two classes (class 1 where it is above 0), else one a class.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearClassifier {
    /// 1 × d for two classes, else classes × d.
    pub weights: Mat,
    /// As many as `weights` has rows.
    pub intercept: Vec<f64>,
    /// How many classes.
    pub classes: usize,
    /// Whether the fit came to rest within its steps.
    pub converged: bool,
}

impl LinearClassifier {
    /// Scores of each row: rows × (1 or classes). O(n d k).
    ///
    /// # Errors
    /// [`LinalgError::Dim`] for rows of another dimension, [`LinalgError::Cancelled`].
    pub fn scores(&self, x: VectorsRef<'_>, ctx: &Context) -> Result<Mat, LinalgError> {
        use rayon::prelude::*;
        if x.dim() != self.weights.cols {
            return Err(LinalgError::Dim { found: x.dim(), expected: self.weights.cols });
        }
        ctx.check()?;
        let k = self.weights.rows;
        let mut out = Mat::zeros(x.rows(), k);
        let one = |(i, scores): (usize, &mut [f64])| {
            for (c, s) in scores.iter_mut().enumerate() {
                let dot: f64 = x.row(i).iter().zip(self.weights.row(c)).map(|(v, w)| f64::from(*v) * w).sum();
                *s = dot + self.intercept[c];
            }
        };
        ctx.pool().install(|| out.data.par_chunks_exact_mut(k).enumerate().for_each(one));
        Ok(out)
    }

    /// The class of each row.
    ///
    /// # Errors
    /// As [`LinearClassifier::scores`].
    pub fn predict(&self, x: VectorsRef<'_>, ctx: &Context) -> Result<Vec<u32>, LinalgError> {
        let scores = self.scores(x, ctx)?;
        let class = |row: &[f64]| match row {
            [s] => u32::from(*s > 0.0),
            _ => row.iter().enumerate().fold(0, |best, (c, s)| if *s > row[best] { c } else { best }) as u32,
        };
        Ok((0..x.rows()).map(|i| class(scores.row(i))).collect())
    }

    /// Probabilities of the classes: rows × classes. Meaningful for logistic regression.
    ///
    /// # Errors
    /// As [`LinearClassifier::scores`].
    pub fn probabilities(&self, x: VectorsRef<'_>, ctx: &Context) -> Result<Mat, LinalgError> {
        let mut scores = self.scores(x, ctx)?;
        if self.weights.rows == 1 {
            let p = |s: f64| 1.0 / (1.0 + (-s).exp());
            return Ok(Mat::from_fn(x.rows(), 2, |i, c| {
                let p = p(scores.at(i, 0));
                if c == 1 { p } else { 1.0 - p }
            }));
        }
        (0..x.rows()).for_each(|i| _ = softmax(scores.row_mut(i)));
        Ok(scores)
    }

    /// Share of rows whose class is right.
    ///
    /// # Errors
    /// As [`LinearClassifier::scores`]; [`LinalgError::Pairs`] for another number of labels, [`LinalgError::TooFew`] for none.
    pub fn accuracy(&self, x: VectorsRef<'_>, labels: &[u32], ctx: &Context) -> Result<f64, LinalgError> {
        if x.rows() != labels.len() {
            return Err(LinalgError::Pairs { x: x.rows(), y: labels.len() });
        }
        if labels.is_empty() {
            return Err(LinalgError::TooFew { needed: 1, rows: 0 });
        }
        let predicted = self.predict(x, ctx)?;
        Ok(predicted.iter().zip(labels).filter(|(a, b)| a == b).count() as f64 / labels.len() as f64)
    }
}

/// Scores become probabilities; gives the logarithm of the sum of their exponentials.
pub(super) fn softmax(scores: &mut [f64]) -> f64 {
    let top = scores.iter().fold(f64::NEG_INFINITY, |m, s| m.max(*s));
    let sum: f64 = scores.iter().map(|s| (s - top).exp()).sum();
    scores.iter_mut().for_each(|s| *s = (*s - top).exp() / sum);
    top + sum.ln()
}
