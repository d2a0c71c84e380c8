//! Sets outlier dimensions to zero.
//!
//! Luo, Kulmizev and Mao, *Positional Artefacts Propagate Through Masked Language Model Embeddings*, 2021: a few dimensions
//! whose mean lies more than three standard deviations from that of all dimensions make up most of every cosine. Hämmerl and
//! others (2023) remove them in multilingual encoders.

use serde::{Deserialize, Serialize};
use vectory_core::linalg::covariance;
use vectory_core::{Context, VectorsRef};

use crate::models::{Affine, Map};
use crate::{FitTransform, Side, Transform, TransformError};

/// `clip`, `clip:3`, `clip:3,most=1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clip {
    /// A dimension is an outlier when its mean lies more than so many standard deviations from the mean of all dimensions.
    pub deviations: f64,
    /// Most dimensions set to zero, the farthest first (0: all outliers).
    pub most: usize,
}

impl Default for Clip {
    fn default() -> Self {
        Self { deviations: 3.0, most: 0 }
    }
}

impl FitTransform for Clip {
    fn check(&self) -> Result<(), TransformError> {
        if !(self.deviations > 0.0 && self.deviations.is_finite()) {
            return Err(TransformError::param("deviations", self.deviations, "above 0"));
        }
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, _: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        let (mean, _) = covariance(rows, ctx)?;
        let mut factor = vec![1.0; mean.len()];
        self.outliers(&mean).iter().for_each(|d| factor[*d] = 0.0);
        let zeros = vec![0.0; mean.len()];
        Ok(Box::new(Affine { shift: zeros.clone(), map: Map::Diagonal(factor), bias: zeros }))
    }
}

impl Clip {
    /// The outlier dimensions of a mean row, the farthest first.
    #[must_use]
    pub fn outliers(&self, mean: &[f64]) -> Vec<usize> {
        let d = mean.len() as f64;
        let centre = mean.iter().sum::<f64>() / d;
        let spread = (mean.iter().map(|m| (m - centre).powi(2)).sum::<f64>() / d).sqrt();
        let off = |i: &usize| (mean[*i] - centre).abs();
        let mut found: Vec<usize> = (0..mean.len()).filter(|i| off(i) > self.deviations * spread).collect();
        found.sort_by(|a, b| off(b).total_cmp(&off(a)).then(a.cmp(b)));
        if self.most > 0 {
            found.truncate(self.most);
        }
        found
    }
}
