//! Weights among neighbours: a small system a row.

use rayon::prelude::*;
use vectory_core::{Context, Hit, VectorsRef};

use super::distance;
use crate::InspectError;
use crate::outliers::median;

/// Scale and nugget of the small systems.
#[derive(Clone, Copy)]
pub(super) struct System {
    pub scale: f64,
    pub smoothing: f64,
}

/// `c` over the median distance to the last neighbour; 1 where all rows are equal.
pub(super) fn scale(c: f64, near: &[Vec<Hit>]) -> f64 {
    let far = near.iter().filter_map(|l| l.last()).map(|h| f64::from(-h.score).max(0.0).sqrt()).filter(|d| *d > 0.0);
    let middle = median(far.collect());
    if middle > 0.0 { c / middle } else { 1.0 }
}

/// The weight of each of `rows` among itself and its neighbours in `base`.
pub(super) fn weights(
    base: VectorsRef<'_>,
    rows: VectorsRef<'_>,
    near: &[Vec<Hit>],
    system: System,
    ctx: &Context,
) -> Result<Vec<f64>, InspectError> {
    const BLOCK: usize = 1024;
    let block = |(from, lists): (usize, &[Vec<Hit>])| {
        ctx.check()?;
        let mut scratch = Vec::new();
        let one = |(i, hits): (usize, &Vec<Hit>)| of_one(base, rows.row(from * BLOCK + i), hits, system, &mut scratch);
        Ok(lists.iter().enumerate().map(one).collect::<Vec<f64>>())
    };
    let parts: Vec<Vec<f64>> =
        ctx.pool().install(|| near.par_chunks(BLOCK).enumerate().map(block).collect::<Result<_, InspectError>>())?;
    Ok(parts.concat())
}

/// The last entry of the solution of (Z + smoothing) w = 1 with the row itself last: by Cholesky, L y = 1 and w = y / L there.
fn of_one(base: VectorsRef<'_>, row: &[f32], hits: &[Hit], s: System, scratch: &mut Vec<f64>) -> f64 {
    let m = hits.len() + 1;
    scratch.clear();
    scratch.resize(m * m + m, 0.0);
    let (lower, y) = scratch.split_at_mut(m * m);
    let point = |i: usize| hits.get(i).map_or(row, |h| base.row(h.id as usize));
    for i in 0..m {
        let a = point(i);
        for j in 0..i {
            lower[i * m + j] = (-s.scale * distance(a, point(j))).exp();
        }
        lower[i * m + i] = 1.0 + s.smoothing;
        for j in 0..=i {
            let (done, own) = lower.split_at_mut(i * m);
            let other = if j == i { None } else { Some(&done[j * m..j * m + j + 1]) };
            match other {
                Some(other) => {
                    let sum: f64 = own[..j].iter().zip(other).map(|(p, q)| p * q).sum();
                    own[j] = (own[j] - sum) / other[j];
                }
                None => {
                    let sum: f64 = own[..i].iter().map(|p| p * p).sum();
                    own[i] = (own[i] - sum).max(1e-12).sqrt();
                }
            }
        }
        let sum: f64 = lower[i * m..i * m + i].iter().zip(&*y).map(|(p, q)| p * q).sum();
        y[i] = (1.0 - sum) / lower[i * m + i];
    }
    y[m - 1] / lower[m * m - 1]
}
