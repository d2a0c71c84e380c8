//! Two sets of rows as neighbourhoods.

use rayon::prelude::*;
use vectory_core::neighbors::{NeighborsError, exact};
use vectory_core::stats::spearman;
use vectory_core::{Context, Hit, Metric, VectorsRef, rng, simd};

/// What is compared.
#[derive(Clone, Debug)]
pub struct NeighborhoodParams {
    /// How rows compare.
    pub metric: Metric,
    /// Depths at which lists are compared, ascending, at least one.
    pub depths: Vec<usize>,
    /// Rows that ask, drawn by the context's seed.
    pub queries: usize,
    /// Persistence of rank-biased overlap, above 0 and below 1: the first 1 / (1 − p) places count most.
    pub persistence: f64,
    /// Rows whose similarities to each query are compared.
    pub anchors: usize,
}

impl Default for NeighborhoodParams {
    fn default() -> Self {
        Self {
            metric: Metric::Cosine,
            depths: vec![1, 2, 5, 10, 20, 50, 100],
            queries: 2000,
            persistence: 0.9,
            anchors: 300,
        }
    }
}

/// Lists of one depth.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Overlap {
    /// How deep.
    pub k: usize,
    /// Common share of both lists' items, mean over queries.
    pub jaccard: f64,
    /// Its standard deviation over queries.
    pub jaccard_deviation: f64,
    /// How alike the common items are ordered, 0 to 1, mean over queries.
    pub rank_similarity: f64,
}

/// How alike neighbourhoods are.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Neighborhoods {
    /// By depth.
    pub overlaps: Vec<Overlap>,
    /// Rank-biased overlap of the deepest lists, extrapolated.
    pub rank_biased: f64,
    /// Spearman's correlation of similarities to the same anchors, mean over queries: whether relative representations
    /// (Moschella et al. 2023) agree.
    pub relative: f64,
    /// How many rows asked.
    pub queries: usize,
}

/// Compares two sets of equally many rows, row by row of the same item. O(queries · n · (dx + dy)).
///
/// # Errors
/// [`NeighborsError`]: other numbers of rows, a parameter out of range, interrupted.
pub fn of_neighbors(
    x: VectorsRef<'_>,
    y: VectorsRef<'_>,
    params: &NeighborhoodParams,
    ctx: &Context,
) -> Result<Neighborhoods, NeighborsError> {
    check(x, y, params)?;
    let queries = drawn(x.rows(), params.queries, ctx.seed, "neighbourhood queries");
    let depth = params.depths.last().copied().unwrap_or(1);
    let lists = |rows: VectorsRef<'_>| -> Result<Vec<Vec<Hit>>, NeighborsError> {
        let asked = rows.picked(queries.iter().copied());
        let mut found = exact(rows, asked.view(), params.metric, depth + 1, ctx)?;
        for (list, own) in found.iter_mut().zip(&queries) {
            list.retain(|h| h.id as usize != *own);
            list.truncate(depth);
        }
        Ok(found)
    };
    let (a, b) = (lists(x)?, lists(y)?);
    let mut out = of_lists(&a, &b, params);
    out.relative = relative(x, y, &queries, params, ctx);
    Ok(out)
}

/// Compares ranked lists of the same queries.
#[must_use]
pub fn of_lists(a: &[Vec<Hit>], b: &[Vec<Hit>], params: &NeighborhoodParams) -> Neighborhoods {
    let n = a.len().min(b.len()).max(1) as f64;
    let overlap = |k: usize| {
        let cut = |l: &Vec<Hit>| l.iter().take(k).map(|h| h.id).collect::<Vec<u32>>();
        let pairs: Vec<(f64, f64)> = a.iter().zip(b).map(|(x, y)| overlap(&cut(x), &cut(y))).collect();
        let jaccard = pairs.iter().map(|p| p.0).sum::<f64>() / n;
        let variance = pairs.iter().map(|p| (p.0 - jaccard).powi(2)).sum::<f64>() / n;
        let rank_similarity = pairs.iter().map(|p| p.1).sum::<f64>() / n;
        Overlap { k, jaccard, jaccard_deviation: variance.sqrt(), rank_similarity }
    };
    let biased = |(x, y): (&Vec<Hit>, &Vec<Hit>)| rank_biased(x, y, params.persistence);
    Neighborhoods {
        overlaps: params.depths.iter().map(|k| overlap(*k)).collect(),
        rank_biased: a.iter().zip(b).map(biased).sum::<f64>() / n,
        relative: f64::NAN,
        queries: a.len(),
    }
}

