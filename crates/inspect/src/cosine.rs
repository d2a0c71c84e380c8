//! How far the vectors point the same way: the mean cosine of pairs, exact and sampled.

use rand::RngExt;
use vectory_core::{VectorsRef, rng};

use crate::rows::norm;

/// Cosines of pairs of different rows; zero rows are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct PairCosines {
    /// The mean over all pairs, by |Σu|² = n + Σ cos over the unit vectors u. O(n d).
    pub mean: f64,
    /// Length of the mean unit vector.
    pub resultant: f64,
    /// Cosines of random pairs, for their distribution.
    pub sampled: Vec<f64>,
}

/// Measures the cosines; `None` with fewer than two rows that are not zero.
#[must_use]
pub fn pair_cosines(x: VectorsRef<'_>, pairs: usize, seed: u64) -> Option<PairCosines> {
    let mut sum = vec![0.0; x.dim()];
    let mut rows = Vec::with_capacity(x.rows());
    for (i, row) in x.iter().enumerate() {
        let length = norm(row);
        if length > 0.0 {
            sum.iter_mut().zip(row).for_each(|(s, v)| *s += f64::from(*v) / length);
            rows.push((i, length));
        }
    }
    let n = rows.len() as f64;
    if rows.len() < 2 {
        return None;
    }
    let squared: f64 = sum.iter().map(|s| s * s).sum();
    let mut rng = rng::stream(seed, "inspect.pairs");
    let sampled = (0..pairs)
        .map(|_| {
            let a = rng.random_range(0..rows.len());
            let b = (a + rng.random_range(1..rows.len())) % rows.len();
            let dot: f64 =
                x.row(rows[a].0).iter().zip(x.row(rows[b].0)).map(|(p, q)| f64::from(*p) * f64::from(*q)).sum();
            dot / (rows[a].1 * rows[b].1)
        })
        .collect();
    Some(PairCosines { mean: (squared - n) / (n * (n - 1.0)), resultant: squared.sqrt() / n, sampled })
}

impl PairCosines {
    /// 95 % interval of the mean from the sampled pairs (normal approximation), and their standard deviation.
    #[must_use]
    pub fn sampled_mean(&self) -> (f64, (f64, f64), f64) {
        let n = self.sampled.len() as f64;
        let mean = self.sampled.iter().sum::<f64>() / n;
        let spread = (self.sampled.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let half = 1.96 * spread / n.sqrt();
        (mean, (mean - half, mean + half), spread)
    }
}
