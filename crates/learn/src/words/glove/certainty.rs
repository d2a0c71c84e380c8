//! GloVe-V: how sure a GloVe vector is, and tests that take it into account.
//!
//! With contexts and biases held fixed, a word's vector is a weighted least squares fit to its row of log counts; its covariance is
//! s² (Σ f c cᵀ)⁻¹ with s² = Σ f r² / (contexts − d). [`GloveCertainty::fit`] solves each row again first (a trained vector has not
//! converged, which would inflate s²), so [`WordCertainty::vector`] may differ a little from the trained one. Words with no more contexts
//! than dimensions get no estimate. What is covered is the error of reconstruction, not that of the corpus or of the contexts.
//!
//! Source: Vallebueno, Handan-Nader, Manning and Ho, *Statistical Uncertainty in Word Embeddings: GloVe-V*, 2024.

use rand::RngExt;
use vectory_core::linalg::{LinalgError, Mat, cholesky_solve};
use vectory_core::sparse::CsrRef;
use vectory_core::{Vectors, rng};

use super::{Glove, GloveParams};

/// One word's vector and what is known of its error.
#[derive(Clone, Debug)]
pub struct WordCertainty {
    /// The least squares solution.
    pub vector: Vec<f64>,
    /// d × d.
    pub covariance: Mat,
    /// s²: the variance of a log count of full weight.
    pub noise: f64,
    /// Contexts that it was fitted to.
    pub contexts: usize,
}

/// What the fit reads; words are estimated one by one.
pub struct GloveCertainty<'a> {
    matrix: CsrRef<'a>,
    contexts: &'a Vectors,
    biases: &'a [f32],
    context_biases: &'a [f32],
    params: &'a GloveParams,
}

impl<'a> GloveCertainty<'a> {
    /// `None` for a model without its context vectors.
    #[must_use]
    pub fn new(matrix: CsrRef<'a>, model: &'a Glove, params: &'a GloveParams) -> Option<Self> {
        let contexts = model.vectors.contexts.as_ref()?;
        Some(Self { matrix, contexts, biases: &model.biases, context_biases: &model.context_biases, params })
    }

    /// The estimate of one word; `None` where it has no more contexts than dimensions, or they lie in a plane. O(contexts · d² + d³).
    ///
    /// # Errors
    /// [`LinalgError`] when a value is not finite.
    pub fn word(&self, i: usize) -> Result<Option<WordCertainty>, LinalgError> {
        let (row, d) = (self.matrix.row(i), self.contexts.dim());
        if row.dims.len() <= d {
            return Ok(None);
        }
        let (mut gram, mut right, mut target) =
            (Mat::zeros(d, d), Mat::zeros(d, 1), Vec::with_capacity(row.dims.len()));
        for (j, x) in row.dims.iter().zip(row.weights) {
            let (c, f) = (self.contexts.row(*j as usize), f64::from(self.params.weight(*x)));
            let y = f64::from(x.ln()) - f64::from(self.biases[i]) - f64::from(self.context_biases[*j as usize]);
            target.push((f, y));
            for (k, u) in c.iter().enumerate() {
                let fu = f * f64::from(*u);
                right.data[k] += fu * y;
                gram.row_mut(k)[..=k].iter_mut().zip(c).for_each(|(g, v)| *g += fu * f64::from(*v));
            }
        }
        // A factorisation reads the lower triangle alone; one for the solution and the inverse.
        let sides = Mat::from_fn(d, d + 1, |r, c| if c < d { f64::from(u8::from(r == c)) } else { right.data[r] });
        let Ok(solved) = cholesky_solve(&gram, &sides) else { return Ok(None) };
        let vector: Vec<f64> = (0..d).map(|k| solved.at(k, d)).collect();
        let residual = |(j, (f, y)): (&u32, &(f64, f64))| {
            let c = self.contexts.row(*j as usize);
            f * (y - c.iter().zip(&vector).map(|(u, v)| f64::from(*u) * v).sum::<f64>()).powi(2)
        };
        let noise = row.dims.iter().zip(&target).map(residual).sum::<f64>() / (row.dims.len() - d) as f64;
        let covariance = Mat::from_fn(d, d, |r, c| noise * 0.5 * (solved.at(r, c) + solved.at(c, r)));
        Ok(Some(WordCertainty { vector, covariance, noise, contexts: row.dims.len() }))
    }
}

/// A value with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Its standard error.
    pub deviation: f64,
}

impl Estimate {
    /// The 95 % interval of the normal approximation.
    #[must_use]
    pub fn interval(&self) -> (f64, f64) {
        (self.value - 1.96 * self.deviation, self.value + 1.96 * self.deviation)
    }

    /// The two-sided p-value of the value being 0.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        if self.deviation > 0.0 {
            2.0 * vectory_core::stats::normal_tail(self.value.abs() / self.deviation)
        } else {
            f64::from(u8::from(self.value == 0.0))
        }
    }
}

/// The cosine of two words, its error by the delta method.
#[must_use]
pub fn cosine(a: &WordCertainty, b: &WordCertainty) -> Estimate {
    let (value, da, db) = slopes(&a.vector, &b.vector);
    let variance = form(&a.covariance, &da) + form(&b.covariance, &db);
    Estimate { value, deviation: variance.max(0.0).sqrt() }
}

