//! Building: centroids, and each cluster's factors.

use rayon::prelude::*;
use thiserror::Error;
use vectory_core::cluster::ClusterError;
use vectory_core::linalg::{LinalgError, Pca, PcaParams};
use vectory_core::simd::{self, Op};
use vectory_core::{Cancelled, Context, Metric, Vectors, VectorsRef};

use super::factor::{Factors, factorize};
use super::model::Header;
use super::{LowRankParams, LowRankParamsError};
use crate::bytes::COLUMNS;
use crate::file::{FileError, FileWriter};
use crate::ivf::build::{Places, group, sample, unit};

/// Longer rows are cut to so many principal components.
pub(super) const MOST_INPUTS: usize = 128;
/// Clusters around one, itself among them, whose rows stand for the queries that come to it.
const AROUND: usize = 5;
/// Such rows of a cluster at most.
const QUERIES: usize = 320;
/// Rows that the principal components are learnt from.
const SAMPLE: usize = 20_000;

/// Why a clustered low-rank index could not be built.
#[derive(Debug, Error)]
pub enum LowRankError {
    /// A metric that it does not serve.
    #[error("metric `{0}` is not served by a low-rank index (use cosine, dot or l2)")]
    Metric(Metric),
    /// A parameter.
    #[error(transparent)]
    Params(#[from] LowRankParamsError),
    /// A value that is NaN or infinite.
    #[error("row {row} has a value that is not finite at dimension {dim}")]
    NonFinite {
        /// Which row.
        row: usize,
        /// Which dimension.
        dim: usize,
    },
    /// Clustering.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Factorization.
    #[error(transparent)]
    Linalg(#[from] LinalgError),
    /// Factorization of a cluster.
    #[error(transparent)]
    Factor(#[from] vectory_linalg::Error),
    /// The file could not be written or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// More rows than places can count.
    #[error("{0} rows are more than places of 31 bits can name")]
    TooMany(usize),
}

/// What all clusters share.
struct Shared<'a> {
    rows: VectorsRef<'a>,
    metric: Metric,
    centroids: Vectors,
    mean: Vec<f32>,
    /// Principal components; none where rows keep all their values.
    axes: Option<Vectors>,
    places: Places,
    rank: usize,
}

pub(super) fn build(
    file: &mut FileWriter,
    rows: VectorsRef<'_>,
    metric: Metric,
    params: &LowRankParams,
    ctx: &Context,
) -> Result<serde_json::Value, LowRankError> {
    params.check()?;
    if !matches!(metric, Metric::Cosine | Metric::Dot | Metric::L2) {
        return Err(LowRankError::Metric(metric));
    }
    if rows.rows() > i32::MAX as usize / 2 {
        return Err(LowRankError::TooMany(rows.rows()));
    }
    if let Some((row, dim)) = rows.first_non_finite() {
        return Err(LowRankError::NonFinite { row, dim });
    }
    let unit = unit(rows, metric);
    let shared = shared(unit.as_ref().map_or(rows, Vectors::view), metric, params, ctx)?;
    let found: Vec<(Factors, Vec<f32>)> = ctx.pool().install(|| {
        (0..shared.centroids.rows())
            .into_par_iter()
            .map(|c| {
                ctx.check()?;
                shared.cluster(c)
            })
            .collect::<Result<_, LowRankError>>()
    })?;
    write(file, &shared, found);
    let header = Header {
        rows: rows.rows(),
        dim: rows.dim(),
        metric,
        clusters: shared.centroids.rows(),
        rank: shared.rank,
        inputs: shared.inputs(),
    };
    Ok(serde_json::json!(header))
}

fn shared<'a>(
    rows: VectorsRef<'a>,
    metric: Metric,
    params: &LowRankParams,
    ctx: &Context,
) -> Result<Shared<'a>, LowRankError> {
    let (centroids, assignment) = group(rows, params.clusters_for(rows.rows()), params.iterations, ctx)?;
    let places = Places::new(&assignment, centroids.rows(), COLUMNS);
    let mut sum = vec![0.0f64; rows.dim()];
    rows.iter().for_each(|r| sum.iter_mut().zip(r).for_each(|(s, v)| *s += f64::from(*v)));
    let mean = sum.iter().map(|s| (s / rows.rows().max(1) as f64) as f32).collect();
    let axes = if rows.dim() > MOST_INPUTS && rows.rows() >= 2 {
        let few = sample(rows, SAMPLE, ctx.seed);
        let dims = PcaParams { dims: MOST_INPUTS, ..PcaParams::default() };
        Some(Pca::fit(few.view(), &dims, ctx)?.components)
    } else {
        None
    };
    let inputs = axes.as_ref().map_or(rows.dim(), Vectors::rows);
    Ok(Shared { rows, metric, centroids, mean, axes, places, rank: params.rank.min(inputs) })
}