fn check(x: VectorsRef<'_>, y: VectorsRef<'_>, p: &NeighborhoodParams) -> Result<(), NeighborsError> {
    let bad = |field, legal| Err(NeighborsError::Param { field, legal });
    if x.rows() != y.rows() {
        return bad("the number of rows of the second set", "that of the first");
    }
    if x.rows() < 3 {
        return bad("the number of rows", "3 or more");
    }
    if p.depths.is_empty() || p.depths[0] == 0 || !p.depths.is_sorted() {
        return bad("depths", "ascending from 1 or more");
    }
    if p.queries == 0 || p.anchors < 2 {
        return bad("queries and anchors", "1 or more, and 2 or more");
    }
    if !(p.persistence > 0.0 && p.persistence < 1.0) {
        return bad("persistence", "above 0 and below 1");
    }
    Ok(())
}

/// Jaccard's share, and the rank similarity of the common items.
fn overlap(a: &[u32], b: &[u32]) -> (f64, f64) {
    let common: Vec<(f64, f64)> = (1u32..)
        .zip(a)
        .filter_map(|(r, id)| b.iter().position(|o| o == id).map(|s| (f64::from(r), s as f64 + 1.0)))
        .collect();
    let union = a.len() + b.len() - common.len();
    if common.is_empty() {
        return (if union == 0 { 1.0 } else { 0.0 }, 0.0);
    }
    let best: f64 = (1..=common.len()).map(|i| 1.0 / i as f64).sum();
    let sum: f64 = common.iter().map(|(r, s)| 2.0 / ((1.0 + (r - s).abs()) * (r + s))).sum();
    (common.len() as f64 / union as f64, sum / best)
}

/// Overlap at each depth, weighted by p^depth; the last depth's overlap is taken to go on (the extrapolated form).
fn rank_biased(a: &[Hit], b: &[Hit], p: f64) -> f64 {
    let depth = a.len().min(b.len());
    let mut seen = std::collections::HashSet::new();
    let (mut common, mut sum) = (0.0, 0.0);
    for d in 0..depth {
        common += f64::from(u8::from(!seen.insert(a[d].id)));
        common += f64::from(u8::from(!seen.insert(b[d].id)));
        sum += common / (d + 1) as f64 * p.powi(d as i32 + 1);
    }
    if depth == 0 { 0.0 } else { (1.0 - p) / p * sum + common / depth as f64 * p.powi(depth as i32) }
}

/// How similarities to the same anchors correlate.
fn relative(x: VectorsRef<'_>, y: VectorsRef<'_>, queries: &[usize], p: &NeighborhoodParams, ctx: &Context) -> f64 {
    let anchors = drawn(x.rows(), p.anchors, ctx.seed, "anchors");
    let similarities = |rows: VectorsRef<'_>, q: usize| -> Vec<f64> {
        let to = |a: &usize| f64::from(simd::cosine(rows.row(q), rows.row(*a)));
        anchors.iter().filter(|a| **a != q).map(to).collect()
    };
    let one = |q: &usize| spearman(&similarities(x, *q), &similarities(y, *q));
    let all: Vec<f64> = ctx.pool().install(|| queries.par_iter().filter_map(one).collect());
    all.iter().sum::<f64>() / all.len().max(1) as f64
}

/// Some of `n` rows, in order.
fn drawn(n: usize, wanted: usize, seed: u64, stage: &str) -> Vec<usize> {
    let mut all: Vec<usize> = (0..n).collect();
    if wanted < n {
        let salt = seed ^ vectory_core::hash::fnv1a(stage.as_bytes());
        all.sort_by_key(|i| rng::mix(salt ^ rng::mix(*i as u64)));
        all.truncate(wanted);
        all.sort_unstable();
    }
    all
}
