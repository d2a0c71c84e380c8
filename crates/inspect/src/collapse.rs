//! Neural collapse (Papyan, Han and Donoho 2020; in transfer: Galanti, György and Hutter 2022): how tightly rows of a class
//! lie together beside the distance of classes, and what that promises for a few examples of new classes.
//!
//! For vectors with labels. 0 is full collapse; compare features of one layer only. O(n d² + d³).

use vectory_core::linalg::{LinalgError, Mat, eigen_symmetric};
use vectory_core::registry::Method;
use vectory_core::{Context, VectorsRef};

pub(crate) const NEURAL_COLLAPSE: Method = Method {
    id: "125",
    name: "Neural collapse in transfer (CDNV)",
    home: "inspect",
    kind: "theory",
    command: "vectory evaluate vectors V.npy --labels F.txt",
    // The claim needs networks trained on more and more classes.
    claim: None,
};

/// How far classes are collapsed.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Collapse {
    /// Class-distance normalised variance, mean over pairs of classes: (Var_i + Var_j) / (2 |μ_i − μ_j|²).
    pub cdnv: f64,
    /// tr(Σ_within Σ_between⁺) / classes.
    pub nc1: f64,
    /// Deviation over mean of the class means' distances from the mean of all.
    pub norms: f64,
    /// Mean distance of the class means' cosines from −1 / (classes − 1), where they are spread evenly.
    pub angles: f64,
    /// Share of rows whose nearest class mean is their own.
    pub nearest_mean: f64,
}

