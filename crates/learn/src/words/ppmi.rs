//! Positive pointwise mutual information, and its singular vectors: the baseline that every learner of words must beat.
//!
//! PMI = ln (x · total^α / (row sum · column sum^α)) with smoothed contexts (α 0.75), shifted by ln k, negative values left out. Vectors are
//! U · S^p of the truncated decomposition. Use it on small corpora: one pass, no rates to choose, exact but for the projection.
//!
//! Cost: O(pairs · d) for a dozen products. Source: Levy, Goldberg and Dagan, *Improving Distributional Similarity with Lessons
//! Learned from Word Embeddings*, 2015; Church and Hanks, 1990.

use serde::{Deserialize, Serialize};
use vectory_core::Context;
use vectory_core::linalg::{SparseSvdParams, sparse_svd};
use vectory_core::sparse::{Csr, CsrRef};

use super::{WordVectors, WordsError};

/// How counts become vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PpmiParams {
    /// Values of a vector (1 to the words; 100).
    pub dim: usize,
    /// The power of the contexts' shares (0.75).
    pub smoothing: f64,
    /// k of the shift by ln k: as many negative samples (1: no shift).
    pub negative: f64,
    /// The power of the singular values (0.5; 0 weighs all directions alike).
    pub power: f64,
    /// Power iterations of the decomposition (3).
    pub iterations: usize,
}

impl Default for PpmiParams {
    fn default() -> Self {
        Self { dim: 100, smoothing: 0.75, negative: 1.0, power: 0.5, iterations: 3 }
    }
}

impl PpmiParams {
    /// # Errors
    /// [`WordsError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), WordsError> {
        if self.dim == 0 {
            return Err(WordsError::param("dim", self.dim, "at least 1"));
        }
        if !(self.smoothing > 0.0 && self.smoothing <= 1.0) {
            return Err(WordsError::param("smoothing", self.smoothing, "above 0, at most 1"));
        }
        if !(self.negative >= 1.0 && self.negative.is_finite()) {
            return Err(WordsError::param("negative", self.negative, "at least 1"));
        }
        if !(0.0..=1.0).contains(&self.power) {
            return Err(WordsError::param("power", self.power, "0 to 1"));
        }
        Ok(())
    }
}

/// The shifted PMI of every pair that was seen, negative values as 0: one value an entry of `m`.
#[must_use]
pub fn ppmi_values(m: CsrRef<'_>, smoothing: f64, negative: f64) -> Vec<f32> {
    let (rows, columns) = m.sums();
    let smooth: Vec<f64> = columns.iter().map(|c| c.powf(smoothing)).collect();
    let total = smooth.iter().sum::<f64>();
    let (smooth, shift): (Vec<f64>, f64) = (smooth.iter().map(|s| (s / total).ln()).collect(), negative.ln());
    let mut out = Vec::with_capacity(m.entries());
    for (i, sum) in rows.iter().enumerate() {
        let (row, base) = (m.row(i), sum.ln() + shift);
        let pmi = |(j, x): (&u32, &f32)| (f64::from(*x).ln() - base - smooth[*j as usize]).max(0.0) as f32;
        out.extend(row.dims.iter().zip(row.weights).map(pmi));
    }
    out
}

/// The positive entries of the shifted PMI; a word may have none.
#[must_use]
pub fn ppmi(m: CsrRef<'_>, smoothing: f64, negative: f64) -> Csr {
    let (values, mut out, mut at) = (ppmi_values(m, smoothing, negative), Csr::new(m.cols), 0);
    for i in 0..m.rows() {
        let row = m.row(i);
        let cells = row.dims.iter().zip(&values[at..at + row.dims.len()]);
        out.push_row(cells.filter(|c| *c.1 > 0.0).map(|(j, v)| (*j, *v)));
        at += row.dims.len();
    }
    out
}

/// Learns from counted pairs.
///
/// # Errors
/// [`WordsError`]: parameters out of range (more dimensions than words), nothing above chance, interrupted.
pub fn ppmi_svd(m: CsrRef<'_>, params: &PpmiParams, ctx: &Context) -> Result<WordVectors, WordsError> {
    params.check()?;
    let matrix = ppmi(m, params.smoothing, params.negative);
    if matrix.columns.is_empty() {
        return Err(WordsError::NoPairs);
    }
    let transposed = matrix.view().transposed();
    let svd = SparseSvdParams { dims: params.dim, iterations: params.iterations, ..SparseSvdParams::default() };
    let found = sparse_svd(matrix.view(), transposed.view(), &svd, ctx)?;
    let scale: Vec<f32> = found.s.iter().map(|s| s.powf(params.power) as f32).collect();
    let mut words = found.u;
    for i in 0..words.rows() {
        words.row_mut(i).iter_mut().zip(&scale).for_each(|(v, s)| *v *= s);
    }
    Ok(WordVectors { words, contexts: None, losses: vec![] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::glove::tests::groups;

    #[test]
    fn values_are_those_of_the_formula() {
        let mut m = Csr::new(2);
        m.push_row([(0, 4.0), (1, 1.0)]);
        m.push_row([(0, 1.0), (1, 2.0)]);
        let p = ppmi(m.view(), 1.0, 1.0);
        // total 8, sums 5 and 3: ln (4·8/25), ln (1·8/15) < 0, ln (2·8/9).
        assert_eq!(p.columns, [0, 1]);
        assert!(
            (p.values[0] - (32.0f32 / 25.0).ln()).abs() < 1e-6 && (p.values[1] - (16.0f32 / 9.0).ln()).abs() < 1e-6
        );
    }

    #[test]
    fn groups_part() {
        let (m, ctx) = (groups(30), Context::new(2, 2).unwrap());
        let v = ppmi_svd(m.view(), &PpmiParams { dim: 2, ..PpmiParams::default() }, &ctx).unwrap().words;
        let cos = |a: usize, b: usize| vectory_core::simd::cosine(v.row(a), v.row(b));
        assert!(cos(10, 20) > 0.9 && cos(10, 21) < 0.3, "{} {}", cos(10, 20), cos(10, 21));
        assert!(ppmi_svd(m.view(), &PpmiParams { dim: 31, ..PpmiParams::default() }, &ctx).is_err());
    }
}
