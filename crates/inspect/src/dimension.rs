//! Intrinsic dimension: on how many dimensions the vectors lie locally, whatever the space around them has.
//!
//! Levina and Bickel (2004) estimate it at each row by maximum likelihood from the distances to its k neighbours;
//! MacKay and Ghahramani (2005) average the inverses, which removes most of the bias; TwoNN (Facco, d'Errico, Rodriguez
//! and Laio 2017) uses the ratio of the first two distances only and so the smallest scale. Distances of 0 (duplicates)
//! carry no information and are left out.

use vectory_core::rng;
use vectory_core::stats::bootstrap;

use crate::neighborhood::Neighborhood;

/// Neighbours that the maximum-likelihood estimates use.
pub const NEIGHBORS: usize = 20;

/// Estimates of the intrinsic dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntrinsicDimension {
    /// Mean over rows of the maximum-likelihood estimates (Levina and Bickel).
    pub levina_bickel: f64,
    /// Inverse of the mean inverse estimate (MacKay and Ghahramani).
    pub mackay_ghahramani: f64,
    /// 95 % bootstrap interval of the latter, over rows.
    pub interval: (f64, f64),
    /// TwoNN: the fit through the origin on the smaller 90 % of the ratios; `None` with fewer than 10 rows.
    pub two_nn: Option<f64>,
    /// Rows that had two or more neighbours at a distance above 0.
    pub rows: usize,
}

/// Estimates from neighbour lists; `None` when fewer than two rows have neighbours apart from duplicates.
#[must_use]
pub fn intrinsic_dimension(n: &Neighborhood, seed: u64) -> Option<IntrinsicDimension> {
    let lists: Vec<Vec<f64>> = n
        .lists
        .iter()
        .map(|l| l.iter().map(|p| p.1).filter(|d| *d > 0.0).take(NEIGHBORS).collect::<Vec<_>>())
        .filter(|l| l.len() >= 2)
        .collect();
    let inverses: Vec<f64> = lists.iter().map(|l| inverse(l)).filter(|v| *v > 0.0).collect();
    if inverses.len() < 2 {
        return None;
    }
    let count = inverses.len() as f64;
    let ratios: Vec<f64> = lists.iter().map(|l| l[1] / l[0]).collect();
    Some(IntrinsicDimension {
        levina_bickel: inverses.iter().map(|v| 1.0 / v).sum::<f64>() / count,
        mackay_ghahramani: count / inverses.iter().sum::<f64>(),
        interval: bootstrap(&inverses, 400, &mut rng::stream(seed, "inspect.dimension"), |v| {
            v.len() as f64 / v.iter().sum::<f64>()
        }),
        two_nn: two_nn(ratios),
        rows: inverses.len(),
    })
}

/// Mean logarithm of the farthest distance over each nearer one: the inverse of the estimate at one row.
fn inverse(distances: &[f64]) -> f64 {
    let last = distances[distances.len() - 1];
    distances[..distances.len() - 1].iter().map(|d| (last / d).ln()).sum::<f64>() / (distances.len() - 1) as f64
}

/// Slope of -ln(1 - F(µ)) over ln µ, by least squares through the origin, on the smaller 90 % of the ratios µ = r₂/r₁.
fn two_nn(mut ratios: Vec<f64>) -> Option<f64> {
    ratios.sort_by(f64::total_cmp);
    let n = ratios.len();
    let kept = (0.9 * n as f64) as usize;
    let (mut xy, mut xx) = (0.0, 0.0);
    for (i, r) in ratios[..kept].iter().enumerate() {
        let (x, y) = (r.ln(), -(1.0 - (i + 1) as f64 / n as f64).ln());
        xy += x * y;
        xx += x * x;
    }
    (n >= 10 && xx > 0.0).then(|| xy / xx)
}