/// Measures rows with the number of each one's class (0 to the largest). Classes of one row have variance 0.
///
/// # Errors
/// [`LinalgError`]: not a label a row, fewer than two classes with rows, not finite, interrupted.
pub fn collapse(rows: VectorsRef<'_>, labels: &[u32], ctx: &Context) -> Result<Collapse, LinalgError> {
    if rows.rows() != labels.len() {
        return Err(LinalgError::Pairs { x: rows.rows(), y: labels.len() });
    }
    if let Some((row, dim)) = rows.first_non_finite() {
        return Err(LinalgError::NonFinite { row, dim });
    }
    let classes = Classes::new(rows, labels);
    if classes.means.len() < 2 {
        return Err(LinalgError::TooFew { needed: 2, rows: classes.means.len() });
    }
    ctx.check()?;
    let c = classes.means.len() as f64;
    let centred: Vec<Vec<f64>> =
        classes.means.iter().map(|m| m.iter().zip(&classes.centre).map(|(a, b)| a - b).collect()).collect();
    let lengths: Vec<f64> = centred.iter().map(|m| dot(m, m).sqrt()).collect();
    let mean = lengths.iter().sum::<f64>() / c;
    let deviation = (lengths.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / c).sqrt();
    let (mut cdnv, mut angles, mut pairs) = (0.0, 0.0, 0.0);
    for i in 0..centred.len() {
        for j in 0..i {
            let apart: Vec<f64> = centred[i].iter().zip(&centred[j]).map(|(a, b)| a - b).collect();
            cdnv += (classes.variances[i] + classes.variances[j]) / (2.0 * dot(&apart, &apart)).max(f64::MIN_POSITIVE);
            let cosine = dot(&centred[i], &centred[j]) / (lengths[i] * lengths[j]).max(f64::MIN_POSITIVE);
            angles += (cosine + 1.0 / (c - 1.0)).abs();
            pairs += 1.0;
        }
    }
    Ok(Collapse {
        cdnv: cdnv / pairs,
        nc1: classes.within_between(rows, &centred)? / c,
        norms: if mean > 0.0 { deviation / mean } else { 0.0 },
        angles: angles / pairs,
        nearest_mean: classes.nearest_mean(rows),
    })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

struct Classes {
    /// The place of each row's class among those that have rows.
    of: Vec<usize>,
    means: Vec<Vec<f64>>,
    /// Mean squared distance of a class's rows from their mean.
    variances: Vec<f64>,
    /// The mean of the class means.
    centre: Vec<f64>,
}

impl Classes {
    fn new(rows: VectorsRef<'_>, labels: &[u32]) -> Self {
        let mut known: Vec<u32> = labels.to_vec();
        known.sort_unstable();
        known.dedup();
        let of: Vec<usize> = labels.iter().map(|l| known.partition_point(|k| k < l)).collect();
        let mut means = vec![vec![0.0; rows.dim()]; known.len()];
        let mut counts = vec![0.0f64; known.len()];
        for (row, c) in rows.iter().zip(&of) {
            counts[*c] += 1.0;
            means[*c].iter_mut().zip(row).for_each(|(m, v)| *m += f64::from(*v));
        }
        means.iter_mut().zip(&counts).for_each(|(m, n)| m.iter_mut().for_each(|v| *v /= n));
        let mut variances = vec![0.0; known.len()];
        for (row, c) in rows.iter().zip(&of) {
            variances[*c] += distance(row, &means[*c]) / counts[*c];
        }
        let mut centre = vec![0.0; rows.dim()];
        means.iter().for_each(|m| centre.iter_mut().zip(m).for_each(|(c, v)| *c += v / known.len() as f64));
        Self { of, means, variances, centre }
    }

    /// tr(Σ_within Σ_between⁺), in the span of the class means: there are fewer of them than dimensions, mostly.
    fn within_between(&self, rows: VectorsRef<'_>, centred: &[Vec<f64>]) -> Result<f64, LinalgError> {
        let c = centred.len();
        // Σ_between = M Mᵀ / c; its eigenvectors are M u / √(c λ) for those of Mᵀ M / c.
        let small = Mat::from_fn(c, c, |i, j| dot(&centred[i], &centred[j]) / c as f64);
        let e = eigen_symmetric(&small)?;
        let least = e.values.first().copied().unwrap_or(0.0) * 1e-10;
        let mut trace = 0.0;
        for (value, u) in e.values.iter().zip(0..).take_while(|v| *v.0 > least).map(|(v, i)| (*v, e.vectors.row(i))) {
            let mut direction = vec![0.0; rows.dim()];
            centred.iter().zip(u).for_each(|(m, w)| direction.iter_mut().zip(m).for_each(|(d, v)| *d += w * v));
            let scale = (c as f64 * value).sqrt();
            let along = |(row, of): (&[f32], &usize)| {
                let off = row
                    .iter()
                    .zip(&self.means[*of])
                    .zip(&direction)
                    .map(|((v, m), d)| (f64::from(*v) - m) * d)
                    .sum::<f64>();
                (off / scale).powi(2)
            };
            trace += rows.iter().zip(&self.of).map(along).sum::<f64>() / rows.rows() as f64 / value;
        }
        Ok(trace)
    }

    fn nearest_mean(&self, rows: VectorsRef<'_>) -> f64 {
        let nearest = |row: &[f32]| {
            let apart = |c: &usize| distance(row, &self.means[*c]);
            (0..self.means.len()).min_by(|a, b| apart(a).total_cmp(&apart(b))).unwrap_or(0)
        };
        rows.iter().zip(&self.of).filter(|(r, c)| nearest(r) == **c).count() as f64 / rows.rows().max(1) as f64
    }
}

fn distance(row: &[f32], mean: &[f64]) -> f64 {
    row.iter().zip(mean).map(|(v, m)| (f64::from(*v) - m).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use vectory_core::{Vectors, rng};

    use super::*;

    /// Three classes at the corners of a triangle, spread by so much.
    fn triangle(spread: f32) -> (Vectors, Vec<u32>) {
        let corners = [[1.0, 0.0], [-0.5, 0.866_025_4], [-0.5, -0.866_025_4f32]];
        let mut rows = Vectors::zeros(300, 2);
        for i in 0..300 {
            let noise = |s: u64| ((rng::mix(i as u64 * 2 + s) % 2001) as f32 / 1000.0 - 1.0) * spread;
            rows.row_mut(i).copy_from_slice(&[corners[i % 3][0] + noise(0), corners[i % 3][1] + noise(1)]);
        }
        (rows, (0..300).map(|i| i % 3).collect())
    }

    #[test]
    fn a_collapsed_triangle_and_a_spread_one() {
        let ctx = Context::new(1, 1).unwrap();
        let (rows, labels) = triangle(0.0);
        let tight = collapse(rows.view(), &labels, &ctx).unwrap();
        assert!(
            tight.cdnv < 1e-9
                && tight.nc1 < 1e-9
                && tight.norms < 1e-6
                && tight.angles < 1e-6
                && tight.nearest_mean == 1.0
        );
        let (rows, labels) = triangle(0.3);
        let wide = collapse(rows.view(), &labels, &ctx).unwrap();
        // A class's variance is 2 · 0.3² / 3 = 0.06, squared distances are 3.
        assert!((wide.cdnv - 0.02).abs() < 0.003, "{wide:?}");
        // Σ_between = I / 2, Σ_within = 0.03 I: trace 0.12, over three classes.
        assert!((wide.nc1 - 0.04).abs() < 0.006, "{wide:?}");
        let mut scaled = rows.clone();
        scaled.as_mut_slice().iter_mut().for_each(|v| *v *= 7.0);
        let same = collapse(scaled.view(), &labels, &ctx).unwrap();
        assert!((same.cdnv - wide.cdnv).abs() < 1e-6 && (same.nc1 - wide.nc1).abs() < 1e-6);
    }

    #[test]
    fn wrong_input_is_named() {
        let ctx = Context::new(1, 1).unwrap();
        let (rows, labels) = triangle(0.1);
        assert!(matches!(collapse(rows.view(), &labels[1..], &ctx), Err(LinalgError::Pairs { .. })));
        assert!(matches!(collapse(rows.view(), &[4; 300], &ctx), Err(LinalgError::TooFew { .. })));
    }
}