impl Shared<'_> {
    fn inputs(&self) -> usize {
        self.axes.as_ref().map_or(self.rows.dim(), Vectors::rows)
    }

    /// Rows of `ids` relative to `origin`, in the inputs of the factors.
    fn relative(&self, ids: &[u32], origin: &[f32]) -> Vectors {
        let mut out = Vectors::zeros(ids.len(), self.inputs());
        let mut from = vec![0.0; self.rows.dim()];
        for (i, id) in ids.iter().enumerate() {
            from.iter_mut().zip(self.rows.row(*id as usize)).zip(origin).for_each(|((f, v), o)| *f = v - o);
            self.reduce(&from, out.row_mut(i));
        }
        out
    }

    fn reduce(&self, row: &[f32], out: &mut [f32]) {
        match &self.axes {
            Some(axes) => simd::rows(Op::Dot, row, axes.as_slice(), out),
            None => out.copy_from_slice(row),
        }
    }

    fn ids(&self, cluster: usize) -> &[u32] {
        let places = self.places.starts[cluster] as usize..self.places.starts[cluster + 1] as usize;
        let all = &self.places.ids[places];
        &all[..all.partition_point(|id| *id != u32::MAX)]
    }

    /// The factors of a cluster, and the numbers of its places.
    fn cluster(&self, cluster: usize) -> Result<(Factors, Vec<f32>), LowRankError> {
        let (ids, centroid) = (self.ids(cluster), self.centroids.row(cluster));
        let (points, queries) = (self.relative(ids, centroid), self.relative(&self.around(cluster), centroid));
        let moved: Vec<f32> = centroid.iter().zip(&self.mean).map(|(c, m)| c - m).collect();
        let mut centre = vec![0.0; self.inputs()];
        self.reduce(&moved, &mut centre);
        let factors = factorize(points.view(), queries.view(), &centre, self.rank)?;
        let mut biases = vec![f32::NEG_INFINITY; ids.len().next_multiple_of(COLUMNS)];
        for (bias, id) in biases.iter_mut().zip(ids) {
            let row = self.rows.row(*id as usize);
            *bias = match self.metric {
                Metric::L2 => -simd::l2_sq(row, centroid),
                _ => simd::dot(row, centroid) - simd::dot(centroid, centroid),
            };
        }
        Ok((factors, biases))
    }

    /// Rows of the cluster and of those next to it, evenly taken.
    fn around(&self, cluster: usize) -> Vec<u32> {
        let mut distances = vec![0.0; self.centroids.rows()];
        simd::rows(Op::L2, self.centroids.row(cluster), self.centroids.as_slice(), &mut distances);
        let mut near: Vec<usize> = (0..distances.len()).collect();
        near.sort_unstable_by(|a, b| distances[*a].total_cmp(&distances[*b]).then(a.cmp(b)));
        let all: Vec<u32> = near.iter().take(AROUND).flat_map(|c| self.ids(*c)).copied().collect();
        let step = all.len().div_ceil(QUERIES).max(1);
        all.into_iter().step_by(step).collect()
    }
}

fn write(file: &mut FileWriter, shared: &Shared<'_>, found: Vec<(Factors, Vec<f32>)>) {
    let (mut turns, mut shifts, mut codes, mut biases) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut steps = Vec::with_capacity(2 * found.len());
    for (f, b) in found {
        turns.extend(f.turn);
        shifts.extend(f.shifts);
        codes.extend(f.codes);
        biases.extend(b);
        steps.extend([f.turn_step, f.step]);
    }
    file.section("centroids", shared.centroids.as_slice()).section("mean", &shared.mean);
    file.section("axes", shared.axes.as_ref().map_or(&[][..], Vectors::as_slice));
    file.section("turns", &turns).section("shifts", &shifts).section("steps", &steps);
    file.section("codes", &codes).section("biases", &biases);
    file.section("starts", &shared.places.starts).section("ids", &shared.places.ids);
}
