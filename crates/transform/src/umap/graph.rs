//! The fuzzy simplicial set: neighbours as memberships between 0 and 1, joined over both directions.

use rayon::prelude::*;
use vectory_core::{Hit, Metric};

/// Fewest bandwidth, as a share of the mean distance.
const MIN_SHARE: f64 = 1e-3;

/// An undirected membership of two rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edge {
    pub a: u32,
    pub b: u32,
    pub weight: f32,
}

/// Memberships of all rows, ordered by their ends, `a` below `b`.
pub(super) fn memberships(near: &[Vec<Hit>], metric: Metric) -> Vec<Edge> {
    let mean = mean_distance(near, metric);
    let directed = |(i, hits): (usize, &Vec<Hit>)| {
        let distances: Vec<f64> = hits.iter().map(|h| distance(metric, h.score)).collect();
        let weights = local(&distances, nearest(&distances), mean);
        let i = i as u32;
        hits.iter()
            .zip(weights)
            .map(move |(h, w)| (u64::from(i.min(h.id)) << 32 | u64::from(i.max(h.id)), w))
            .collect::<Vec<_>>()
    };
    let mut all: Vec<(u64, f64)> = near.par_iter().enumerate().flat_map_iter(directed).collect();
    all.par_sort_by_key(|e| e.0);
    all.chunk_by(|x, y| x.0 == y.0)
        .map(|pair| {
            // The probabilistic union of one or both directions.
            let weight = 1.0 - pair.iter().map(|e| 1.0 - e.1).product::<f64>();
            Edge { a: (pair[0].0 >> 32) as u32, b: pair[0].0 as u32, weight: weight as f32 }
        })
        .filter(|e| e.weight > 0.0)
        .collect()
}

/// What a score says of the distance: Euclidean, or 1 − cosine.
pub(super) fn distance(metric: Metric, score: f32) -> f64 {
    match metric {
        Metric::L2 => f64::from(-score).max(0.0).sqrt(),
        _ => (1.0 - f64::from(score)).max(0.0),
    }
}

/// The mean of all neighbours' distances.
pub(super) fn mean_distance(near: &[Vec<Hit>], metric: Metric) -> f64 {
    let count = near.iter().map(Vec::len).sum::<usize>().max(1) as f64;
    near.iter().flatten().map(|h| distance(metric, h.score)).sum::<f64>() / count
}

/// The smallest distance above 0: a row is a full member of its nearest neighbour's surroundings.
fn nearest(distances: &[f64]) -> f64 {
    distances.iter().copied().filter(|d| *d > 0.0).fold(f64::INFINITY, f64::min)
}

/// Memberships exp(−(d − rho) / sigma), with sigma such that they sum to log2 of the neighbours and the row itself.
pub(super) fn local(distances: &[f64], rho: f64, mean: f64) -> Vec<f64> {
    let rho = if rho.is_finite() { rho } else { 0.0 };
    let target = ((distances.len() + 1) as f64).log2();
    let member = |d: f64, sigma: f64| if d <= rho || sigma == 0.0 { 1.0 } else { (-(d - rho) / sigma).exp() };
    let (mut low, mut high, mut sigma) = (0.0, f64::INFINITY, 1.0);
    for _ in 0..64 {
        let sum: f64 = distances.iter().map(|d| member(*d, sigma)).sum();
        if (sum - target).abs() < 1e-5 {
            break;
        }
        if sum > target {
            high = sigma;
            sigma = f64::midpoint(low, high);
        } else {
            low = sigma;
            sigma = if high.is_finite() { f64::midpoint(low, high) } else { sigma * 2.0 };
        }
    }
    let own = distances.iter().sum::<f64>() / distances.len().max(1) as f64;
    let sigma = sigma.max(MIN_SHARE * if rho > 0.0 { own } else { mean });
    distances.iter().map(|d| member(*d, sigma)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memberships_sum_to_the_logarithm() {
        let distances: Vec<f64> = (1..15).map(|i| 0.3 + f64::from(i * i) * 0.01).collect();
        let weights = local(&distances, nearest(&distances), 1.0);
        assert_eq!(weights[0], 1.0);
        assert!((weights.iter().sum::<f64>() - 15f64.log2()).abs() < 1e-4);
        assert!(weights.windows(2).all(|w| w[0] >= w[1]));
        assert_eq!(local(&[0.0, 0.0], nearest(&[0.0, 0.0]), 0.0), [1.0, 1.0]);
    }

    #[test]
    fn both_directions_are_joined() {
        let hit = |id, d: f32| Hit { id, score: -d * d };
        let near = [vec![hit(1, 1.0), hit(2, 2.0)], vec![hit(0, 1.0), hit(2, 1.5)], vec![hit(1, 1.5), hit(0, 2.0)]];
        let edges = memberships(&near, Metric::L2);
        assert_eq!(edges.iter().map(|e| (e.a, e.b)).collect::<Vec<_>>(), [(0, 1), (0, 2), (1, 2)]);
        assert_eq!(edges[0].weight, 1.0);
        assert!(edges[1].weight < edges[2].weight);
    }
}
