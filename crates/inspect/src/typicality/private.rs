//! How soon a model that may tell little about any single row gets a row right.
//!
//! Private models are logistic regressions by full-batch gradient descent with momentum; each row's gradient is clipped and Gaussian noise
//! added to the sum (Abadi et al. 2016). The noise follows from the budget by zero-concentrated differential privacy (Bun and
//! Steinke 2016): `steps` releases of a sum of sensitivity 1 with deviation s cost rho = steps / (2 s²), and epsilon = rho +
//! 2 √(rho ln(1/delta)), delta = 1 / rows.

use rayon::prelude::*;
use vectory_core::linalg::Mat;
use vectory_core::rng::Rng;
use vectory_core::{Context, VectorsRef, rng};
use vectory_evaluate::protocols::Labelled;
use vectory_linalg::{matmul, matmul_tn};

use super::TypicalityParams;
use crate::InspectError;
use crate::normal::normal;

/// Share of the runs that must be right.
const RELIABLE: f64 = 0.9;
/// Length of a step: the loss of rows of length 1 is smooth enough for it.
const RATE: f64 = 2.0;
/// What a step keeps of the step before.
const MOMENTUM: f64 = 0.9;

/// Minus the place of the smallest budget at which (and above which) a row is right in more than 90 % of the runs; ties are
/// broken by how often it was right at any budget.
pub(super) fn earliest(
    x: VectorsRef<'_>,
    set: &Labelled,
    p: &TypicalityParams,
    ctx: &Context,
) -> Result<Vec<f64>, InspectError> {
    let n = x.rows();
    let rows = short(x);
    let jobs: Vec<(usize, u64)> = (0..p.budgets.len()).flat_map(|b| (0..p.runs as u64).map(move |r| (b, r))).collect();
    let one = |(b, run): &(usize, u64)| {
        let mut r = rng::item(ctx.seed, "typicality.private", (*b as u64) << 32 | run);
        let noise = deviation(p.budgets[*b], p.steps, n);
        right(&rows, set, noise, p.steps, &mut r, ctx).map(|found| (*b, found))
    };
    let found: Vec<(usize, Vec<bool>)> =
        ctx.pool().install(|| jobs.par_iter().map(one).collect::<Result<_, InspectError>>())?;
    let mut share = vec![vec![0.0; n]; p.budgets.len()];
    for (b, right) in found {
        share[b].iter_mut().zip(right).for_each(|(s, r)| *s += f64::from(u8::from(r)) / p.runs as f64);
    }
    let place = |i: usize| {
        let reliable = share.iter().rev().take_while(|s| s[i] > RELIABLE).count() as f64;
        reliable + share.iter().map(|s| s[i]).sum::<f64>() / (2 * share.len()) as f64
    };
    Ok((0..n).map(place).collect())
}

/// Deviation of the noise on a sum of gradients of length 1 at most.
fn deviation(epsilon: f64, steps: usize, rows: usize) -> f64 {
    let log = (rows as f64).ln();
    let rho = ((log + epsilon).sqrt() - log.sqrt()).powi(2);
    (steps as f64 / (2.0 * rho)).sqrt()
}

/// Rows of length 1 at most, with a constant last.
fn short(x: VectorsRef<'_>) -> Mat {
    let longest = x.iter().map(crate::rows::norm).fold(1e-12, f64::max);
    let d = x.dim();
    Mat::from_fn(x.rows(), d + 1, |i, j| {
        let v = if j < d { f64::from(x.row(i)[j]) / longest } else { 1.0 };
        v * std::f64::consts::FRAC_1_SQRT_2
    })
}

/// Which rows a private model gets right.
fn right(
    x: &Mat,
    set: &Labelled,
    noise: f64,
    steps: usize,
    r: &mut Rng,
    ctx: &Context,
) -> Result<Vec<bool>, InspectError> {
    let (n, d, k) = (x.rows, x.cols, set.classes());
    let lengths: Vec<f64> = (0..n).map(|i| x.row(i).iter().map(|v| v * v).sum::<f64>().sqrt()).collect();
    let mut weights = Mat::zeros(d, k);
    let mut pace = vec![0.0; d * k];
    for _ in 0..steps {
        ctx.check()?;
        let mut residual = matmul(x, &weights).map_err(InspectError::compute)?;
        for i in 0..n {
            let row = residual.row_mut(i);
            softmax(row);
            row[set.labels[i] as usize] -= 1.0;
            let length = lengths[i] * row.iter().map(|v| v * v).sum::<f64>().sqrt();
            let clip = 1.0 / length.max(1.0);
            row.iter_mut().for_each(|v| *v *= clip);
        }
        let gradient = matmul_tn(x, &residual).map_err(InspectError::compute)?;
        for ((w, v), g) in weights.data.iter_mut().zip(&mut pace).zip(&gradient.data) {
            *v = MOMENTUM * *v - RATE * (g + noise * normal(r)) / n as f64;
            *w += *v;
        }
    }
    let scores = matmul(x, &weights).map_err(InspectError::compute)?;
    Ok((0..n)
        .map(|i| {
            let row = scores.row(i);
            let own = row[set.labels[i] as usize];
            row.iter().enumerate().all(|(c, s)| c == set.labels[i] as usize || *s < own)
        })
        .collect())
}

fn softmax(row: &mut [f64]) {
    let top = row.iter().fold(f64::MIN, |m, v| m.max(*v));
    row.iter_mut().for_each(|v| *v = (*v - top).exp());
    let sum: f64 = row.iter().sum();
    row.iter_mut().for_each(|v| *v /= sum);
}

#[cfg(test)]
mod tests {
    use super::deviation;

    #[test]
    fn the_noise_pays_for_its_budget() {
        for (epsilon, steps, rows) in [(0.1, 10, 1000), (3.0, 40, 10_000)] {
            let s = deviation(epsilon, steps, rows);
            let rho = steps as f64 / (2.0 * s * s);
            let spent = rho + 2.0 * (rho * (rows as f64).ln()).sqrt();
            assert!((spent - epsilon).abs() < 1e-9, "{spent} for {epsilon}");
        }
    }
}
