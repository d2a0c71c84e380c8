//! One index: its build, its size, its curve.

use std::time::Instant;

use serde::Serialize;
use thiserror::Error;
use vectory_core::neighbors::NeighborsError;
use vectory_core::{Cancelled, Context, Hit, VectorsRef};
use vectory_index::curve::{Rate, rate};
use vectory_index::factory::{self, FactoryError};
use vectory_index::{Index, IndexError, Search};

use super::params::{AnnParams, AnnParamsError};
use super::truth::{Truth, score};

/// Why indexes could not be compared.
#[derive(Debug, Error)]
pub enum AnnError {
    /// A parameter outside its range.
    #[error(transparent)]
    Params(#[from] AnnParamsError),
    /// A string that names no index.
    #[error(transparent)]
    Factory(#[from] FactoryError),
    /// An index could not be built.
    #[error("{factory}: {source}")]
    Index {
        /// Which.
        factory: String,
        /// Why.
        source: IndexError,
    },
    /// The exact search failed.
    #[error(transparent)]
    Truth(#[from] NeighborsError),
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// One search setting.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// The setting: `ef 64`, `nprobe 8`.
    pub setting: String,
    /// Mean share of the true `k` that were found.
    pub recall: f64,
    /// Queries a second on one thread.
    pub qps: f64,
    /// Microseconds that 99 of 100 queries stay under.
    pub p99_us: f64,
}

/// An index and its curve.
#[derive(Clone, Debug, Serialize)]
pub struct Curve {
    /// What was built.
    pub factory: String,
    /// Seconds of the build on all threads.
    pub build_seconds: f64,
    /// Bytes of the index on disk, with all that searching needs.
    pub bytes: u64,
    /// Bytes that the process grew by while building and searching (0 where the system does not say).
    pub resident: u64,
    /// From the quickest setting on.
    pub points: Vec<Point>,
}

impl Curve {
    /// The quickest setting that reaches a recall.
    #[must_use]
    pub fn at(&self, recall: f64) -> Option<&Point> {
        self.points.iter().filter(|p| p.recall >= recall).max_by(|a, b| a.qps.total_cmp(&b.qps))
    }
}

/// Builds the named index over `base` and measures it.
///
/// # Errors
/// [`AnnError`]: parameters, the name, the rows, interrupted.
pub fn measure(
    base: VectorsRef<'_>,
    queries: VectorsRef<'_>,
    truth: &Truth,
    name: &str,
    params: &AnnParams,
    ctx: &Context,
) -> Result<Curve, AnnError> {
    params.check()?;
    let factory = factory::parse(name)?;
    let broken = |source| AnnError::Index { factory: name.to_owned(), source };
    let before = resident();
    let start = Instant::now();
    let index = Index::build(base, params.metric, &factory, ctx).map_err(broken)?;
    let build_seconds = start.elapsed().as_secs_f64();
    let searcher = index.searcher().map_err(broken)?;
    let mut curve =
        Curve { factory: name.to_owned(), build_seconds, bytes: index.size(), resident: 0, points: Vec::new() };
    let start = Instant::now();
    for search in index.settings(params.k) {
        ctx.check()?;
        let found: Vec<Vec<Hit>> = queries.iter().map(|q| searcher.search(q, &search)).collect();
        let recall = mean_recall(base, queries, truth, &found, params);
        let Rate { qps, p99_us } = rate(&searcher, queries, &search, params.repeat);
        curve.points.push(Point { setting: index.setting(&search), recall, qps, p99_us });
        if recall >= params.stop || start.elapsed().as_secs_f64() > params.budget {
            break;
        }
    }
    curve.resident = resident().saturating_sub(before);
    Ok(curve)
}

fn mean_recall(
    base: VectorsRef<'_>,
    queries: VectorsRef<'_>,
    truth: &Truth,
    found: &[Vec<Hit>],
    params: &AnnParams,
) -> f64 {
    let one = |(i, q): (usize, &[f32])| {
        truth.recall(i, found[i].iter().map(|h| score(params.metric, q, base.row(h.id as usize))))
    };
    queries.iter().enumerate().map(one).sum::<f64>() / queries.rows().max(1) as f64
}

/// Resident bytes of this process, where the system says.
fn resident() -> u64 {
    let Ok(text) = fs_err::read_to_string("/proc/self/status") else { return 0 };
    let line = text.lines().find_map(|l| l.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
