//! The heavy arithmetic that this crate borrows: covariance and exact neighbours.

use rayon::prelude::*;
use vectory_core::{Context, Hit, Metric, TopK, VectorsRef};
use vectory_linalg::{Mat, matmul, transpose};

use crate::InspectError;

/// Rows a task: fixed, so that sums do not depend on the number of threads.
const BLOCK: usize = 512;

/// The mean row and the covariance (over n) of the rows, in f64. O(n d²).
pub(crate) fn covariance(x: VectorsRef<'_>, ctx: &Context) -> Result<(Vec<f64>, Mat), InspectError> {
    let (n, d) = (x.rows(), x.dim());
    let mut mean = vec![0.0; d];
    for row in x.iter() {
        mean.iter_mut().zip(row).for_each(|(m, v)| *m += f64::from(*v));
    }
    mean.iter_mut().for_each(|m| *m /= n as f64);
    let mut sum = Mat::zeros(d, d);
    let starts: Vec<usize> = (0..n).step_by(BLOCK).collect();
    for group in starts.chunks(4 * ctx.threads()) {
        ctx.check()?;
        let parts: Result<Vec<Mat>, InspectError> =
            ctx.pool().install(|| group.par_iter().map(|s| product(x.slice(*s, (s + BLOCK).min(n)), &mean)).collect());
        for part in parts? {
            sum.data.iter_mut().zip(part.data).for_each(|(s, p)| *s += p);
        }
    }
    sum.data.iter_mut().for_each(|s| *s /= n as f64);
    Ok((mean, sum))
}

fn product(block: VectorsRef<'_>, mean: &[f64]) -> Result<Mat, InspectError> {
    let centred = Mat::from_fn(block.rows(), mean.len(), |i, j| f64::from(block.row(i)[j]) - mean[j]);
    matmul(&transpose(&centred), &centred).map_err(InspectError::compute)
}

/// The `k` nearest rows of `base` for each query.
pub(crate) fn neighbors(
    base: VectorsRef<'_>,
    queries: VectorsRef<'_>,
    metric: Metric,
    k: usize,
    ctx: &Context,
) -> Result<Vec<Vec<Hit>>, InspectError> {
    ctx.check()?;
    let score = |a: &[f32], b: &[f32]| {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
        match metric {
            Metric::Dot => dot(a, b),
            Metric::L2 => -a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f32>(),
            _ => dot(a, b) / (dot(a, a) * dot(b, b)).sqrt(),
        }
    };
    let one = |q: usize| {
        let mut top = TopK::new(k);
        for (i, row) in base.iter().enumerate() {
            top.push(i as u32, score(queries.row(q), row));
        }
        top.into_sorted()
    };
    Ok(ctx.pool().install(|| (0..queries.rows()).into_par_iter().map(one).collect()))
}
