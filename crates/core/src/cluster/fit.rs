//! The runs: Lloyd's iterations, or mini-batches and one assignment.

use super::again::{self, Last};
use super::assign::Packed;
use super::{ClusterError, Init, KMeansParams, balanced, init, mini_batch, update};
use crate::{Cancelled, Context, Vectors, VectorsRef};

/// Largest values whose squared distances neither overflow nor vanish.
const SAFE: std::ops::Range<f32> = 1e-15..1e15;

/// Runs that are started together.
const TOGETHER: usize = 8;

/// Rows in groups.
#[derive(Clone, Debug)]
pub struct KMeans {
    /// k × d; of unit length for spherical k-means.
    pub centroids: Vectors,
    /// The group of each row.
    pub assignment: Vec<u32>,
    /// Σ squared distances of rows (scaled to unit length for spherical k-means) from their centroids.
    pub inertia: f64,
    /// Iterations (or batches) of the run that was kept.
    pub iterations: usize,
}

/// Groups rows around k centroids. Every group has a row, unless rows coincide. Reports no progress; checks `ctx` for a
/// stop between tiles. Memory: the rows once more for spherical k-means, else O(n + k d).
///
/// ```
/// use vectory_core::{Context, Vectors, cluster};
/// let rows = Vectors::from_slice(&[0.0, 0.1, 9.0, 9.1], 1)?;
/// let params = cluster::KMeansParams { k: 2, ..Default::default() };
/// let found = cluster::kmeans(rows.view(), &params, &Context::new(1, 2)?)?;
/// assert!(found.assignment[0] == found.assignment[1] && found.assignment[1] != found.assignment[2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ClusterError`]: fewer rows than k, a parameter out of range, rows that are not finite, interrupted.
pub fn kmeans(rows: VectorsRef<'_>, params: &KMeansParams, ctx: &Context) -> Result<KMeans, ClusterError> {
    params.check(rows)?;
    let largest = rows.as_slice().iter().fold(0.0f32, |m, v| m.max(v.abs()));
    if !params.spherical && largest > 0.0 && !SAFE.contains(&largest) {
        return scaled(rows, params, largest, ctx);
    }
    let unit = params.spherical.then(|| {
        let mut copy = Vectors::zeros(rows.rows(), rows.dim());
        copy.as_mut_slice().copy_from_slice(rows.as_slice());
        copy.normalize();
        copy
    });
    let rows = unit.as_ref().map_or(rows, Vectors::view);
    // In the pool from the start: what goes step by step wakes no thread for each step.
    ctx.pool().install(|| best_run(rows, params, ctx))
}

fn best_run(rows: VectorsRef<'_>, params: &KMeansParams, ctx: &Context) -> Result<KMeans, ClusterError> {
    let mut best: Option<KMeans> = None;
    for first in (0..params.restarts).step_by(TOGETHER) {
        let runs = first as u64..params.restarts.min(first + TOGETHER) as u64;
        for (run, start) in runs.clone().zip(init::centroids(rows, params, runs, ctx)?) {
            let found = one_run(rows, start, params, run, ctx)?;
            if best.as_ref().is_none_or(|b| found.inertia < b.inertia) {
                best = Some(found);
            }
        }
    }
    best.ok_or(ClusterError::Param { field: "restarts", value: "0".into(), legal: "1 or more" })
}

/// [`kmeans`] of the rows over `by`, and its centroids and inertia taken back.
fn scaled(rows: VectorsRef<'_>, params: &KMeansParams, by: f32, ctx: &Context) -> Result<KMeans, ClusterError> {
    let times = |rows: VectorsRef<'_>, f: &dyn Fn(f64) -> f64| {
        let mut out = Vectors::zeros(rows.rows(), rows.dim());
        out.as_mut_slice().iter_mut().zip(rows.as_slice()).for_each(|(o, v)| *o = f(f64::from(*v)) as f32);
        out
    };
    let by = f64::from(by);
    let mut params = params.clone();
    if let Init::Centroids(c) = &params.init {
        params.init = Init::Centroids(times(c.view(), &|v| v / by));
    }
    let found = kmeans(times(rows, &|v| v / by).view(), &params, ctx)?;
    let centroids = times(found.centroids.view(), &|v| v * by);
    Ok(KMeans { centroids, inertia: found.inertia * by * by, ..found })
}

fn one_run(
    rows: VectorsRef<'_>,
    mut centroids: Vectors,
    p: &KMeansParams,
    run: u64,
    ctx: &Context,
) -> Result<KMeans, ClusterError> {
    if p.spherical {
        centroids.normalize();
    }
    if p.batch.is_some() {
        mini_batch::refine(rows, &mut centroids, p, &ctx.clone().with_seed(ctx.seed ^ run))?;
        let (assignment, distances) = assign(rows, &centroids, p, ctx)?;
        return Ok(KMeans { centroids, assignment, inertia: total(&distances), iterations: p.max_iterations });
    }
    lloyd(rows, centroids, p, ctx)
}

fn lloyd(
    rows: VectorsRef<'_>,
    mut centroids: Vectors,
    p: &KMeansParams,
    ctx: &Context,
) -> Result<KMeans, ClusterError> {
    let (mut assignment, mut distances) = assign(rows, &centroids, p, ctx)?;
    let mut inertia = total(&distances);
    let (mut iterations, mut before) = (0, centroids.clone());
    while iterations < p.max_iterations {
        iterations += 1;
        let repaired = update::repair(&mut assignment, &mut distances, p.k);
        before.as_mut_slice().copy_from_slice(centroids.as_slice());
        update::means(rows, &assignment, &mut centroids, p.spherical, ctx);
        let (next, next_distances) = if p.balanced {
            assign(rows, &centroids, p, ctx)?
        } else {
            let last = Last { centroids: before.view(), assignment: &assignment, distances: &distances };
            again::nearest(rows, centroids.view(), &last, ctx)?
        };
        let (still, before) = (next == assignment, inertia);
        inertia = total(&next_distances);
        (assignment, distances) = (next, next_distances);
        let gained = before - inertia;
        // Where fewer rows differ than there are groups, some group is empty again however often it is given a row.
        let ends = if repaired { gained <= 0.0 } else { still || gained < p.tolerance * before };
        if ends {
            break;
        }
    }
    Ok(KMeans { centroids, assignment, inertia, iterations })
}

fn assign(
    rows: VectorsRef<'_>,
    centroids: &Vectors,
    p: &KMeansParams,
    ctx: &Context,
) -> Result<(Vec<u32>, Vec<f32>), Cancelled> {
    if p.balanced {
        balanced::nearest(centroids.view(), rows, ctx)
    } else {
        Packed::new(centroids.view()).nearest(rows, ctx)
    }
}

fn total(distances: &[f32]) -> f64 {
    distances.iter().map(|d| f64::from(*d)).sum()
}
