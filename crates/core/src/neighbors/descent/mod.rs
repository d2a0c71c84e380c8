//! Approximate neighbours of rows among themselves by NN-descent (Dong, Moses and Li 2011): a neighbour of a neighbour is
//! likely a neighbour. Lists are started by a forest of random projection trees (Dasgupta and Freund 2008) and refined by
//! local joins until few of them change.
//!
//! For the neighbour graph of a whole set, where [`exact_self`](super::exact_self) takes n² · d operations: about
//! n^1.1 · k² · d here, recall 0.95 and more at k = 15 on real data (not on uniform noise of many dimensions). The result is the
//! same for any number of threads: offers of a block of joins are collected, then kept by distance and id alone.

mod forest;
mod join;
mod lists;

use lists::Lists;

use super::{Ask, NeighborsError, kdtree};
use crate::simd;
use crate::{Context, Hit, Metric, Vectors, VectorsRef};

/// Multiply-adds up to which the exact answer is taken: some five seconds on two cores.
const EXACT_WORK: f64 = 3.0e11;

/// What NN-descent is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DescentParams {
    /// Neighbours of each row, 1 or more.
    pub k: usize,
    /// Trees that start the lists, 1 or more.
    pub trees: usize,
    /// Most rows of a leaf, 4 or more; all pairs of a leaf are compared.
    pub leaf: usize,
    /// Most new (and most old) neighbours of a row that are joined in an iteration, 2 or more.
    pub candidates: usize,
    /// Most iterations.
    pub iterations: usize,
    /// Stops once an iteration changes less than this share of the lists' entries.
    pub tolerance: f64,
}

impl Default for DescentParams {
    fn default() -> Self {
        Self { k: 15, trees: 6, leaf: 64, candidates: 20, iterations: 12, tolerance: 0.002 }
    }
}

impl DescentParams {
    /// # Errors
    /// Names the field that is out of range.
    pub fn check(&self) -> Result<(), NeighborsError> {
        let bad = |field, legal| Err(NeighborsError::Param { field, legal });
        match self {
            Self { k: 0, .. } => bad("k", "1 or more"),
            Self { trees: 0, .. } => bad("trees", "1 or more"),
            Self { leaf: 0..4, .. } => bad("leaf", "4 or more"),
            Self { candidates: 0..2, .. } => bad("candidates", "2 or more"),
            Self { tolerance: t, .. } if !(0.0..1.0).contains(t) => bad("tolerance", "at least 0 and below 1"),
            _ => Ok(()),
        }
    }
}

/// The best `k` other rows of each row: exact up to 3 · 10¹¹ multiply-adds (n² · d) and, under l2, for up to
/// eight dimensions (a k-d tree), else by NN-descent with its defaults. Metrics but l2 and cosine are always exact.
///
/// # Errors
/// As [`exact`](super::exact).
pub fn near_self(
    rows: VectorsRef<'_>,
    metric: Metric,
    k: usize,
    ctx: &Context,
) -> Result<Vec<Vec<Hit>>, NeighborsError> {
    if k > 0 && metric == Metric::L2 && kdtree::suits(rows) {
        return Ok(kdtree::exact_self(rows, k.min(rows.rows() - 1), ctx)?);
    }
    let work = (rows.rows() as f64).powi(2) * rows.dim() as f64;
    if k == 0 || work <= EXACT_WORK || !matches!(metric, Metric::L2 | Metric::Cosine) {
        return super::search(rows, rows, Ask { metric, k, skip_self: true }, ctx);
    }
    descent(rows, metric, &DescentParams { k, ..DescentParams::default() }, ctx)
}

/// About the best `k` other rows of each row, best first; scores as [`exact`](super::exact) gives them. l2 and cosine.
///
/// # Errors
/// [`NeighborsError`]: another metric, a parameter out of range, interrupted.
pub fn descent(
    rows: VectorsRef<'_>,
    metric: Metric,
    params: &DescentParams,
    ctx: &Context,
) -> Result<Vec<Vec<Hit>>, NeighborsError> {
    params.check()?;
    // On unit rows the squared distance orders as the cosine does.
    let unit = match metric {
        Metric::L2 => None,
        Metric::Cosine => Some(unit(rows)),
        other => return Err(NeighborsError::Metric(other)),
    };
    let seen = unit.as_ref().map_or(rows, Vectors::view);
    let n = rows.rows();
    if u32::try_from(n).is_err() {
        return Err(NeighborsError::TooMany(n));
    }
    let lists = ctx.pool().install(|| refined(seen, params, ctx))?;
    let score = |i: usize, j: u32, squared: f32| match metric {
        Metric::L2 => -squared,
        _ => simd::dot(seen.row(i), seen.row(j as usize)),
    };
    let hits = |i: usize| {
        let mut hits: Vec<Hit> = lists.of(i).map(|(j, d)| Hit { id: j, score: score(i, j, d) }).collect();
        hits.sort_by(Hit::best_first);
        hits
    };
    Ok((0..n).map(hits).collect())
}

fn refined(rows: VectorsRef<'_>, p: &DescentParams, ctx: &Context) -> Result<Lists, NeighborsError> {
    let n = rows.rows();
    let mut lists = Lists::new(n, p.k.min(n.saturating_sub(1)));
    for tree in 0..p.trees as u64 {
        forest::start(rows, &mut lists, p.leaf, tree, ctx)?;
    }
    for iteration in 0..p.iterations as u64 {
        let changed = join::improve(rows, &mut lists, p.candidates, iteration, ctx)?;
        if (changed as f64) < p.tolerance * (n * p.k) as f64 {
            break;
        }
    }
    Ok(lists)
}

/// A copy of the rows, each of unit length.
pub(super) fn unit(rows: VectorsRef<'_>) -> Vectors {
    let mut copy = Vectors::zeros(rows.rows(), rows.dim());
    copy.as_mut_slice().copy_from_slice(rows.as_slice());
    copy.normalize();
    copy
}

#[cfg(test)]
mod tests;
