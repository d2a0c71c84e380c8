//! How many points a set really has, and which of them lie at its edge: the magnitude of a metric space (Leinster 2013) and
//! its weighting vector (Bunch, Kline, Dickinson, Bhat and Fung, *Weighting vectors for machine learning*, 2021).
//!
//! With Z = exp(-t · distance), the weights w solve Z w = 1, and the magnitude is their sum: 1 where t is small (all points look
//! alike), n where it is large (each stands alone). Weights are near 0 inside a set and large at its edge and far out.
//!
//! Exact weights cost O(n³) by Cholesky; [`weights`] takes them up to [`MagnitudeParams::exact`] rows. Beyond, the weight of a
//! row is that among its nearest neighbours alone, O(n k³) after a neighbour search: far rows count e^(-t · distance), which
//! is nothing. `smoothing` is the nugget on the diagonal: without it weights follow every gap that chance leaves between random
//! points; with 1 (a least-squares one-class machine) they show the edge. The magnitude curve has none.

mod claim;
mod curve;
mod local;
mod report;
#[cfg(test)]
mod tests;

pub use curve::{Curve, curve};
pub use report::report;

use vectory_core::linalg::{Mat, cholesky_solve};
use vectory_core::neighbors::{exact as nearest, near_self};
use vectory_core::{Context, Metric, VectorsRef, simd};

use crate::InspectError;

pub(crate) use claim::WEIGHTING;

/// The scale t that distances are multiplied by; it decides what counts as near.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// This value.
    Fixed(f64),
    /// This value over the median distance to the k-th neighbour.
    Neighbours(f64),
}

/// What weights are computed with.
#[derive(Clone, Debug, PartialEq)]
pub struct MagnitudeParams {
    /// The scale.
    pub scale: Scale,
    /// Added to the diagonal of Z, at least 1e-9.
    pub smoothing: f64,
    /// Neighbours k that a row is weighted among beyond `exact` rows (1 ..= 500).
    pub neighbors: usize,
    /// Most rows whose weights are computed among all (0: never; at most 10,000).
    pub exact: usize,
}

impl Default for MagnitudeParams {
    fn default() -> Self {
        Self { scale: Scale::Neighbours(2.0), smoothing: 1.0, neighbors: 50, exact: 3000 }
    }
}

impl MagnitudeParams {
    /// # Errors
    /// [`InspectError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), InspectError> {
        let bad = |field, legal, got: String| Err(InspectError::Param { field, legal, got });
        let (Scale::Fixed(t) | Scale::Neighbours(t)) = self.scale;
        if !(t > 0.0 && t.is_finite()) {
            return bad("scale", "above 0, finite", t.to_string());
        }
        if !(self.smoothing >= 1e-9 && self.smoothing.is_finite()) {
            return bad("smoothing", "1e-9 or more, finite", self.smoothing.to_string());
        }
        if !(1..=500).contains(&self.neighbors) {
            return bad("neighbors", "1 ..= 500", self.neighbors.to_string());
        }
        if self.exact > 10_000 {
            return bad("exact", "0 ..= 10,000", self.exact.to_string());
        }
        Ok(())
    }
}

/// One weight a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighting {
    /// The scale t.
    pub scale: f64,
    /// Large at the edge, small inside; may be negative.
    pub weights: Vec<f64>,
    /// Whether each was computed among all rows.
    pub exact: bool,
}

impl Weighting {
    /// For each of other weights, the share of these that are not above it: 1 for what lies farther out than every row.
    #[must_use]
    pub fn below(&self, others: &[f64]) -> Vec<f64> {
        let mut sorted = self.weights.clone();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len().max(1) as f64;
        others.iter().map(|o| sorted.partition_point(|w| w <= o) as f64 / n).collect()
    }
}

/// The weight of every row by Euclidean distance (give unit rows for the cosine).
///
/// # Errors
/// [`InspectError`] for parameters out of range, fewer than two rows, values that are not finite, or an interrupt.
pub fn weights(x: VectorsRef<'_>, params: &MagnitudeParams, ctx: &Context) -> Result<Weighting, InspectError> {
    params.check()?;
    usable(x)?;
    let k = params.neighbors.min(x.rows() - 1);
    if x.rows() <= params.exact {
        let scale = match params.scale {
            Scale::Fixed(t) => t,
            Scale::Neighbours(c) => local::scale(c, &near_self(x, Metric::L2, k, ctx)?),
        };
        let system = Mat::from_fn(x.rows(), x.rows(), |i, j| {
            if i == j { 1.0 + params.smoothing } else { (-scale * distance(x.row(i), x.row(j))).exp() }
        });
        let ones = Mat::from_fn(x.rows(), 1, |_, _| 1.0);
        ctx.check()?;
        let solved = cholesky_solve(&system, &ones).map_err(InspectError::compute)?;
        return Ok(Weighting { scale, weights: solved.data, exact: true });
    }
    let near = near_self(x, Metric::L2, k, ctx)?;
    let scale = match params.scale {
        Scale::Fixed(t) => t,
        Scale::Neighbours(c) => local::scale(c, &near),
    };
    let weights = local::weights(x, x, &near, local::System { scale, smoothing: params.smoothing }, ctx)?;
    Ok(Weighting { scale, weights, exact: false })
}

/// The weights that new rows would have, each alone added to `x`: large for what lies outside. By the `neighbors` nearest rows of
/// `x`, at the scale that [`weights`] found. O(q n d + q k³).
///
/// # Errors
/// As [`weights`]; [`InspectError::Compute`] for rows of another dimension.
pub fn weights_of_new(
    x: VectorsRef<'_>,
    new: VectorsRef<'_>,
    scale: f64,
    params: &MagnitudeParams,
    ctx: &Context,
) -> Result<Vec<f64>, InspectError> {
    MagnitudeParams { scale: Scale::Fixed(scale), ..params.clone() }.check()?;
    usable(x)?;
    usable(new)?;
    let near = nearest(x, new, Metric::L2, params.neighbors.min(x.rows()), ctx)?;
    local::weights(x, new, &near, local::System { scale, smoothing: params.smoothing }, ctx)
}

fn usable(x: VectorsRef<'_>) -> Result<(), InspectError> {
    if x.rows() < 2 || x.dim() == 0 {
        return Err(InspectError::Empty { rows: x.rows(), dim: x.dim(), usable: x.rows() });
    }
    match x.first_non_finite() {
        Some((row, dim)) => {
            Err(InspectError::Compute(format!("row {row} has a value that is not finite at dimension {dim}")))
        }
        None => Ok(()),
    }
}

pub(crate) fn distance(a: &[f32], b: &[f32]) -> f64 {
    f64::from(simd::l2_sq(a, b)).sqrt()
}
