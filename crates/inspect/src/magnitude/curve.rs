//! The magnitude of a set as the scale grows.

use rayon::prelude::*;
use vectory_core::linalg::{Mat, cholesky_solve};
use vectory_core::{Context, VectorsRef};

use super::{distance, usable};
use crate::InspectError;

/// Values of the scale that are tried.
const STEPS: usize = 25;
/// On the diagonal: equal rows then share the weight of one.
const NUGGET: f64 = 1e-9;

/// The effective number of points at each scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// (scale t, magnitude), scales ascending.
    pub points: Vec<(f64, f64)>,
    /// Mean distance of two rows.
    pub mean_distance: f64,
    /// Magnitude at t = 1 / mean distance.
    pub at_unit: f64,
    /// The steepest growth of ln magnitude against ln t: the magnitude dimension.
    pub dimension: f64,
}

/// The curve by Euclidean distance, from where all rows look alike to where each stands alone. O(25 n³): for samples.
///
/// # Errors
/// [`InspectError`] for fewer than two rows, equal rows only, values that are not finite, or an interrupt.
pub fn curve(x: VectorsRef<'_>, ctx: &Context) -> Result<Curve, InspectError> {
    usable(x)?;
    let n = x.rows();
    let mut distances = Mat::zeros(n, n);
    let (mut sum, mut least) = (0.0, f64::INFINITY);
    for i in 0..n {
        for j in 0..i {
            let d = distance(x.row(i), x.row(j));
            distances.row_mut(i)[j] = d;
            distances.row_mut(j)[i] = d;
            sum += d;
            if d > 0.0 {
                least = least.min(d);
            }
        }
    }
    let mean_distance = 2.0 * sum / (n * (n - 1)) as f64;
    if !least.is_finite() {
        return Err(InspectError::Compute("all rows are equal: the magnitude is 1 at every scale".into()));
    }
    // At the first scale rows are alike; at the last all but the nearest pairs stand alone.
    let (first, last) = (0.01 / mean_distance, (8.0 / least).min(1000.0 / mean_distance));
    let step = (last / first).powf(1.0 / (STEPS - 1) as f64);
    let mut scales: Vec<f64> = (0..STEPS).map(|i| first * step.powi(i as i32)).collect();
    scales.push(1.0 / mean_distance);
    let one = |t: &f64| {
        ctx.check()?;
        let system = Mat::from_fn(n, n, |i, j| if i == j { 1.0 + NUGGET } else { (-t * distances.at(i, j)).exp() });
        let ones = Mat::from_fn(n, 1, |_, _| 1.0);
        Ok(cholesky_solve(&system, &ones).map_err(InspectError::compute)?.data.iter().sum())
    };
    let mut values: Vec<f64> =
        ctx.pool().install(|| scales.par_iter().map(one).collect::<Result<_, InspectError>>())?;
    let at_unit = values.pop().unwrap_or(f64::NAN);
    let points: Vec<(f64, f64)> = scales.into_iter().zip(values).collect();
    let slope = |w: &[(f64, f64)]| (w[1].1 / w[0].1).ln() / (w[1].0 / w[0].0).ln();
    let dimension = points.windows(2).map(slope).fold(0.0, f64::max);
    Ok(Curve { points, mean_distance, at_unit, dimension })
}
