//! Form alone: a vector a character n-gram, so that a word's vector is about the mean of its n-grams' (by AdaGrad on the squared error).
//!
//! Knows what a word looks like and nothing of how it is used: right for inflections and compounds, misleading for the rest.

use serde::{Deserialize, Serialize};
use vectory_core::{Cancelled, Context, Vectors, simd};
use vectory_text::subwords::Subwords;

/// How n-grams are learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FormParams {
    /// The shortest n-grams (3).
    pub min_n: usize,
    /// The longest n-grams (5).
    pub max_n: usize,
    /// Rows that n-grams are hashed to (50,000).
    pub buckets: usize,
    /// Passes over the words (10).
    pub epochs: usize,
    /// AdaGrad's rate (0.2).
    pub lr: f32,
}

impl Default for FormParams {
    fn default() -> Self {
        Self { min_n: 3, max_n: 5, buckets: 50_000, epochs: 10, lr: 0.2 }
    }
}

/// Learned n-grams.
#[derive(Clone, Debug)]
pub struct FormModel {
    grams: Subwords,
    rows: Vectors,
    /// Whether a bucket was ever learned.
    seen: Vec<bool>,
}

impl FormModel {
    /// Learns from words and their vectors, one pass after the other in the order given.
    ///
    /// # Errors
    /// When interrupted.
    pub fn fit<'a>(
        words: impl Iterator<Item = (&'a str, &'a [f32])> + Clone,
        dim: usize,
        params: &FormParams,
        ctx: &Context,
    ) -> Result<Self, Cancelled> {
        let grams = Subwords { min_n: params.min_n, max_n: params.max_n, buckets: params.buckets };
        let mut rows = Vectors::zeros(params.buckets, dim);
        let (mut squares, mut seen) = (vec![1e-3f32; params.buckets], vec![false; params.buckets]);
        let (mut parts, mut error) = (Vec::new(), vec![0.0; dim]);
        for _ in 0..params.epochs {
            ctx.check()?;
            for (word, vector) in words.clone() {
                parts.clear();
                grams.each(word, |b| parts.push(b as usize));
                if parts.is_empty() {
                    continue;
                }
                let share = 1.0 / parts.len() as f32;
                error.copy_from_slice(vector);
                parts.iter().for_each(|b| simd::axpy(-share, rows.row(*b), &mut error));
                let square = simd::dot(&error, &error) / dim as f32;
                for b in &parts {
                    seen[*b] = true;
                    squares[*b] += square;
                    simd::axpy(params.lr / squares[*b].sqrt(), &error, rows.row_mut(*b));
                }
            }
        }
        Ok(Self { grams, rows, seen })
    }

    /// The mean of the n-grams that were learned; `None` where there is none.
    #[must_use]
    pub fn vector(&self, word: &str) -> Option<Vec<f32>> {
        let (mut out, mut n) = (vec![0.0; self.rows.dim()], 0);
        self.grams.each(word, |b| {
            if self.seen[b as usize] {
                simd::axpy(1.0, self.rows.row(b as usize), &mut out);
                n += 1;
            }
        });
        (n > 0).then(|| {
            out.iter_mut().for_each(|v| *v /= n as f32);
            out
        })
    }
}
