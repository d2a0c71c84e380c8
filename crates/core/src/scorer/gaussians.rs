//! Diagonal Gaussians.

use crate::repr::{GaussianRef, Kind};
use crate::scorer::{Scorer, ScorerError, check, check_dim};
use crate::{Metric, VectorsRef};

/// Diagonal Gaussians under `kl`, with the logarithm of each determinant.
#[derive(Clone, Debug)]
pub struct Gaussians<'a> {
    means: VectorsRef<'a>,
    variances: VectorsRef<'a>,
    log_det: Vec<f64>,
}

impl<'a> Gaussians<'a> {
    /// Means and variances, row by row.
    ///
    /// # Errors
    /// [`ScorerError::Metric`] for a metric other than `kl`; [`ScorerError::Shape`] when the shapes differ or a variance
    /// is not positive.
    pub fn new(means: VectorsRef<'a>, variances: VectorsRef<'a>, metric: Metric) -> Result<Self, ScorerError> {
        check(Kind::Gaussian, metric)?;
        if (means.rows(), means.dim()) != (variances.rows(), variances.dim()) {
            let (m, v) = ((means.rows(), means.dim()), (variances.rows(), variances.dim()));
            return Err(ScorerError::Shape(format!("means are {} × {}, variances {} × {}", m.0, m.1, v.0, v.1)));
        }
        if let Some(p) = variances.as_slice().iter().position(|v| v.is_nan() || *v <= 0.0) {
            let (row, col) = (p / variances.dim(), p % variances.dim());
            return Err(ScorerError::Shape(format!("the variance at row {row}, column {col} is not positive")));
        }
        Ok(Self { means, variances, log_det: variances.iter().map(log_det).collect() })
    }

    /// The set with a query folded in.
    ///
    /// # Errors
    /// [`ScorerError::Dim`] for a query of another dimension.
    pub fn scorer<'q>(&'q self, query: GaussianRef<'q>) -> Result<GaussianScorer<'q>, ScorerError> {
        check_dim(query.mean.len(), self.means.dim())?;
        check_dim(query.variance.len(), self.means.dim())?;
        Ok(GaussianScorer { set: self, query, log_det: log_det(query.variance) })
    }
}

/// A Gaussian against Gaussians: minus KL(query ‖ item).
#[derive(Clone, Debug)]
pub struct GaussianScorer<'a> {
    set: &'a Gaussians<'a>,
    query: GaussianRef<'a>,
    log_det: f64,
}

impl Scorer for GaussianScorer<'_> {
    fn len(&self) -> usize {
        self.set.means.rows()
    }

    fn score(&self, ids: &[u32], out: &mut [f32]) {
        assert_eq!(ids.len(), out.len(), "{} ids, {} places", ids.len(), out.len());
        let q = self.query;
        for (id, s) in ids.iter().zip(out) {
            let i = *id as usize;
            let (mean, variance) = (self.set.means.row(i), self.set.variances.row(i));
            let mut sum = 0.0;
            for j in 0..mean.len() {
                let d = f64::from(q.mean[j]) - f64::from(mean[j]);
                sum += (f64::from(q.variance[j]) + d * d) / f64::from(variance[j]) - 1.0;
            }
            *s = (-0.5 * (sum + self.set.log_det[i] - self.log_det)) as f32;
        }
    }
}

fn log_det(variance: &[f32]) -> f64 {
    variance.iter().map(|v| f64::from(*v).ln()).sum()
}
