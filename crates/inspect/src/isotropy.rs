//! How evenly the vectors fill their space: IsoScore and its rivals.
//!
//! IsoScore (Rudman, Gillman, Rayne and Eickhoff, *IsoScore: Measuring the Uniformity of Embedding Space Utilization*,
//! 2022) reads the eigenvalues of the covariance: 1 when all directions vary equally, 0 when one direction has all the
//! variance. It is not moved by the mean, by scaling or by rotation. The rivals are kept because the literature quotes
//! them: the average cosine measures the mean vector rather than isotropy, the partition score (Mu and Viswanath 2018)
//! depends on scale, and the share of variance in the first components says nothing about the rest.

use rayon::prelude::*;
use vectory_core::{Context, VectorsRef};
use vectory_linalg::Mat;

use crate::InspectError;

/// IsoScore and what it is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IsoScore {
    /// The score, 0 to 1.
    pub score: f64,
    /// Distance of the normalised spectrum from a flat one, 0 to 1.
    pub defect: f64,
    /// Share of dimensions used, 1/d to 1.
    pub used: f64,
}

/// IsoScore of a covariance by its eigenvalues (in any order; tiny negative ones count as 0). `None` for fewer than two
/// dimensions or no variance.
#[must_use]
pub fn iso_score(eigenvalues: &[f64]) -> Option<IsoScore> {
    let n = eigenvalues.len() as f64;
    let lambda: Vec<f64> = eigenvalues.iter().map(|v| v.max(0.0)).collect();
    let length = lambda.iter().map(|v| v * v).sum::<f64>().sqrt();
    if eigenvalues.len() < 2 || length <= 0.0 || !length.is_finite() {
        return None;
    }
    let off: f64 = lambda.iter().map(|v| (v * n.sqrt() / length - 1.0).powi(2)).sum();
    let defect = (off / (2.0 * (n - n.sqrt()))).sqrt();
    let used = (n - defect * defect * (n - n.sqrt())).powi(2) / (n * n);
    Some(IsoScore { score: (n * used - 1.0) / (n - 1.0), defect, used })
}

/// Logarithm of the partition score, min Z(c) / max Z(c) with Z(c) = Σ exp(c·x), over the eigenvectors c of XᵀX in both
/// of their directions (their sign is arbitrary, and Z depends on it). In logarithms: Z overflows on long vectors.
///
/// # Errors
/// [`InspectError::Cancelled`].
pub fn ln_partition_score(x: VectorsRef<'_>, eigenvectors: &Mat, ctx: &Context) -> Result<f64, InspectError> {
    let z = ln_partitions(x, eigenvectors, ctx)?;
    let all = || z.iter().flat_map(|p| [p.0, p.1]);
    Ok(all().fold(f64::INFINITY, f64::min) - all().fold(f64::NEG_INFINITY, f64::max))
}

/// (ln Z(c), ln Z(-c)) of each eigenvector. O(n d²).
pub(crate) fn ln_partitions(
    x: VectorsRef<'_>,
    eigenvectors: &Mat,
    ctx: &Context,
) -> Result<Vec<(f64, f64)>, InspectError> {
    ctx.check()?;
    let one = |c: usize| {
        let c: Vec<f32> = eigenvectors.row(c).iter().map(|v| *v as f32).collect();
        let (mut plus, mut minus) = (LogSum::default(), LogSum::default());
        for row in x.iter() {
            let dot = dot(row, &c);
            plus.add(dot);
            minus.add(-dot);
        }
        (plus.ln(), minus.ln())
    };
    Ok(ctx.pool().install(|| (0..eigenvectors.rows).into_par_iter().map(one).collect()))
}

/// Eight partial sums in single precision, joined in double: enough for a ratio of sums of exponentials.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut lanes = [0.0f32; 16];
    let (head_a, head_b) = (a.chunks_exact(16), b.chunks_exact(16));
    let tail: f32 = head_a.remainder().iter().zip(head_b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in head_a.zip(head_b) {
        for l in 0..16 {
            lanes[l] += x[l] * y[l];
        }
    }
    lanes.iter().map(|l| f64::from(*l)).sum::<f64>() + f64::from(tail)
}

/// ln Σ exp(v), without overflow.
#[derive(Default)]
struct LogSum {
    largest: Option<f64>,
    sum: f64,
}

impl LogSum {
    fn add(&mut self, v: f64) {
        match self.largest {
            Some(m) if v <= m => self.sum += (v - m).exp(),
            Some(m) => {
                self.sum = self.sum * (m - v).exp() + 1.0;
                self.largest = Some(v);
            }
            None => {
                self.largest = Some(v);
                self.sum = 1.0;
            }
        }
    }

    fn ln(&self) -> f64 {
        self.largest.map_or(f64::NEG_INFINITY, |m| m + self.sum.ln())
    }
}

/// Share of the variance in the first `k` components.
#[must_use]
pub fn explained(eigenvalues: &[f64], k: usize) -> f64 {
    let sum = |v: &[f64]| v.iter().map(|v| v.max(0.0)).sum::<f64>();
    sum(&eigenvalues[..k.min(eigenvalues.len())]) / sum(eigenvalues)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_dimensions_among_empty_ones_are_counted() {
        for k in 1..=20usize {
            let spectrum: Vec<f64> = (0..20).map(|i| if i < k { 3.0 } else { 0.0 }).collect();
            let iso = iso_score(&spectrum).unwrap();
            assert!((iso.score - (k - 1) as f64 / 19.0).abs() < 1e-12, "{k}: {iso:?}");
            assert!((iso.used * 20.0 - k as f64).abs() < 1e-9);
        }
        assert_eq!(iso_score(&[1.0]), None);
        assert_eq!(iso_score(&[0.0, 0.0]), None);
    }

    #[test]
    fn partitions_of_long_vectors_do_not_overflow() {
        let x = VectorsRef::new(&[1e4, 0.0, -1e4, 0.0, 0.0, 1.0], 2).unwrap();
        let ctx = Context::new(0, 1).unwrap();
        let ln = ln_partition_score(x, &Mat::identity(2), &ctx).unwrap();
        // Z along the first axis is e^10000, across it 2 + e^±1.
        assert!((ln - ((2.0 + (-1.0f64).exp()).ln() - 1e4)).abs() < 1e-6, "{ln}");
    }

    proptest! {
        #[test]
        fn scale_leaves_the_score_and_a_grown_direction_lowers_it(
            spectrum in prop::collection::vec(0.1f64..10.0, 2..40),
            factor in 1e-6f64..1e6,
        ) {
            let iso = iso_score(&spectrum).unwrap();
            prop_assert!((-1e-9..=1.0 + 1e-9).contains(&iso.score) && (-1e-9..=1.0 + 1e-9).contains(&iso.defect));
            let scaled: Vec<f64> = spectrum.iter().map(|v| v * factor).collect();
            prop_assert!((iso_score(&scaled).unwrap().score - iso.score).abs() < 1e-9);
            let mut grown = spectrum.clone();
            grown[0] = 10.0 * spectrum.iter().sum::<f64>();
            let more: Vec<f64> = grown.iter().enumerate().map(|(i, v)| if i == 0 { 2.0 * v } else { *v }).collect();
            prop_assert!(iso_score(&more).unwrap().score < iso_score(&grown).unwrap().score);
            // The closed form: share of dimensions used is the participation ratio over n.
            let n = spectrum.len() as f64;
            let ratio = spectrum.iter().sum::<f64>().powi(2) / (n * spectrum.iter().map(|v| v * v).sum::<f64>());
            prop_assert!((iso.used - ratio).abs() < 1e-9);
        }
    }
}
