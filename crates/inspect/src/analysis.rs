//! Everything that an inspection measures, in one value.

use vectory_core::linalg::covariance;
use vectory_core::{Context, Metric, Vectors, VectorsRef};
use vectory_linalg::{Mat, eigen_symmetric};

use crate::cosine::{PairCosines, pair_cosines};
use crate::dimension::{self, IntrinsicDimension, intrinsic_dimension};
use crate::hubness::{Hubness, hubness};
use crate::isotropy::{IsoScore, iso_score, ln_partition_score};
use crate::magnitude::{Curve, MagnitudeParams, curve, weights};
use crate::neighborhood::{Neighborhood, among, sample, within};
use crate::outliers::{Dimension, dimensions};
use crate::rows::{RowScan, scan};
use crate::spectrum::{EffectiveDimension, effective_dimension};
use crate::{InspectError, InspectParams};

/// Random pairs for the distribution of cosines.
const PAIRS: usize = 20_000;
/// Multiplications that the partition score may cost before it is measured on a sample of rows.
const PARTITION_COST: f64 = 4e10;
/// Cosine above which two rows are near-duplicates.
pub(crate) const NEAR: f64 = 0.999;

/// The measured values; [`report`](crate::report) puts them into words and pictures.
pub struct Analysis {
    /// Rows given.
    pub rows: usize,
    /// Values a row.
    pub dim: usize,
    /// Rows that were measured: finite, and under cosine not zero.
    pub usable: usize,
    /// Broken, empty and repeated rows, and the lengths.
    pub scan: RowScan,
    /// The mean row.
    pub mean: Vec<f64>,
    /// Eigenvalues of the covariance, descending.
    pub spectrum: Vec<f64>,
    /// Cosines of pairs; `None` with fewer than two rows that are not zero.
    pub cosines: Option<PairCosines>,
    /// IsoScore; `None` without variance or with one dimension.
    pub iso: Option<IsoScore>,
    /// ln of the partition score, and the rows it was measured on.
    pub ln_partition: (f64, usize),
    /// Effective dimensions of the spectrum.
    pub effective: EffectiveDimension,
    /// Mean and variance of each dimension.
    pub dimensions: Vec<Dimension>,
    /// What needed neighbours.
    pub local: Local,
    /// How many rows the set is worth, and which lie at its edge; `None` without three rows that differ.
    pub magnitude: Option<Magnitude>,
}

/// Magnitude and weights of a sample.
pub struct Magnitude {
    /// The rows looked at, by their number in the input.
    pub rows: Vec<usize>,
    /// Magnitude by scale.
    pub curve: Curve,
    /// The rows farthest out and their weights among the sample, largest first.
    pub edge: Vec<(usize, f64)>,
    /// Neighbours whose median distance made the scale of the weights.
    pub neighbors: usize,
}

/// What was measured on neighbours.
pub struct Local {
    /// Intrinsic dimension; `None` when there are too few different rows.
    pub intrinsic: Option<IntrinsicDimension>,
    /// Rows whose neighbours were sought among all rows.
    pub queries: usize,
    /// Share of those rows with another row (not equal to it) at cosine above 0.999.
    pub near_duplicates: f64,
    /// Hubness among the sample.
    pub hubness: Hubness,
    /// The sampled rows, by their number in the input.
    pub sample: Vec<usize>,
}

/// Measures everything. O(n d²) for the covariance, O(sample² d + 2,000 n d) for the neighbours.
///
/// # Errors
/// [`InspectError`] for parameters out of range, fewer than two usable rows, or an interrupt.
pub fn analyse(x: VectorsRef<'_>, params: &InspectParams, ctx: &Context) -> Result<Analysis, InspectError> {
    params.check()?;
    let progress = ctx.progress();
    progress.begin("rows", None, "rows");
    let scan = scan(x);
    let kept = scan.usable(x.rows(), params.metric == Metric::Cosine);
    let copied: Option<Vectors> = kept.as_ref().map(|rows| x.picked(rows.iter().copied()));
    let clean = copied.as_ref().map_or(x, Vectors::view);
    if clean.rows() < 2 || x.dim() == 0 {
        return Err(InspectError::Empty { rows: x.rows(), dim: x.dim(), usable: clean.rows() });
    }
    progress.end();
    progress.begin("spectrum", None, "");
    let (mean, covariance) = covariance(clean, ctx)?;
    let variance: Vec<f64> = (0..x.dim()).map(|i| covariance.at(i, i)).collect();
    let spectrum = eigen_symmetric(&covariance).map_err(InspectError::compute)?.values;
    let second = eigen_symmetric(&second_moment(&covariance, &mean)).map_err(InspectError::compute)?;
    let ln_partition = partition(clean, &second.vectors, params, ctx)?;
    progress.end();
    progress.begin("neighbours", None, "");
    let mut local = local(clean, params, ctx)?;
    progress.end();
    progress.begin("magnitude", None, "");
    let mut magnitude = magnitude(clean, params, ctx)?;
    if let Some(kept) = kept {
        local.sample.iter_mut().for_each(|i| *i = kept[*i]);
        if let Some(m) = &mut magnitude {
            m.rows.iter_mut().for_each(|i| *i = kept[*i]);
            m.edge.iter_mut().for_each(|e| e.0 = kept[e.0]);
        }
    }
    progress.end();
    Ok(Analysis {
        rows: x.rows(),
        dim: x.dim(),
        usable: clean.rows(),
        cosines: pair_cosines(clean, PAIRS, params.seed),
        iso: iso_score(&spectrum),
        ln_partition,
        effective: effective_dimension(&spectrum, &second.values),
        dimensions: dimensions(&mean, &variance),
        scan,
        mean,
        spectrum,
        local,
        magnitude,
    })
}

