//! Whether a representation predicts alike in every environment.
//!
//! Parulekar, Shanmugam and Shakkottai, *PAC Generalization via Invariant Representations*, 2023: a representation with one head
//! that is nearly best in every training environment stays so in most unseen ones; how many environments that takes depends on
//! how many places interventions touch, not on the dimension. Here a representation is a set of columns. O(k³) a check.

mod claim;
mod world;

use vectory_core::linalg::cholesky_solve;
use vectory_linalg::Mat;

pub(crate) use claim::PAC;
pub use world::{World, WorldParams};

use crate::InspectError;

/// Second moments of one environment: E[x xᵀ], E[x y], E[y²].
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// d × d.
    pub xx: Mat,
    /// d.
    pub xy: Vec<f64>,
    /// Of the target.
    pub yy: f64,
}

impl Environment {
    /// Mean squared error of a head on the given columns.
    #[must_use]
    pub fn risk(&self, columns: &[usize], head: &[f64]) -> f64 {
        let mut risk = self.yy;
        for (i, a) in columns.iter().enumerate() {
            risk -= 2.0 * head[i] * self.xy[*a];
            risk += columns.iter().zip(head).map(|(b, h)| head[i] * h * self.xx.at(*a, *b)).sum::<f64>();
        }
        risk
    }
}

/// The best head on the columns over environments that count alike (an environment alone: its own best).
///
/// # Errors
/// [`InspectError::Compute`] for moments that are not finite.
pub fn head(environments: &[Environment], columns: &[usize]) -> Result<Vec<f64>, InspectError> {
    let k = columns.len();
    let n = environments.len().max(1) as f64;
    let mean = |f: &dyn Fn(&Environment) -> f64| environments.iter().map(f).sum::<f64>() / n;
    let xx = Mat::from_fn(k, k, |i, j| mean(&|e| e.xx.at(columns[i], columns[j])) + if i == j { 1e-9 } else { 0.0 });
    let xy = Mat::from_fn(k, 1, |i, _| mean(&|e| e.xy[columns[i]]));
    Ok(cholesky_solve(&xx, &xy).map_err(InspectError::compute)?.data)
}

/// How much worse a common head is than the environment's own best one: 0 for an invariant representation.
///
/// # Errors
/// As [`head`].
pub fn violation(environment: &Environment, columns: &[usize], common: &[f64]) -> Result<f64, InspectError> {
    let own = head(std::slice::from_ref(environment), columns)?;
    Ok((environment.risk(columns, common) - environment.risk(columns, &own)).max(0.0))
}

/// How invariant a set of columns is over environments.
#[derive(Clone, Debug, PartialEq)]
pub struct Invariance {
    /// The common head.
    pub head: Vec<f64>,
    /// [`violation`] in each environment.
    pub violations: Vec<f64>,
    /// Mean squared error of the common head: columns that say nothing are always invariant.
    pub risk: f64,
}

/// Measures a set of columns.
///
/// # Errors
/// As [`head`].
pub fn invariance(environments: &[Environment], columns: &[usize]) -> Result<Invariance, InspectError> {
    let common = head(environments, columns)?;
    let violations = environments.iter().map(|e| violation(e, columns, &common)).collect::<Result<_, _>>()?;
    let risk = environments.iter().map(|e| e.risk(columns, &common)).sum::<f64>() / environments.len().max(1) as f64;
    Ok(Invariance { head: common, violations, risk })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_invariant_and_effects_are_not() {
        // y = x0 + noise; x1 = a y + noise, with a changed by the environment.
        let made = |a: f64| {
            let (x, y) = (1.0, 2.0);
            Environment { xx: Mat::new(2, 2, vec![x, a, a, a * a * y + 0.5]).unwrap(), xy: vec![1.0, a * y], yy: y }
        };
        let all = [made(0.5), made(2.0), made(-1.0)];
        let cause = invariance(&all, &[0]).unwrap();
        assert!(cause.violations.iter().all(|v| *v < 1e-6) && (cause.risk - 1.0).abs() < 1e-6, "{cause:?}");
        let effect = invariance(&all, &[1]).unwrap();
        assert!(effect.violations.iter().any(|v| *v > 0.1), "{effect:?}");
    }
}
