//! Normal values.

use rand::RngExt;
use vectory_core::rng::Rng;

/// A standard normal value, by Box and Muller's transform.
pub(crate) fn normal(r: &mut Rng) -> f64 {
    (-2.0 * (1.0 - r.random::<f64>()).ln()).sqrt() * (std::f64::consts::TAU * r.random::<f64>()).cos()
}
