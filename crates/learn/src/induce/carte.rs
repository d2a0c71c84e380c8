//! À la carte: the matrix A that maps a word's mean context to its vector, v ≈ A u, learned from the words that are known.
//!
//! The mean of contexts lies along a few common directions; A takes them out. Each word counts by the logarithm of its frequency, so that
//! rare ones do not decide.

use serde::{Deserialize, Serialize};
use vectory_core::linalg::{LinalgError, Ridge, ridge};
use vectory_core::{Context, Vectors};

/// How A is learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CarteParams {
    /// Weight of the squares of A, for each word that is learned from (0.001).
    pub lambda: f64,
    /// Words that occur less often are not learned from (20).
    pub min_count: u64,
}

impl Default for CarteParams {
    fn default() -> Self {
        Self { lambda: 1e-3, min_count: 20 }
    }
}

/// A fitted matrix.
#[derive(Clone, Debug)]
pub struct Carte {
    ridge: Ridge,
    /// Words that were learned from.
    pub words: usize,
}

impl Carte {
    /// Learns from rows and their mean contexts; `counts` are the words' frequencies, `hidden` words are left out.
    ///
    /// # Errors
    /// [`LinalgError`]: fewer words than dimensions, values that are not finite, interrupted.
    pub fn fit(
        rows: &Vectors,
        means: &Vectors,
        counts: &[u64],
        hidden: &dyn Fn(usize) -> bool,
        (params, ctx): (&CarteParams, &Context),
    ) -> Result<Self, LinalgError> {
        let usable =
            |i: &usize| counts[*i] >= params.min_count && !hidden(*i) && means.row(*i).iter().any(|v| *v != 0.0);
        let chosen: Vec<usize> = (0..rows.rows()).filter(usable).collect();
        if chosen.len() <= rows.dim() {
            return Err(LinalgError::TooFew { needed: rows.dim() + 1, rows: chosen.len() });
        }
        // Scaling both sides by the root of a weight weighs the squared error.
        let scaled = |from: &Vectors| {
            let mut out = Vectors::zeros(chosen.len(), from.dim());
            for (to, i) in chosen.iter().enumerate() {
                let weight = (counts[*i].max(1) as f32).ln().max(0.1).sqrt();
                out.row_mut(to).iter_mut().zip(from.row(*i)).for_each(|(o, v)| *o = weight * v);
            }
            out
        };
        let (x, y) = (scaled(means), scaled(rows));
        let ridge = ridge(x.view(), y.view(), params.lambda * chosen.len() as f64, false, ctx)?;
        Ok(Self { ridge, words: chosen.len() })
    }

    /// Vectors for mean contexts.
    #[must_use]
    pub fn apply(&self, means: &Vectors) -> Vectors {
        self.ridge.apply(means.view())
    }
}
