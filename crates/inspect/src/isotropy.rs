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
