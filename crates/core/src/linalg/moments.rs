//! Means and second moments of rows, blocked and in f64.

use rayon::prelude::*;
use vectory_linalg::{Mat, add_gram, mirror};

use super::{LinalgError, check_finite};
use crate::{Context, VectorsRef};

/// Rows that are centred and multiplied at a time.
const BLOCK: usize = 512;
/// Most partial sums: bounds memory, and must not depend on the threads.
const PARTS: usize = 16;

/// Mean and covariance (divided by n, not n − 1) of rows. O(n · d²).
///
/// # Errors
/// [`LinalgError::TooFew`] without rows, [`LinalgError::NonFinite`], [`LinalgError::Cancelled`].
pub fn covariance(rows: VectorsRef<'_>, ctx: &Context) -> Result<(Vec<f64>, Mat), LinalgError> {
    check_finite(rows)?;
    let source =
        Source { rows: rows.rows(), dim: rows.dim(), fill: |i: usize, out: &mut [f64]| copy(rows.row(i), out) };
    let mean = source.mean(ctx)?;
    let mut gram = source.gram(Some(&mean), ctx)?;
    gram.data.iter_mut().for_each(|v| *v /= rows.rows() as f64);
    Ok((mean, gram))
}

/// Mean and covariance of rows under weights (not negative, not all zero; they need not sum to 1). O(n · d²).
///
/// # Errors
/// As [`covariance`]; [`LinalgError::Pairs`] for another number of weights, [`LinalgError::Param`] for bad ones.
pub fn weighted_covariance(
    rows: VectorsRef<'_>,
    weights: &[f64],
    ctx: &Context,
) -> Result<(Vec<f64>, Mat), LinalgError> {
    check_finite(rows)?;
    if weights.len() != rows.rows() {
        return Err(LinalgError::Pairs { x: rows.rows(), y: weights.len() });
    }
    let bad = |value: String| LinalgError::Param { field: "weights", value, legal: "0 or more, finite, not all 0" };
    if let Some(w) = weights.iter().find(|w| !(**w >= 0.0 && w.is_finite())) {
        return Err(bad(w.to_string()));
    }
    let (n, sum) = (rows.rows() as f64, weights.iter().sum::<f64>());
    if sum <= 0.0 && !weights.is_empty() {
        return Err(bad("0 in sum".into()));
    }
    let scaled = |i: usize, out: &mut [f64]| {
        copy(rows.row(i), out);
        out.iter_mut().for_each(|v| *v *= weights[i] * n / sum);
    };
    let mean = Source { rows: rows.rows(), dim: rows.dim(), fill: scaled }.mean(ctx)?;
    let centred = |i: usize, out: &mut [f64]| {
        copy(rows.row(i), out);
        let root = (weights[i] / sum).sqrt();
        out.iter_mut().zip(&mean).for_each(|(v, m)| *v = root * (*v - m));
    };
    let gram = Source { rows: rows.rows(), dim: rows.dim(), fill: centred }.gram(None, ctx)?;
    Ok((mean, gram))
}

/// Σ x xᵀ / n, not centred. O(n · d²).
///
/// # Errors
/// As [`covariance`].
pub fn second_moment(rows: VectorsRef<'_>, ctx: &Context) -> Result<Mat, LinalgError> {
    check_finite(rows)?;
    let source =
        Source { rows: rows.rows(), dim: rows.dim(), fill: |i: usize, out: &mut [f64]| copy(rows.row(i), out) };
    let mut gram = source.gram(None, ctx)?;
    gram.data.iter_mut().for_each(|v| *v /= rows.rows() as f64);
    Ok(gram)
}

