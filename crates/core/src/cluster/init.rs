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
/// Values of rows that stay in the first cache while every run's centroid is held to them.
const BLOCK: usize = 4096;

/// The first centroids of some runs.
pub(super) fn centroids(
    rows: VectorsRef<'_>,
    p: &KMeansParams,
    runs: std::ops::Range<u64>,
    ctx: &Context,
) -> Result<Vec<Vectors>, ClusterError> {
    let mut draws: Vec<_> = runs.map(|run| rng::item(ctx.seed, "k-means init", run)).collect();
    match &p.init {
        Init::Centroids(c) => Ok(vec![c.clone(); draws.len()]),
        Init::Random => Ok(draws.iter_mut().map(|r| rows.picked(sample(r, rows.rows(), p.k).into_iter())).collect()),
        Init::PlusPlus => {
            let most = (p.k * PER_CENTROID).max(AT_LEAST);
            if rows.rows() <= most {
                return plus_plus(rows, p.k, &mut draws, ctx);
            }
            let mut found = Vec::with_capacity(draws.len());
            for r in &mut draws {
                let mut ids = sample(r, rows.rows(), most).into_vec();
                ids.sort_unstable();
                let drawn = rows.picked(ids.into_iter());
                found.extend(plus_plus(drawn.view(), p.k, std::slice::from_mut(r), ctx)?);
            }
            Ok(found)
        }
    }
}

/// One start a generator. The runs go step by step together: reading the rows is what it costs, and they are read once for all.
fn plus_plus(
    rows: VectorsRef<'_>,
    k: usize,
    draws: &mut [rng::Rng],
    ctx: &Context,
) -> Result<Vec<Vectors>, ClusterError> {
    let any = |r: &mut rng::Rng| r.random_range(0..rows.rows());
    let mut weights = Weights::new(rows.rows(), draws.len());
    let mut chosen = vec![Vec::with_capacity(k); draws.len()];
    let mut next: Vec<usize> = draws.iter_mut().map(any).collect();
    for _ in 0..k {
        ctx.check()?;
        chosen.iter_mut().zip(&next).for_each(|(chosen, next)| chosen.push(*next));
        let centroids: Vec<_> = next.iter().map(|i| rows.row(*i)).collect();
        let sums = weights.approach(rows, &centroids, ctx);
        for (run, (next, r)) in next.iter_mut().zip(&mut *draws).enumerate() {
            *next = weights.draw(run, &sums, r).unwrap_or_else(|| any(r));
        }
    }
    Ok(chosen.into_iter().map(|ids| rows.picked(ids.into_iter())).collect())
}

/// Squared distances of each row from the nearest centroid of each run so far: by chunk of rows, then run.
struct Weights {
    rows: usize,
    runs: usize,
    values: Vec<f32>,
}

impl Weights {
    fn new(rows: usize, runs: usize) -> Self {
        Self { rows, runs, values: vec![f32::INFINITY; rows * runs] }
    }

    /// A run's weights of a chunk.
    fn part(&self, chunk: usize, run: usize) -> &[f32] {
        let start = chunk * CHUNK;
        let len = CHUNK.min(self.rows - start);
        &self.values[start * self.runs + run * len..][..len]
    }

    /// Lowers each weight to the squared distance from its run's new centroid; the sums of the chunks, by run.
    fn approach(&mut self, rows: VectorsRef<'_>, centroids: &[&[f32]], ctx: &Context) -> Vec<Vec<f64>> {
        let runs = self.runs;
        let chunk = |(i, weights): (usize, &mut [f32])| {
            let len = weights.len() / runs;
            nearer(rows.slice(i * CHUNK, i * CHUNK + len), centroids, weights);
            weights.chunks_exact(len).map(|w| w.iter().map(|w| f64::from(*w)).sum()).collect()
        };
        ctx.pool().install(|| self.values.par_chunks_mut(CHUNK * runs).enumerate().map(chunk).collect())
    }

    /// A row with probability proportional to its weight; `None` where all weights are zero.
    fn draw(&self, run: usize, sums: &[Vec<f64>], r: &mut rng::Rng) -> Option<usize> {
        let total: f64 = sums.iter().map(|s| s[run]).sum();
        if total <= 0.0 {
            return None;
        }
        let mut left = r.random_range(0.0..total);
        let mut chunk = 0;
        while chunk + 1 < sums.len() && left >= sums[chunk][run] {
            left -= sums[chunk][run];
            chunk += 1;
        }
        let mut last = None;
        for (i, w) in self.part(chunk, run).iter().enumerate().filter(|(_, w)| **w > 0.0) {
            last = Some(chunk * CHUNK + i);
            left -= f64::from(*w);
            if left < 0.0 {
                break;
            }
        }
        last
    }
}

/// Lowers the weights of a chunk's rows, run by run, a block of rows at a time.
fn nearer(part: VectorsRef<'_>, centroids: &[&[f32]], weights: &mut [f32]) {
    let rows = (BLOCK / part.dim().max(1)).clamp(4, CHUNK);
    let mut distances = vec![0.0; rows.min(part.rows())];
    for start in (0..part.rows()).step_by(rows) {
        let block = part.slice(start, part.rows().min(start + rows));
        for (centroid, weights) in centroids.iter().zip(weights.chunks_exact_mut(part.rows())) {
            let distances = &mut distances[..block.rows()];
            simd::rows(simd::Op::L2, centroid, block.as_slice(), distances);
            weights[start..].iter_mut().zip(distances).for_each(|(w, d)| *w = w.min(*d));
        }
    }
}