/// cos(a, b) − cos(a, c): is `a` nearer to `b` than to `c`? [`Estimate::p_value`] answers.
#[must_use]
pub fn nearer(a: &WordCertainty, b: &WordCertainty, c: &WordCertainty) -> Estimate {
    let ((x, xa, xb), (y, ya, yc)) = (slopes(&a.vector, &b.vector), slopes(&a.vector, &c.vector));
    let both: Vec<f64> = xa.iter().zip(&ya).map(|(p, q)| p - q).collect();
    let variance = form(&a.covariance, &both) + form(&b.covariance, &xb) + form(&c.covariance, &yc);
    Estimate { value: x - y, deviation: variance.max(0.0).sqrt() }
}

/// Any statistic of some words, by drawing vectors from their distributions: mean and deviation over `draws`.
///
/// # Errors
/// [`LinalgError`] when a covariance has no root.
pub fn simulate(
    words: &[&WordCertainty],
    draws: usize,
    seed: u64,
    statistic: impl Fn(&[Vec<f64>]) -> f64,
) -> Result<Estimate, LinalgError> {
    let roots = words.iter().map(|w| root(&w.covariance)).collect::<Result<Vec<_>, _>>()?;
    let mut r = rng::stream(seed, "glove.simulate");
    let values: Vec<f64> = (0..draws)
        .map(|_| {
            let drawn: Vec<Vec<f64>> =
                words.iter().zip(&roots).map(|(w, root)| draw(&w.vector, root, &mut r)).collect();
            statistic(&drawn)
        })
        .collect();
    let mean = values.iter().sum::<f64>() / draws.max(1) as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / draws.saturating_sub(1).max(1) as f64;
    Ok(Estimate { value: mean, deviation: variance.sqrt() })
}

/// The cosine of two plain vectors, and its slopes in each of them.
fn slopes(a: &[f64], b: &[f64]) -> (f64, Vec<f64>, Vec<f64>) {
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(u, v)| u * v).sum::<f64>();
    let (na, nb) = (dot(a, a).sqrt().max(1e-300), dot(b, b).sqrt().max(1e-300));
    let cos = dot(a, b) / (na * nb);
    let slope = |x: &[f64], y: &[f64], nx: f64, ny: f64| -> Vec<f64> {
        x.iter().zip(y).map(|(u, v)| v / (nx * ny) - cos * u / (nx * nx)).collect()
    };
    (cos, slope(a, b, na, nb), slope(b, a, nb, na))
}

/// gᵀ Σ g.
fn form(covariance: &Mat, g: &[f64]) -> f64 {
    (0..covariance.rows).map(|i| g[i] * covariance.row(i).iter().zip(g).map(|(s, v)| s * v).sum::<f64>()).sum()
}

/// A matrix R with R Rᵀ = Σ, by eigenvalues: small negative ones of rounding are taken for 0.
fn root(covariance: &Mat) -> Result<Mat, LinalgError> {
    let e = vectory_core::linalg::eigen_symmetric(covariance)?;
    Ok(Mat::from_fn(covariance.rows, covariance.rows, |i, j| e.vectors.at(j, i) * e.values[j].max(0.0).sqrt()))
}

fn draw(mean: &[f64], root: &Mat, r: &mut rng::Rng) -> Vec<f64> {
    let normal: Vec<f64> = (0..mean.len()).map(|_| standard_normal(r)).collect();
    (0..mean.len()).map(|i| mean[i] + root.row(i).iter().zip(&normal).map(|(a, z)| a * z).sum::<f64>()).collect()
}

/// Box and Muller's transform.
pub(crate) fn standard_normal(r: &mut rng::Rng) -> f64 {
    (-2.0 * (1.0 - r.random::<f64>()).ln()).sqrt() * (std::f64::consts::TAU * r.random::<f64>()).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(vector: &[f64], variance: f64) -> WordCertainty {
        let d = vector.len();
        let covariance = Mat::from_fn(d, d, |i, j| if i == j { variance * (1.0 + i as f64) } else { 0.1 * variance });
        WordCertainty { vector: vector.to_vec(), covariance, noise: 1.0, contexts: 100 }
    }

    #[test]
    fn slopes_are_those_of_finite_differences() {
        let (a, b) = ([0.4, -1.2, 0.7], [1.0, 0.3, -0.2]);
        let (_, da, db) = slopes(&a, &b);
        for k in 0..3 {
            for (which, want) in [(0, da[k]), (1, db[k])] {
                let at = |h: f64| {
                    let (mut x, mut y) = (a, b);
                    if which == 0 {
                        x[k] += h;
                    } else {
                        y[k] += h;
                    }
                    slopes(&x, &y).0
                };
                let got = (at(1e-6) - at(-1e-6)) / 2e-6;
                assert!((got - want).abs() < 1e-6, "{got} {want}");
            }
        }
    }

    #[test]
    fn simulation_and_delta_method_agree() {
        let (a, b, c) = (word(&[1.0, 2.0, 0.5], 1e-3), word(&[0.8, 2.2, -0.1], 1e-3), word(&[-1.0, 0.4, 2.0], 1e-3));
        let delta = cosine(&a, &b);
        let drawn = simulate(&[&a, &b], 4000, 3, |v| slopes(&v[0], &v[1]).0).unwrap();
        assert!((delta.deviation / drawn.deviation - 1.0).abs() < 0.1, "{delta:?} {drawn:?}");
        let n = nearer(&a, &b, &c);
        assert!(n.value > 0.5 && n.p_value() < 1e-6, "{n:?}");
        assert!(nearer(&a, &b, &b).value.abs() < 1e-12);
    }
}
