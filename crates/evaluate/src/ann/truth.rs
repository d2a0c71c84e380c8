//! The exact answers, kept beside the base.

use std::path::{Path, PathBuf};

use vectory_core::neighbors::{self, NeighborsError};
use vectory_core::{Context, Metric, VectorsRef, hash, simd};
use vectory_io::vectors::{read_ids, write_ids};

/// What the exact search says of each query.
pub struct Truth {
    /// Exact score of the k-th best row of each query.
    pub limits: Vec<f32>,
    /// How many rows each query has to find: `k`, or all there are.
    pub k: usize,
    /// Whether it was read from the file beside the base.
    pub cached: bool,
}

impl Truth {
    /// The share of the true best rows of query `q` that are among `found`, judged by their exact scores.
    #[must_use]
    pub fn recall(&self, q: usize, found: impl Iterator<Item = f32>) -> f64 {
        if self.k == 0 {
            return 1.0;
        }
        let limit = self.limits[q];
        let least = limit - limit.abs() * 1e-5 - 1e-9;
        found.take(self.k).filter(|score| *score >= least).count() as f64 / self.k as f64
    }
}

/// The exact score of a row: larger is nearer.
pub(super) fn score(metric: Metric, query: &[f32], row: &[f32]) -> f32 {
    match metric {
        Metric::L2 => -simd::l2_sq(query, row),
        Metric::Cosine => simd::cosine(query, row),
        _ => simd::dot(query, row),
    }
}

/// The exact answers, from the file beside `base_file` when its name carries the hash of these rows, this metric and
/// this k; else searched for, and written there if that can be done.
///
/// # Errors
/// [`NeighborsError`] for other dimensions or an interruption.
pub fn truth(
    base: VectorsRef<'_>,
    queries: VectorsRef<'_>,
    (metric, k): (Metric, usize),
    base_file: Option<&Path>,
    ctx: &Context,
) -> Result<Truth, NeighborsError> {
    let k = k.min(base.rows());
    let path = base_file.map(|file| beside(file, base, queries, metric, k));
    if let Some(limits) = path.as_deref().and_then(|p| read(p, base, queries, metric, k)) {
        return Ok(Truth { limits, k, cached: true });
    }
    let found = neighbors::exact(base, queries, metric, k, ctx)?;
    let ids: Vec<Vec<u32>> = found.iter().map(|hits| hits.iter().map(|h| h.id).collect()).collect();
    if let (Some(path), true) = (&path, k > 0) {
        // A folder that cannot be written to costs time the next time, nothing else.
        let _ = write_ids(path, ids.iter().map(Vec::as_slice), k);
    }
    let limit = |(q, row): (&[f32], &Vec<u32>)| {
        row.iter().map(|id| score(metric, q, base.row(*id as usize))).fold(f32::INFINITY, f32::min)
    };
    Ok(Truth { limits: queries.iter().zip(&ids).map(limit).collect(), k, cached: false })
}

/// Exact answers that are known: the rows nearest to each query, best first, by number (ann-benchmarks' `neighbors`).
///
/// # Errors
/// The first query with a number that is not of a row of the base.
pub fn known(
    base: VectorsRef<'_>,
    queries: VectorsRef<'_>,
    neighbors: VectorsRef<'_>,
    (metric, k): (Metric, usize),
) -> Result<Truth, usize> {
    let k = k.min(base.rows()).min(neighbors.dim());
    let mut limits = Vec::with_capacity(queries.rows());
    for (i, (query, ids)) in queries.iter().zip(neighbors.iter()).enumerate() {
        let mut limit = f32::INFINITY;
        for id in &ids[..k] {
            if !(0.0..base.rows() as f32).contains(id) {
                return Err(i);
            }
            limit = limit.min(score(metric, query, base.row(*id as usize)));
        }
        limits.push(limit);
    }
    Ok(Truth { limits, k, cached: true })
}

fn beside(file: &Path, base: VectorsRef<'_>, queries: VectorsRef<'_>, metric: Metric, k: usize) -> PathBuf {
    let part = |rows: VectorsRef<'_>| hash::content(bytemuck::cast_slice(rows.as_slice()));
    let key = hash::content(format!("{}{}{}{metric}{k}", part(base), part(queries), base.dim()).as_bytes());
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".truth-{}.ivecs", &key[..16]));
    file.with_file_name(name)
}

/// The limits from a file of ids; `None` when it is not there or not what it should be.
fn read(path: &Path, base: VectorsRef<'_>, queries: VectorsRef<'_>, metric: Metric, k: usize) -> Option<Vec<f32>> {
    let ids = read_ids(path).ok()?;
    if ids.k != k || ids.rows() != queries.rows() {
        return None;
    }
    let one = |(i, q): (usize, &[f32])| {
        let mut limit = f32::INFINITY;
        for id in ids.row(i) {
            let row = usize::try_from(*id).ok().filter(|id| *id < base.rows())?;
            limit = limit.min(score(metric, q, base.row(row)));
        }
        Some(limit)
    };
    queries.iter().enumerate().map(one).collect()
}