/// Mean and centred Σ of `[x y]` side by side: cross products of two sets of rows. Without `centre` the mean is zero.
/// O(n (dx + dy)²).
///
/// # Errors
/// [`LinalgError::Pairs`] for other numbers of rows, and as [`covariance`].
pub fn paired(
    x: VectorsRef<'_>,
    y: VectorsRef<'_>,
    centre: bool,
    ctx: &Context,
) -> Result<(Vec<f64>, Mat), LinalgError> {
    if x.rows() != y.rows() {
        return Err(LinalgError::Pairs { x: x.rows(), y: y.rows() });
    }
    check_finite(x)?;
    check_finite(y)?;
    let fill = |i: usize, out: &mut [f64]| {
        copy(x.row(i), &mut out[..x.dim()]);
        copy(y.row(i), &mut out[x.dim()..]);
    };
    let source = Source { rows: x.rows(), dim: x.dim() + y.dim(), fill };
    let mean = if centre { source.mean(ctx)? } else { vec![0.0; source.dim] };
    let gram = source.gram(centre.then_some(&mean), ctx)?;
    Ok((mean, gram))
}

/// Widens a row.
pub(super) fn copy(row: &[f32], out: &mut [f64]) {
    out.iter_mut().zip(row).for_each(|(o, v)| *o = f64::from(*v));
}

/// Rows that are made as they are met.
struct Source<F> {
    rows: usize,
    dim: usize,
    fill: F,
}

impl<F: Fn(usize, &mut [f64]) + Sync> Source<F> {
    /// The parts whose sums are added in order.
    fn parts(&self) -> Vec<(usize, usize)> {
        let most = ((1 << 26) / (self.dim * self.dim).max(1)).clamp(2, PARTS);
        let step = self.rows.div_ceil(most).next_multiple_of(BLOCK);
        (0..self.rows).step_by(step.max(1)).map(|r| (r, self.rows.min(r + step))).collect()
    }

    fn mean(&self, ctx: &Context) -> Result<Vec<f64>, LinalgError> {
        if self.rows == 0 {
            return Err(LinalgError::TooFew { needed: 1, rows: 0 });
        }
        let part = |(from, to): &(usize, usize)| {
            let (mut sum, mut row) = (vec![0.0; self.dim], vec![0.0; self.dim]);
            for i in *from..*to {
                (self.fill)(i, &mut row);
                sum.iter_mut().zip(&row).for_each(|(s, v)| *s += v);
            }
            sum
        };
        let sums: Vec<Vec<f64>> = ctx.pool().install(|| self.parts().par_iter().map(part).collect());
        let mut mean = vec![0.0; self.dim];
        for sum in sums {
            mean.iter_mut().zip(&sum).for_each(|(m, s)| *m += s / self.rows as f64);
        }
        Ok(mean)
    }

    /// Σ (x − mean)(x − mean)ᵀ.
    fn gram(&self, mean: Option<&Vec<f64>>, ctx: &Context) -> Result<Mat, LinalgError> {
        if self.rows == 0 {
            return Err(LinalgError::TooFew { needed: 1, rows: 0 });
        }
        let part = |(from, to): &(usize, usize)| {
            let mut sum = Mat::zeros(self.dim, self.dim);
            for start in (*from..*to).step_by(BLOCK) {
                ctx.check()?;
                add_gram(&mut sum, &self.block(start, BLOCK.min(to - start), mean))?;
            }
            Ok::<_, LinalgError>(sum)
        };
        let sums: Vec<Mat> = ctx.pool().install(|| self.parts().par_iter().map(part).collect::<Result<_, _>>())?;
        let mut total = Mat::zeros(self.dim, self.dim);
        for sum in sums {
            total.data.iter_mut().zip(&sum.data).for_each(|(t, s)| *t += s);
        }
        mirror(&mut total);
        Ok(total)
    }

    fn block(&self, start: usize, rows: usize, mean: Option<&Vec<f64>>) -> Mat {
        let mut block = Mat::zeros(rows, self.dim);
        for i in 0..rows {
            (self.fill)(start + i, block.row_mut(i));
            if let Some(mean) = mean {
                block.row_mut(i).iter_mut().zip(mean).for_each(|(v, m)| *v -= m);
            }
        }
        block
    }
}
