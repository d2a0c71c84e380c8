//! How well a map keeps neighbourhoods.

use rayon::prelude::*;

use super::{NeighborsError, exact};
use crate::simd::{self, Op};
use crate::{Context, Hit, Metric, Vectors, VectorsRef, rng};

/// Trustworthiness (Venna and Kaski 2001) of `map` (by l2) as a picture of `rows` (by l2 or cosine): 1 when each row's `k`
/// nearest in the map are among its `k` nearest rows, less by how far down the true order the intruders stand, about 0.5
/// for a random map. Exact over all pairs for the rows that are asked about: `sample` of them, drawn by the context's seed
/// (all where there are fewer). O(sample · n · d).
///
/// # Errors
/// [`NeighborsError`]: other than l2 or cosine, not as many map rows as rows, `k` not below half of the rows, interrupted.
pub fn trustworthiness(
    rows: VectorsRef<'_>,
    map: VectorsRef<'_>,
    metric: Metric,
    (k, sample): (usize, usize),
    ctx: &Context,
) -> Result<f64, NeighborsError> {
    let n = rows.rows();
    if !matches!(metric, Metric::L2 | Metric::Cosine) {
        return Err(NeighborsError::Metric(metric));
    }
    if map.rows() != n {
        return Err(NeighborsError::Param { field: "the number of map rows", legal: "that of the rows" });
    }
    if k == 0 || 2 * k >= n {
        return Err(NeighborsError::Param { field: "k", legal: "1 or more and below half of the rows" });
    }
    let asked = asked(n, sample, ctx.seed);
    let picked: Vec<f32> = asked.iter().flat_map(|i| map.row(*i).iter().copied()).collect();
    let queries = Vectors::from_slice(&picked, map.dim()).unwrap_or_else(|_| Vectors::zeros(0, map.dim()));
    let near = exact(map, queries.view(), Metric::L2, k + 1, ctx)?;
    let penalty = |(i, hits): (&usize, &Vec<Hit>)| -> Result<f64, NeighborsError> {
        ctx.check()?;
        let ids: Vec<usize> = hits.iter().map(|h| h.id as usize).filter(|j| j != i).take(k).collect();
        Ok(intrusion(rows, metric, *i, &ids))
    };
    let sum: Result<Vec<f64>, _> = ctx.pool().install(|| asked.par_iter().zip(near.par_iter()).map(penalty).collect());
    let (n, k, m) = (n as f64, k as f64, asked.len() as f64);
    Ok(1.0 - 2.0 * sum?.iter().sum::<f64>() / (m * k * (2.0 * n - 3.0 * k - 1.0)))
}

/// `sample` of `n` rows, in order.
fn asked(n: usize, sample: usize, seed: u64) -> Vec<usize> {
    let mut all: Vec<usize> = (0..n).collect();
    if sample < n {
        all.sort_by_key(|i| rng::mix(seed ^ rng::mix(*i as u64)));
        all.truncate(sample);
        all.sort_unstable();
    }
    all
}

/// How many ranks the neighbours in the map lie beyond the k-th, summed.
fn intrusion(rows: VectorsRef<'_>, metric: Metric, i: usize, ids: &[usize]) -> f64 {
    let mut distances = vec![0.0; rows.rows()];
    match metric {
        Metric::L2 => simd::rows(Op::L2, rows.row(i), rows.as_slice(), &mut distances),
        _ => distances.iter_mut().zip(rows.iter()).for_each(|(d, r)| *d = -simd::cosine(rows.row(i), r)),
    }
    distances[i] = f32::INFINITY;
    let excess = |j: &usize| {
        let before = |(other, d): (usize, &f32)| d.total_cmp(&distances[*j]).then(other.cmp(j)).is_lt();
        let rank = 1 + distances.iter().enumerate().filter(|o| before(*o)).count();
        rank.saturating_sub(ids.len()) as f64
    };
    ids.iter().map(excess).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_for_itself_and_less_for_a_shuffle() {
        let ctx = Context::new(1, 2).unwrap();
        let values: Vec<f32> = (0..600).map(|i| (rng::mix(i) % 1000) as f32).collect();
        let rows = Vectors::from_slice(&values, 3).unwrap();
        let trust = |map: &Vectors, k, sample| trustworthiness(rows.view(), map.view(), Metric::L2, (k, sample), &ctx);
        assert_eq!(trust(&rows, 5, 1000).unwrap(), 1.0);
        let turned = Vectors::from_rows((0..200).map(|i| rows.row((i + 77) % 200))).unwrap();
        let bad = trust(&turned, 5, 1000).unwrap();
        assert!((0.4..0.6).contains(&bad), "{bad}");
        assert!((trust(&turned, 5, 60).unwrap() - bad).abs() < 0.1);
        assert!(trust(&rows, 100, 10).is_err());
    }
}
