//! What transforms would do to these vectors, measured: each is fitted on one half of a sample and judged on the other.

use rand::seq::SliceRandom;
use vectory_core::linalg::covariance;
use vectory_core::neighbors;
use vectory_core::{Context, Metric, VectorsRef, rng};
use vectory_linalg::eigen_symmetric;
use vectory_transform::{Plan, Side, TransformError};

use crate::cosine::pair_cosines;
use crate::hubness::hubness;
use crate::isotropy::iso_score;
use crate::neighborhood::{sample, within};
use crate::{InspectError, InspectParams};

/// The chains that are tried.
pub const CHAINS: [&str; 5] =
    ["center | normalize", "clip | normalize", "abtt | normalize", "whiten | normalize", "fnorm | normalize"];
/// Rows of each half.
const ROWS: usize = 3000;
/// Fewest rows of a half that tell anything.
const FEWEST: usize = 50;
/// Neighbours that are compared.
const K: usize = 10;

/// What a set of rows looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The chain; empty for the rows as they are.
    pub chain: &'static str,
    /// IsoScore; `None` without variance.
    pub iso: Option<f64>,
    /// Mean cosine of two rows.
    pub cosine: f64,
    /// Skewness of k-occurrences, and its 95 % bootstrap interval.
    pub skewness: (f64, (f64, f64)),
    /// Share of the ten nearest by the rows as they are that are still so.
    pub kept: f64,
}

/// The rows as they are, then after each chain, all judged on rows that were not fitted; empty where there are too few rows. Under
/// `dot` and `l2` the rows as they are keep that metric, and the chains end at unit length.
///
/// # Errors
/// [`InspectError::Cancelled`], [`InspectError::Compute`].
pub fn cures(x: VectorsRef<'_>, params: &InspectParams, ctx: &Context) -> Result<Vec<Look>, InspectError> {
    let size = (2 * ROWS).min(x.rows());
    if size < 2 * FEWEST || x.dim() < 2 {
        return Ok(Vec::new());
    }
    let chosen = sample(x.rows(), size, params.seed, "inspect.cures");
    // Random halves: rows that were stored in turns must not fall apart by kind.
    let mut order = chosen;
    order.shuffle(&mut rng::stream(params.seed, "inspect.cures.halves"));
    let (first, second) = order.split_at(order.len() / 2);
    let (fit_on, judged) = (x.picked(first.iter().copied()), x.picked(second.iter().copied()));
    let near = |rows: VectorsRef<'_>| neighbors::exact_self(rows, params.metric, K, ctx);
    let before = near(judged.view())?;
    let mut out = vec![look("", judged.view(), 1.0, params, ctx)?];
    for chain in CHAINS {
        let plan = Plan::parse(chain).map_err(InspectError::compute)?;
        // A chain that cannot be fitted (all rows the same) has nothing to offer.
        let after = match plan.fit(fit_on.view(), &Side::default(), ctx).and_then(|c| c.apply(judged.view(), ctx)) {
            Ok(after) => after,
            Err(TransformError::Cancelled(c)) => return Err(InspectError::Cancelled(c)),
            Err(_) => continue,
        };
        let now = neighbors::exact_self(after.view(), Metric::Cosine, K, ctx)?;
        let shared = before.iter().zip(&now).map(|(a, b)| a.iter().filter(|h| b.iter().any(|o| o.id == h.id)).count());
        let kept = shared.sum::<usize>() as f64 / before.iter().map(Vec::len).sum::<usize>().max(1) as f64;
        let cosine = InspectParams { metric: Metric::Cosine, ..params.clone() };
        out.push(look(chain, after.view(), kept, &cosine, ctx)?);
    }
    Ok(out)
}

fn look(
    chain: &'static str,
    x: VectorsRef<'_>,
    kept: f64,
    params: &InspectParams,
    ctx: &Context,
) -> Result<Look, InspectError> {
    let (_, spread) = covariance(x, ctx)?;
    let spectrum = eigen_symmetric(&spread).map_err(InspectError::compute)?.values;
    let all: Vec<usize> = (0..x.rows()).collect();
    let hubs = hubness(&within(x, &all, params.metric, K, ctx)?, K, params.seed);
    Ok(Look {
        chain,
        iso: iso_score(&spectrum).map(|i| i.score),
        cosine: pair_cosines(x, 2, params.seed).map_or(0.0, |c| c.mean),
        skewness: (hubs.skewness, hubs.interval),
        kept,
    })
}
