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

/// Mean cross-entropy of a softmax over each row of `logits`.
#[must_use]
pub fn cross_entropy(mut logits: Vectors, labels: &[u32]) -> (f64, Vectors) {
    let n = logits.rows().max(1) as f32;
    let (dim, mut loss) = (logits.dim().max(1), 0.0f64);
    for (row, label) in logits.as_mut_slice().chunks_exact_mut(dim).zip(labels) {
        let top = row.iter().fold(f32::NEG_INFINITY, |m, v| m.max(*v));
        row.iter_mut().for_each(|v| *v = (*v - top).exp());
        let sum: f32 = row.iter().sum();
        let own = *label as usize;
        loss -= f64::from((row[own] / sum).max(f32::MIN_POSITIVE)).ln();
        row.iter_mut().for_each(|v| *v /= sum * n);
        row[own] -= 1.0 / n;
    }
    (loss / f64::from(n), logits)
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