/// Rows whose weights are computed among themselves, and of them those that make the curve.
const WEIGHED: usize = 2000;
const CURVE: usize = 500;
/// Rows at the edge that are named.
const NAMED: usize = 10;

fn magnitude(x: VectorsRef<'_>, params: &InspectParams, ctx: &Context) -> Result<Option<Magnitude>, InspectError> {
    let rows = sample(x.rows(), WEIGHED, params.seed, "inspect.magnitude");
    let mut chosen = x.picked(rows.iter().copied());
    if params.metric == Metric::Cosine {
        chosen.normalize();
    }
    let differs = chosen.iter().filter(|r| *r != chosen.row(0)).take(2).count();
    if differs < 2 {
        return Ok(None);
    }
    let few = chosen.picked(thin(&(0..rows.len()).collect::<Vec<_>>(), CURVE).iter().copied());
    let curve = match curve(few.view(), ctx) {
        Ok(curve) => curve,
        Err(InspectError::Cancelled(c)) => return Err(c.into()),
        // The few may all be equal where the many are not.
        Err(_) => return Ok(None),
    };
    let settings = MagnitudeParams { exact: 0, neighbors: 50.min(rows.len() - 1), ..MagnitudeParams::default() };
    let found = weights(chosen.view(), &settings, ctx)?;
    let mut edge: Vec<(usize, f64)> = rows.iter().copied().zip(found.weights).collect();
    edge.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    edge.truncate(NAMED);
    let rows = thin(&rows, CURVE);
    Ok(Some(Magnitude { rows, curve, edge, neighbors: settings.neighbors }))
}

/// E[x xᵀ] from the covariance and the mean.
fn second_moment(covariance: &Mat, mean: &[f64]) -> Mat {
    Mat::from_fn(mean.len(), mean.len(), |i, j| covariance.at(i, j) + mean[i] * mean[j])
}

fn partition(
    x: VectorsRef<'_>,
    vectors: &Mat,
    params: &InspectParams,
    ctx: &Context,
) -> Result<(f64, usize), InspectError> {
    let affordable = (PARTITION_COST / (x.dim() * x.dim()) as f64) as usize;
    let rows = sample(x.rows(), affordable.max(1000), params.seed, "inspect.partition");
    if rows.len() == x.rows() {
        return Ok((ln_partition_score(x, vectors, ctx)?, x.rows()));
    }
    Ok((ln_partition_score(x.picked(rows.iter().copied()).view(), vectors, ctx)?, rows.len()))
}

fn local(x: VectorsRef<'_>, params: &InspectParams, ctx: &Context) -> Result<Local, InspectError> {
    let k = params.k.max(dimension::NEIGHBORS);
    let chosen = sample(x.rows(), params.sample, params.seed, "inspect.sample");
    let all = chosen.len() == x.rows();
    // Neighbours among all rows keep the true density; a fifth of the sample is enough for means over rows.
    let queries = if all { chosen.clone() } else { thin(&chosen, (params.sample / 5).clamp(10, 2000)) };
    // The distance of an inner product is no distance: geometry is then measured by l2.
    let geometry = if params.metric == Metric::Dot { Metric::L2 } else { params.metric };
    let near = among(x, &queries, geometry, k, ctx)?;
    let hubs = if all && geometry == params.metric {
        hubness(&near, params.k, params.seed)
    } else {
        hubness(&within(x, &chosen, params.metric, params.k, ctx)?, params.k, params.seed)
    };
    Ok(Local {
        intrinsic: intrinsic_dimension(&near, params.seed),
        near_duplicates: near_duplicates(x, &queries, &near),
        queries: queries.len(),
        hubness: hubs,
        sample: chosen,
    })
}

/// `count` of the rows, evenly spread.
fn thin(rows: &[usize], count: usize) -> Vec<usize> {
    (0..count.min(rows.len())).map(|i| rows[i * rows.len() / count.min(rows.len())]).collect()
}

fn near_duplicates(x: VectorsRef<'_>, queries: &[usize], near: &Neighborhood) -> f64 {
    let is_near = |q: usize, other: u32| {
        let (a, b) = (x.row(q), x.row(other as usize));
        let dot: f64 = a.iter().zip(b).map(|(p, r)| f64::from(*p) * f64::from(*r)).sum();
        a != b && dot > NEAR * crate::rows::norm(a) * crate::rows::norm(b)
    };
    let found = queries.iter().zip(&near.lists).filter(|(q, l)| l.iter().any(|p| is_near(**q, p.0))).count();
    found as f64 / queries.len() as f64
}
