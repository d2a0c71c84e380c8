//! Rows become non-negative weights of a few vectors of a vocabulary.

use rayon::prelude::*;
use serde_json::json;
use vectory_core::artifact::ArtifactError;
use vectory_core::{Context, Vectors, VectorsRef, simd};
use vectory_linalg::{Mat, cholesky_solve};

use super::{Saved, one_row, same_dim};
use crate::{Parts, Transform, TransformError};

/// A vocabulary, and how many of its vectors may stand for a row.
#[derive(Clone, Debug)]
pub struct Sparse {
    /// Subtracted from rows before they are taken apart; the vocabulary is so already.
    pub shift: Vec<f32>,
    /// m × d, unit length.
    pub vocabulary: Vectors,
    /// Most vectors that stand for a row.
    pub terms: usize,
}

/// One part of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// Which vector of the vocabulary.
    pub id: usize,
    /// Its weight, above 0.
    pub weight: f64,
}

impl Sparse {
    pub(super) const KIND: &str = "sparse";

    pub(super) fn open(s: &Saved<'_>) -> Result<Self, ArtifactError> {
        let (shift, vocabulary) = (s.vector("shift")?, s.rows("vocabulary")?);
        s.shaped("shift", (1, shift.len()), (1, vocabulary.dim()))?;
        Ok(Self { shift, vocabulary, terms: s.number("terms")? })
    }

    /// The parts of one row, heaviest first, and the cosine of their sum with it. Non-negative orthogonal matching pursuit
    /// (Bruckstein, Elad and Zibulevsky 2008): the vector most like the rest is taken, then all weights are solved again and
    /// those below zero dropped. O(terms · m · d).
    ///
    /// # Errors
    /// [`TransformError::Dim`]; [`TransformError::Decomposition`] for values that are not finite.
    pub fn explain(&self, row: &[f32]) -> Result<(Vec<Term>, f64), TransformError> {
        if row.len() != self.shift.len() {
            return Err(TransformError::Dim { found: row.len(), expected: self.shift.len() });
        }
        let target: Vec<f32> = row.iter().zip(&self.shift).map(|(v, s)| v - s).collect();
        let mut rest = target.clone();
        let (mut chosen, mut weights): (Vec<usize>, Vec<f64>) = (Vec::new(), Vec::new());
        let mut scores = vec![0.0; self.vocabulary.rows()];
        for _ in 0..self.terms {
            simd::rows(simd::Op::Dot, &rest, self.vocabulary.as_slice(), &mut scores);
            chosen.iter().for_each(|c| scores[*c] = f32::NEG_INFINITY);
            let Some(next) = largest(&scores) else { break };
            // What is left is rounding, or points away from all of the vocabulary.
            if scores[next] <= 1e-6 * simd::norm(&target) {
                break;
            }
            chosen.push(next);
            weights = self.solve(&mut chosen, &target)?;
            rest.copy_from_slice(&target);
            chosen.iter().zip(&weights).for_each(|(c, w)| simd::axpy(-*w as f32, self.vocabulary.row(*c), &mut rest));
        }
        let mut terms: Vec<Term> =
            chosen.iter().zip(&weights).map(|(id, weight)| Term { id: *id, weight: *weight }).collect();
        terms.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.id.cmp(&b.id)));
        let sum: Vec<f32> = target.iter().zip(&rest).map(|(t, r)| t - r).collect();
        Ok((terms, f64::from(simd::cosine(&sum, &target))))
    }

    /// Least squares over the chosen vectors; those whose weight is not above 0 are dropped until none is.
    fn solve(&self, chosen: &mut Vec<usize>, target: &[f32]) -> Result<Vec<f64>, TransformError> {
        loop {
            let k = chosen.len();
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
            let gram = Mat::from_fn(k, k, |i, j| {
                dot(self.vocabulary.row(chosen[i]), self.vocabulary.row(chosen[j])) + if i == j { 1e-8 } else { 0.0 }
            });
            let right = Mat::from_fn(k, 1, |i, _| dot(self.vocabulary.row(chosen[i]), target));
            let weights = cholesky_solve(&gram, &right)?.data;
            let lowest = (0..k).min_by(|a, b| weights[*a].total_cmp(&weights[*b]));
            match lowest {
                Some(i) if weights[i] <= 0.0 => _ = chosen.remove(i),
                _ => return Ok(weights),
            }
        }
    }
}

fn largest(scores: &[f32]) -> Option<usize> {
    let better = |best: Option<usize>, (i, s): (usize, &f32)| match best {
        Some(b) if scores[b] >= *s => best,
        _ if s.is_finite() => Some(i),
        _ => best,
    };
    scores.iter().enumerate().fold(None, better)
}

impl Transform for Sparse {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    fn dim_in(&self) -> Option<usize> {
        Some(self.shift.len())
    }

    fn dim_out(&self, _: usize) -> usize {
        self.vocabulary.rows()
    }

    fn apply(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        same_dim(rows, self.shift.len())?;
        let explain = |i: usize| {
            ctx.check()?;
            self.explain(rows.row(i))
        };
        let all: Vec<(Vec<Term>, f64)> = ctx
            .pool()
            .install(|| (0..rows.rows()).into_par_iter().map(explain).collect::<Result<_, TransformError>>())?;
        let mut out = Vectors::zeros(rows.rows(), self.vocabulary.rows());
        for (i, (terms, _)) in all.iter().enumerate() {
            let row = out.row_mut(i);
            terms.iter().for_each(|t| row[t.id] = t.weight as f32);
        }
        Ok(out)
    }

    fn inverse(&self, rows: VectorsRef<'_>, _: &Context) -> Result<Vectors, TransformError> {
        same_dim(rows, self.vocabulary.rows())?;
        let mut out = Vectors::zeros(rows.rows(), self.shift.len());
        for (i, weights) in rows.iter().enumerate() {
            let row = out.row_mut(i);
            row.copy_from_slice(&self.shift);
            let used = weights.iter().enumerate().filter(|w| *w.1 != 0.0);
            used.for_each(|(id, w)| simd::axpy(*w, self.vocabulary.row(id), row));
        }
        Ok(out)
    }

    fn parts(&self) -> Parts {
        let tensors = vec![("shift", one_row(&self.shift)), ("vocabulary", self.vocabulary.clone())];
        Parts { params: json!({"terms": self.terms}), tensors }
    }
}
