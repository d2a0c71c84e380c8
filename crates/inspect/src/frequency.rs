//! How words that are met often differ from rare ones, and how even a space is once words count as often as they are met.
//!
//! Yokoi, Bao, Kurita and Shimodaira, *Zipfian Whitening*, 2024: measured over the vocabulary, rare words decide; measured over
//! what is read, the frequent ones.

use vectory_core::linalg::weighted_covariance;
use vectory_core::stats::spearman;
use vectory_core::{Context, VectorsRef};
use vectory_linalg::eigen_symmetric;

use crate::InspectError;
use crate::rows::norm;

/// Bands of frequency.
const BANDS: usize = 5;

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Frequency {
    /// From the most frequent fifth of the rows to the rarest: (rows, mean length, mean cosine of two rows of the band).
    pub bands: Vec<(usize, f64, f64)>,
    /// First and second symmetry when all rows count alike.
    pub uniform: Symmetry,
    /// The same when they count by their weights.
    pub weighted: Symmetry,
    /// Rank correlation of length with weight; `None` where either is constant.
    pub length_weight: Option<f64>,
}

/// 1 for a cloud that is the same in all directions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Symmetry {
    /// 1 − |mean| / mean length.
    pub first: f64,
    /// Normalised entropy of the eigenvalues of the covariance.
    pub second: f64,
}

/// Measures it; weights of 0 leave a row out. O(n d²).
///
/// # Errors
/// [`InspectError::Compute`] for weights that do not fit the rows.
pub fn frequency(x: VectorsRef<'_>, weights: &[f64], ctx: &Context) -> Result<Frequency, InspectError> {
    if weights.len() != x.rows() {
        return Err(InspectError::Compute(format!("{} weights for {} rows", weights.len(), x.rows())));
    }
    let met: Vec<f64> = weights.iter().map(|w| f64::from(u8::from(*w > 0.0))).collect();
    let mut order: Vec<usize> = (0..x.rows()).filter(|i| weights[*i] > 0.0).collect();
    order.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]).then(a.cmp(b)));
    let size = order.len().div_ceil(BANDS).max(1);
    let lengths: Vec<f64> = order.iter().map(|i| norm(x.row(*i))).collect();
    let own: Vec<f64> = order.iter().map(|i| weights[*i]).collect();
    Ok(Frequency {
        bands: order.chunks(size).map(|band| of_band(x, band)).collect(),
        uniform: symmetry(x, &met, ctx)?,
        weighted: symmetry(x, weights, ctx)?,
        length_weight: spearman(&lengths, &own),
    })
}

fn of_band(x: VectorsRef<'_>, band: &[usize]) -> (usize, f64, f64) {
    let rows = x.picked(band.iter().copied());
    let mean = rows.iter().map(norm).sum::<f64>() / band.len().max(1) as f64;
    (band.len(), mean, crate::cosine::pair_cosines(rows.view(), 0, 0).map_or(0.0, |c| c.mean))
}

fn symmetry(x: VectorsRef<'_>, weights: &[f64], ctx: &Context) -> Result<Symmetry, InspectError> {
    let (mean, spread) = weighted_covariance(x, weights, ctx)?;
    let values = eigen_symmetric(&spread).map_err(InspectError::compute)?.values;
    let sum: f64 = values.iter().map(|v| v.max(0.0)).sum();
    let entropy: f64 = values.iter().map(|v| v.max(0.0) / sum).filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum();
    let total: f64 = weights.iter().sum();
    let length = x.iter().zip(weights).map(|(r, w)| norm(r) * w).sum::<f64>() / total;
    let centre = mean.iter().map(|m| m * m).sum::<f64>().sqrt();
    Ok(Symmetry {
        first: if length > 0.0 { 1.0 - centre / length } else { 0.0 },
        second: if values.len() > 1 { entropy / (values.len() as f64).ln() } else { 0.0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;
    use vectory_core::{Vectors, rng};

    #[test]
    fn frequent_words_off_the_centre_are_seen_under_their_weight_only() {
        let mut r = rng::stream(1, "frequency");
        let mut x = Vectors::zeros(1000, 6);
        x.as_mut_slice().iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
        let mut weights = vec![1.0; 1000];
        for (i, w) in weights.iter_mut().enumerate().take(10) {
            *w = 1000.0;
            x.row_mut(i).iter_mut().for_each(|v| *v += 3.0);
        }
        let f = frequency(x.view(), &weights, &Context::new(0, 1).unwrap()).unwrap();
        assert!(f.uniform.first > 0.9 && f.weighted.first < 0.2, "{f:?}");
        assert_eq!(f.bands.iter().map(|b| b.0).sum::<usize>(), 1000);
        assert!(f.bands[0].1 > f.bands[4].1 && f.length_weight.unwrap() > 0.0);
        assert!(frequency(x.view(), &[1.0], &Context::new(0, 1).unwrap()).is_err());
    }
}
