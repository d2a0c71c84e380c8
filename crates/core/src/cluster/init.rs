//! Where the centroids start.

use rand::RngExt;
use rand::seq::index::sample;
use rayon::prelude::*;

use super::{ClusterError, Init, KMeansParams};
use crate::{Context, Vectors, VectorsRef, rng, simd};

/// Rows a centroid, and rows at least, among which k-means++ draws.
const PER_CENTROID: usize = 64;
const AT_LEAST: usize = 16_384;
/// Rows whose weights are added in one go, whatever the threads.
const CHUNK: usize = 1024;

/// The first centroids of a run.
pub(super) fn centroids(
    rows: VectorsRef<'_>,
    p: &KMeansParams,
    run: u64,
    ctx: &Context,
) -> Result<Vectors, ClusterError> {
    let mut r = rng::item(ctx.seed, "k-means init", run);
    match &p.init {
        Init::Centroids(c) => Ok(c.clone()),
        Init::Random => Ok(pick(rows, sample(&mut r, rows.rows(), p.k).into_iter())),
        Init::PlusPlus => {
            let most = (p.k * PER_CENTROID).max(AT_LEAST);
            if rows.rows() <= most {
                return plus_plus(rows, p.k, &mut r, ctx);
            }
            let mut ids = sample(&mut r, rows.rows(), most).into_vec();
            ids.sort_unstable();
            plus_plus(pick(rows, ids.into_iter()).view(), p.k, &mut r, ctx)
        }
    }
}

fn pick(rows: VectorsRef<'_>, ids: impl ExactSizeIterator<Item = usize>) -> Vectors {
    let mut out = Vectors::zeros(ids.len(), rows.dim());
    ids.enumerate().for_each(|(i, id)| out.row_mut(i).copy_from_slice(rows.row(id)));
    out
}

fn plus_plus(rows: VectorsRef<'_>, k: usize, r: &mut rng::Rng, ctx: &Context) -> Result<Vectors, ClusterError> {
    let mut chosen = Vec::with_capacity(k);
    let mut weights = vec![f32::INFINITY; rows.rows()];
    let mut next = r.random_range(0..rows.rows());
    while chosen.len() < k {
        ctx.check()?;
        chosen.push(next);
        let sums = approach(rows, rows.row(next), &mut weights, ctx);
        next = draw(&weights, &sums, r).unwrap_or_else(|| r.random_range(0..rows.rows()));
    }
    Ok(pick(rows, chosen.into_iter()))
}

/// Lowers each row's weight to its squared distance from the new centroid; the sums of the chunks.
fn approach(rows: VectorsRef<'_>, centroid: &[f32], weights: &mut [f32], ctx: &Context) -> Vec<f64> {
    let one = |(i, weights): (usize, &mut [f32])| {
        let part = rows.slice(i * CHUNK, i * CHUNK + weights.len());
        let mut distances = vec![0.0; weights.len()];
        simd::rows(simd::Op::L2, centroid, part.as_slice(), &mut distances);
        weights.iter_mut().zip(&distances).for_each(|(w, d)| *w = w.min(*d));
        weights.iter().map(|w| f64::from(*w)).sum()
    };
    ctx.pool().install(|| weights.par_chunks_mut(CHUNK).enumerate().map(one).collect())
}

/// A row with probability proportional to its weight; `None` where all weights are zero.
fn draw(weights: &[f32], sums: &[f64], r: &mut rng::Rng) -> Option<usize> {
    let total: f64 = sums.iter().sum();
    if total <= 0.0 {
        return None;
    }
    let mut left = r.random_range(0.0..total);
    let mut chunk = 0;
    while chunk + 1 < sums.len() && left >= sums[chunk] {
        left -= sums[chunk];
        chunk += 1;
    }
    let start = chunk * CHUNK;
    let part = &weights[start..weights.len().min(start + CHUNK)];
    let mut last = None;
    for (i, w) in part.iter().enumerate().filter(|(_, w)| **w > 0.0) {
        last = Some(start + i);
        left -= f64::from(*w);
        if left < 0.0 {
            break;
        }
    }
    last
}
