//! A paragraph vector by exact minimisation: (1/T) Σ -ln softmax(U q)[w] + (ridge / 2) |q|², convex in q.

use vectory_core::linalg::{Mat, cholesky_solve};

use super::Lexicon;
use crate::InspectError;

/// Most Newton steps; six are usual.
const STEPS: usize = 50;

/// The vector of a text: the one minimum, from whatever start, to about 1e-10.
pub(super) fn infer(
    text: &[u32],
    lexicon: &Lexicon,
    ridge: f64,
    start: Option<&[f64]>,
) -> Result<Vec<f64>, InspectError> {
    let (u, d) = (&lexicon.vectors, lexicon.vectors.dim());
    let mut own = vec![0.0f64; d];
    for w in text {
        own.iter_mut().zip(u.row(*w as usize)).for_each(|(o, v)| *o += f64::from(*v) / text.len() as f64);
    }
    let mut q = start.map_or_else(|| vec![0.0f64; d], <[f64]>::to_vec);
    let mut value = value_at(&q, &own, lexicon, ridge);
    for _ in 0..STEPS {
        let (gradient, hessian) = slopes(&q, &own, lexicon, ridge);
        if gradient.iter().all(|g| g.abs() < 1e-11) {
            break;
        }
        let right = Mat::new(d, 1, gradient).map_err(InspectError::compute)?;
        let step = cholesky_solve(&hessian, &right).map_err(InspectError::compute)?.data;
        let mut length = 1.0;
        loop {
            let next: Vec<f64> = q.iter().zip(&step).map(|(q, s)| q - length * s).collect();
            let there = value_at(&next, &own, lexicon, ridge);
            if there <= value || length < 1e-6 {
                (q, value) = (next, there);
                break;
            }
            length /= 2.0;
        }
    }
    Ok(q)
}

pub(super) fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt()
}

fn scores(q: &[f64], lexicon: &Lexicon) -> Vec<f64> {
    lexicon.vectors.iter().map(|r| r.iter().zip(q).map(|(v, q)| f64::from(*v) * q).sum()).collect()
}

fn value_at(q: &[f64], own: &[f64], lexicon: &Lexicon, ridge: f64) -> f64 {
    let all = scores(q, lexicon);
    let top = all.iter().fold(f64::MIN, |m, s| m.max(*s));
    let log = top + all.iter().map(|s| (s - top).exp()).sum::<f64>().ln();
    log - own.iter().zip(q).map(|(o, q)| o * q).sum::<f64>() + 0.5 * ridge * q.iter().map(|v| v * v).sum::<f64>()
}

/// Gradient, and the softmax's covariance of the word vectors with the ridge.
fn slopes(q: &[f64], own: &[f64], lexicon: &Lexicon, ridge: f64) -> (Vec<f64>, Mat) {
    let d = q.len();
    let all = scores(q, lexicon);
    let top = all.iter().fold(f64::MIN, |m, s| m.max(*s));
    let sum: f64 = all.iter().map(|s| (s - top).exp()).sum();
    let mut mean = vec![0.0; d];
    let mut second = Mat::zeros(d, d);
    for (row, s) in lexicon.vectors.iter().zip(&all) {
        let p = (s - top).exp() / sum;
        for i in 0..d {
            let share = p * f64::from(row[i]);
            mean[i] += share;
            second.row_mut(i)[..=i].iter_mut().zip(row).for_each(|(o, v)| *o += share * f64::from(*v));
        }
    }
    let hessian = Mat::from_fn(d, d, |i, j| {
        let (high, low) = (i.max(j), i.min(j));
        second.at(high, low) - mean[i] * mean[j] + if i == j { ridge } else { 0.0 }
    });
    let gradient = (0..d).map(|i| mean[i] - own[i] + ridge * q[i]).collect();
    (gradient, hessian)
}
