//! f-norm: every dimension is given a normal distribution by ranks; fewer rows are then hubs.
//!
//! Nielsen and Hansen, *Hubness Reduction Improves Sentence-BERT Semantic Spaces*, 2024. They draw normal values and sort them;
//! here the quantiles themselves are taken, which is what such draws come to. Rows that come later are mapped between the kept
//! quantiles. Follow it by `normalize`, as the paper does.

use serde::{Deserialize, Serialize};
use vectory_core::{Context, Vectors, VectorsRef};

use crate::models::Quantiles;
use crate::{FitTransform, Side, Transform, TransformError};

/// What a dimension is made to be distributed as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Distribution {
    /// Standard normal.
    #[default]
    Normal,
    /// Uniform from −1 to 1.
    Uniform,
}

/// `fnorm`, `fnorm:uniform`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fnorm {
    /// What a dimension becomes.
    pub distribution: Distribution,
    /// Most quantiles kept of each dimension (2 or more).
    pub knots: usize,
}

impl Default for Fnorm {
    fn default() -> Self {
        Self { distribution: Distribution::Normal, knots: 1024 }
    }
}

impl FitTransform for Fnorm {
    fn check(&self) -> Result<(), TransformError> {
        if self.knots < 2 {
            return Err(TransformError::param("knots", self.knots, "2 or more"));
        }
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, _: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        use rayon::prelude::*;
        let n = rows.rows();
        if n < 2 {
            return Err(TransformError::TooFew { needed: 2, rows: n });
        }
        if let Some((row, dim)) = rows.first_non_finite() {
            return Err(TransformError::NonFinite { row, dim });
        }
        let m = self.knots.min(n);
        let rank = |k: usize| k as f64 * (n - 1) as f64 / (m - 1) as f64;
        let mut knots = Vectors::zeros(rows.dim(), m);
        ctx.pool().install(|| {
            knots.as_mut_slice().par_chunks_exact_mut(m).enumerate().for_each(|(j, out)| {
                let mut column: Vec<f32> = rows.iter().map(|r| r[j]).collect();
                column.sort_by(f32::total_cmp);
                out.iter_mut().enumerate().for_each(|(k, o)| *o = column[rank(k).round() as usize]);
            });
        });
        let share = |k: usize| (rank(k).round() + 0.5) / n as f64;
        let value = |k: usize| match self.distribution {
            Distribution::Normal => normal_quantile(share(k)) as f32,
            Distribution::Uniform => (2.0 * share(k) - 1.0) as f32,
        };
        Ok(Box::new(Quantiles { knots, targets: (0..m).map(value).collect() }))
    }
}

/// The value below which a standard normal variable falls with probability `p`, by bisection on the tail.
fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-9.0f64, 9.0f64);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if vectory_core::stats::normal_tail(middle) > 1.0 - p { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    #[test]
    fn quantiles_of_the_normal() {
        for (p, z) in [(0.5, 0.0), (0.975, 1.959_963_985), (0.001, -3.090_232_306)] {
            assert!((super::normal_quantile(p) - z).abs() < 1e-6, "{p} {}", super::normal_quantile(p));
        }
    }
}
