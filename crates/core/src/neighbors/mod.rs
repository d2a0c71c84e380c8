//! Exact nearest neighbours: blocked products (or direct distances) fused with bounded heaps.
//!
//! dot, cosine and l2 go through [`gemm`](crate::simd::gemm_both_packed) at 2·n·q·d operations near the CPU's peak; l1 and
//! the Poincaré distance through the row kernels. Nothing of size n × q is kept: a tile of scores lives in the cache
//! until the heaps have seen it. The answer is the same for any number of threads; ties go to the smaller id.

mod block;
mod descent;
pub(crate) mod kdtree;
mod plan;
mod trust;
mod truth;

use rayon::prelude::*;

use descent::unit;
pub use descent::{DescentParams, descent, near_self};
pub use trust::trustworthiness;
pub use truth::{GroundTruth, ground_truth, recall};

use crate::{Cancelled, Context, Hit, Metric, TopK, VectorsRef};
use block::Block;
pub(crate) use block::offer;
use plan::Plan;

/// Queries that one task carries through its part of the base.
const QUERIES: usize = 1024;
/// Fewest base rows that make a task.
const FEWEST_ROWS: usize = 1024;

/// Why neighbours could not be found.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NeighborsError {
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Queries of another dimension than the base.
    #[error("queries have {queries} dimensions, the base has {base}")]
    Dim {
        /// Of the queries.
        queries: usize,
        /// Of the base.
        base: usize,
    },
    /// A metric that does not compare dense rows.
    #[error("metric `{0}` does not compare dense rows (use dot, cosine, l2, l1 or poincare)")]
    Metric(Metric),
    /// More rows than ids can count.
    #[error("{0} rows are more than ids of 32 bits can name")]
    TooMany(usize),
    /// A parameter outside its range.
    #[error("{field} must be {legal}")]
    Param {
        /// Which one.
        field: &'static str,
        /// What it may be.
        legal: &'static str,
    },
}

/// The best `k` rows of `base` for each row of `queries`, best first (all rows where there are fewer than `k`).
///
/// A zero row has cosine 0 with everything; a NaN score sorts last. l2 scores are minus the squared distance, computed
/// directly for what is returned. Checks `ctx` for a stop every few milliseconds of work; reports no progress.
///
/// ```
/// use vectory_core::{Context, Metric, Vectors, neighbors};
/// let base = Vectors::from_slice(&[0.0, 0.0, 3.0, 4.0, 1.0, 0.0], 2)?;
/// let found = neighbors::exact(base.view(), base.view().slice(0, 1), Metric::L2, 2, &Context::new(1, 2)?)?;
/// assert_eq!(found[0].iter().map(|h| (h.id, h.score)).collect::<Vec<_>>(), [(0, 0.0), (2, -1.0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`NeighborsError`]: other dimensions, a metric of another kind, interrupted.
pub fn exact(
    base: VectorsRef<'_>,
    queries: VectorsRef<'_>,
    metric: Metric,
    k: usize,
    ctx: &Context,
) -> Result<Vec<Vec<Hit>>, NeighborsError> {
    search(base, queries, Ask { metric, k, skip_self: false }, ctx)
}

/// The best `k` other rows of each row: [`exact`] of rows among themselves, without each row's own id.
///
/// # Errors
/// As [`exact`].
pub fn exact_self(
    rows: VectorsRef<'_>,
    metric: Metric,
    k: usize,
    ctx: &Context,
) -> Result<Vec<Vec<Hit>>, NeighborsError> {
    search(rows, rows, Ask { metric, k, skip_self: true }, ctx)
}

/// What is asked of each query.
#[derive(Clone, Copy)]
struct Ask {
    metric: Metric,
    k: usize,
    skip_self: bool,
}

fn search(
    base: VectorsRef<'_>,
    queries: VectorsRef<'_>,
    ask: Ask,
    ctx: &Context,
) -> Result<Vec<Vec<Hit>>, NeighborsError> {
    let Ask { metric, k, skip_self } = ask;
    ctx.check()?;
    if queries.rows() == 0 || base.rows() == 0 || k == 0 {
        return Ok(vec![vec![]; queries.rows()]);
    }
    if base.dim() != queries.dim() {
        return Err(NeighborsError::Dim { queries: queries.dim(), base: base.dim() });
    }
    if u32::try_from(base.rows()).is_err() {
        return Err(NeighborsError::TooMany(base.rows()));
    }
    if metric == Metric::Cosine && ctx.pool().install(|| plan::extreme(base) || plan::extreme(queries)) {
        let (base, queries) = (unit(base), unit(queries));
        return search(base.view(), queries.view(), ask, ctx);
    }
    let wanted = (k + usize::from(skip_self)).min(base.rows());
    ctx.pool().install(|| {
        let plan = Plan::new(base, metric, wanted, queries.rows())?;
        let parts = tasks(base.rows(), queries.rows(), ctx.threads());
        let found: Vec<Vec<TopK>> =
            parts.par_iter().map(|t| Block::new(&plan, queries, t).run(ctx)).collect::<Result<_, Cancelled>>()?;
        let merged = merge(&parts, found, queries.rows(), plan.kept());
        let finish = |(q, top): (usize, TopK)| {
            let mut hits = plan.finish(queries.row(q), top);
            if skip_self {
                hits.retain(|h| h.id as usize != q);
            }
            hits.truncate(k);
            hits
        };
        Ok(merged.into_par_iter().enumerate().map(finish).collect())
    })
}

/// A block of queries and a part of the base.
struct Task {
    queries: (usize, usize),
    rows: (usize, usize),
}

/// Enough tasks to keep the threads busy: blocks of queries, and the base in parts where the blocks are too few.
fn tasks(rows: usize, queries: usize, threads: usize) -> Vec<Task> {
    let blocks = queries.div_ceil(QUERIES);
    let parts = (4 * threads / blocks).clamp(1, rows.div_ceil(FEWEST_ROWS));
    let (size, step) = (queries.div_ceil(blocks), rows.div_ceil(parts));
    let mut all = Vec::with_capacity(blocks * parts);
    for q in (0..queries).step_by(size) {
        for r in (0..rows).step_by(step) {
            all.push(Task { queries: (q, queries.min(q + size)), rows: (r, rows.min(r + step)) });
        }
    }
    all
}

/// One collector a query, out of those of all parts of the base.
fn merge(parts: &[Task], found: Vec<Vec<TopK>>, queries: usize, kept: usize) -> Vec<TopK> {
    let mut all: Vec<Option<TopK>> = vec![None; queries];
    for (task, tops) in parts.iter().zip(found) {
        for (slot, top) in all[task.queries.0..task.queries.1].iter_mut().zip(tops) {
            match slot {
                None => *slot = Some(top),
                Some(s) => top.into_sorted().iter().for_each(|h| _ = s.push(h.id, h.score)),
            }
        }
    }
    all.into_iter().map(|t| t.unwrap_or_else(|| TopK::new(kept))).collect()
}

#[cfg(test)]
mod tests;
