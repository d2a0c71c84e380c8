//! Each looked-at row's neighbours, with their distances in double precision.

use rand::seq::index;
use rayon::prelude::*;
use vectory_core::{Context, Metric, VectorsRef, neighbors, rng};

use crate::InspectError;
use crate::rows::norm;

/// Neighbours of some rows among some rows, nearest first, the row itself left out.
#[derive(Clone, Debug)]
pub struct Neighborhood {
    /// One list a looked-at row: neighbours as (position among the base rows, distance). The distance is Euclidean; under
    /// cosine it is that of the unit vectors.
    pub lists: Vec<Vec<(u32, f64)>>,
    /// Rows among which neighbours were sought.
    pub base: usize,
}

/// A sample without replacement, ascending; all rows when there are no more than `size`.
#[must_use]
pub(crate) fn sample(rows: usize, size: usize, seed: u64, stage: &str) -> Vec<usize> {
    if rows <= size {
        return (0..rows).collect();
    }
    let mut out = index::sample(&mut rng::stream(seed, stage), rows, size).into_vec();
    out.sort_unstable();
    out
}

/// Neighbours among the sample itself: what hubness needs, which counts how often a row is chosen.
pub(crate) fn within(
    x: VectorsRef<'_>,
    sample: &[usize],
    metric: Metric,
    k: usize,
    ctx: &Context,
) -> Result<Neighborhood, InspectError> {
    if sample.len() == x.rows() {
        return among(x, sample, metric, k, ctx);
    }
    let rows = x.picked(sample.iter().copied());
    let all: Vec<usize> = (0..sample.len()).collect();
    among(rows.view(), &all, metric, k, ctx)
}

/// Neighbours of the given rows among all rows: what density and dimension need.
pub(crate) fn among(
    x: VectorsRef<'_>,
    queries: &[usize],
    metric: Metric,
    k: usize,
    ctx: &Context,
) -> Result<Neighborhood, InspectError> {
    let k = k.min(x.rows().saturating_sub(1));
    // A few more than k, for single precision may misorder near ties.
    let asked = k + 4;
    let hits = if queries.len() == x.rows() {
        neighbors::exact_self(x, metric, asked, ctx)?
    } else {
        neighbors::exact(x, x.picked(queries.iter().copied()).view(), metric, asked + 1, ctx)?
    };
    let lists = ctx.pool().install(|| {
        hits.into_par_iter()
            .zip(queries)
            .map(|(hits, q)| {
                let others = hits.iter().filter(|h| h.id as usize != *q);
                let mut list: Vec<(u32, f64, f64)> = others
                    .map(|h| {
                        let (score, distance) = exact(x.row(*q), x.row(h.id as usize), metric);
                        (h.id, score, distance)
                    })
                    .collect();
                list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                list.truncate(k);
                list.into_iter().map(|(id, _, distance)| (id, distance)).collect()
            })
            .collect()
    });
    Ok(Neighborhood { lists, base: x.rows() })
}

/// (score: larger is nearer, Euclidean distance) in double precision.
fn exact(a: &[f32], b: &[f32], metric: Metric) -> (f64, f64) {
    let scale = if metric == Metric::Cosine { (1.0 / norm(a), 1.0 / norm(b)) } else { (1.0, 1.0) };
    let (mut dot, mut squares) = (0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (f64::from(*x) * scale.0, f64::from(*y) * scale.1);
        dot += x * y;
        squares += (x - y) * (x - y);
    }
    (if metric == Metric::Dot { dot } else { -squares }, squares.sqrt())
}
