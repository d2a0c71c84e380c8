//! Losses, with their gradients at the outputs.

use vectory_core::{Context, Vectors};

use super::product::{product, transposed};

/// Mean squared difference a value.
#[must_use]
pub fn squared(a: &Vectors, b: &Vectors) -> (f64, Vectors) {
    let n = a.as_slice().len().max(1) as f32;
    let mut g = a.clone();
    g.as_mut_slice().iter_mut().zip(b.as_slice()).for_each(|(x, y)| *x -= y);
    let loss = g.as_slice().iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / f64::from(n);
    g.as_mut_slice().iter_mut().for_each(|v| *v *= 2.0 / n);
    (loss, g)
}

/// The cross-entropy of a softmax over each row of `logits`, and the gradient of their mean.
///
/// # Panics
/// When a label is not below the row's length.
#[must_use]
pub fn cross_entropy(mut logits: Vectors, labels: &[u32]) -> (Vec<f64>, Vectors) {
    let (n, dim) = (logits.rows().max(1) as f32, logits.dim().max(1));
    let rows = logits.as_mut_slice().chunks_exact_mut(dim).zip(labels);
    let losses = rows.map(|(row, label)| {
        softmax(row);
        let own = *label as usize;
        let loss = -f64::from(row[own].max(f32::MIN_POSITIVE)).ln();
        row[own] -= 1.0;
        row.iter_mut().for_each(|v| *v /= n);
        loss
    });
    (losses.collect(), logits)
}

/// Scores to shares that add to 1.
pub fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|s| *s = (*s - most).exp());
    let sum: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|s| *s /= sum);
}

/// Barlow Twins (Zbontar and others 2021): the correlations of two views' columns (each of mean 0 and variance 1) shall be the
/// identity, entries off the diagonal weighted by `lambda`. Gives the gradients at both.
#[must_use]
pub fn barlow(a: &Vectors, b: &Vectors, lambda: f32, ctx: &Context) -> (f64, Vectors, Vectors) {
    let n = a.rows().max(1) as f32;
    let (at, bt) = (transposed(a), transposed(b));
    let mut c = product(&at, &bt, ctx);
    let (d, mut loss) = (c.dim().max(1), 0.0f64);
    for (i, row) in c.as_mut_slice().chunks_exact_mut(d).enumerate() {
        for (j, v) in row.iter_mut().enumerate() {
            *v /= n;
            let (off, weight) = if i == j { (*v - 1.0, 1.0) } else { (*v, lambda) };
            loss += f64::from(weight * off * off);
            *v = 2.0 * weight * off / n;
        }
    }
    // C = aᵀ b / n, so ∂a = b (∂C)ᵀ / n and ∂b = a ∂C / n.
    (loss, product(b, &c, ctx), product(a, &transposed(&c), ctx))
}
