//! Makes an attribute unreadable by linear classifiers.
//!
//! - `inlp`: Ravfogel, Elazar, Gonen, Twiton and Goldberg, *Null It Out: Guarding Protected Attributes by Iterative Nullspace
//!   Projection*, 2020. Trains classifiers one after the other and projects onto what none of them sees. O(rounds · fit).
//! - `leace`: Belrose and others, *LEACE: Perfect linear concept erasure in closed form*, 2023. The smallest change (in mean squared
//!   distance) after which no linear classifier does better than a constant. O(n d² + d³).
//! - `mean`: projects out the differences of the class means; the cheapest, and the weakest against unequal spreads.
//!
//! None of them hides the attribute from a classifier that is not linear. Judge by rows that were not fitted.

mod inlp;
mod leace;

use serde::{Deserialize, Serialize};
use vectory_core::linalg::covariance;
use vectory_core::{Context, VectorsRef};
use vectory_linalg::Mat;

pub use inlp::{Inlp, Round, inlp};

use super::complement;
use crate::models::{Affine, rows_of};
use crate::{FitTransform, Side, Transform, TransformError};

/// How the attribute is erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// In closed form.
    #[default]
    Leace,
    /// By classifier after classifier.
    Inlp,
    /// By the class means alone.
    Mean,
}

/// `erase`, `erase:inlp`, `erase:inlp,rounds=35`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Erase {
    /// How.
    pub method: Method,
    /// Of `inlp`: most classifiers.
    pub rounds: usize,
    /// Of `inlp`: stops once a classifier is at most so much better than the majority class on rows held back.
    pub margin: f64,
    /// Of `inlp`: inverse strength of the classifiers' penalty.
    pub c: f64,
}

impl Default for Erase {
    fn default() -> Self {
        Self { method: Method::Leace, rounds: 35, margin: 0.01, c: 1.0 }
    }
}

impl FitTransform for Erase {
    fn check(&self) -> Result<(), TransformError> {
        if self.rounds == 0 {
            return Err(TransformError::param("rounds", 0, "1 or more"));
        }
        if !(0.0..1.0).contains(&self.margin) {
            return Err(TransformError::param("margin", self.margin, "at least 0 and below 1"));
        }
        if !(self.c > 0.0 && self.c.is_finite()) {
            return Err(TransformError::param("c", self.c, "above 0"));
        }
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        let labels = side.need_labels()?;
        let means = ClassMeans::new(rows, labels, ctx)?;
        match self.method {
            Method::Leace => leace::fit(rows, &means, ctx),
            Method::Mean => projection(&basis(&Mat::zeros(0, rows.dim()), &means.differences(), 1e-9)),
            Method::Inlp => projection(&inlp(rows, labels, side.keep, self, ctx)?.directions),
        }
    }
}

/// I − the projection onto orthonormal rows.
fn projection(directions: &Mat) -> Result<Box<dyn Transform>, TransformError> {
    let d = directions.cols;
    Ok(Box::new(Affine::linear(vec![0.0; d], rows_of(&complement(directions)?), None)))
}

/// Means of the classes of an attribute.
struct ClassMeans {
    mean: Vec<f64>,
    /// Share of the rows, and their mean, of each class that has rows.
    classes: Vec<(f64, Vec<f64>)>,
}

impl ClassMeans {
    fn new(rows: VectorsRef<'_>, labels: &[u32], ctx: &Context) -> Result<Self, TransformError> {
        let most = labels.iter().max().map_or(0, |m| *m as usize);
        if most >= labels.len().max(2) {
            return Err(TransformError::param("labels", most, "numbered from 0 without gaps"));
        }
        let (mean, _) = covariance(rows, ctx)?;
        let mut sums = vec![(0.0, vec![0.0; rows.dim()]); most + 1];
        for (row, label) in rows.iter().zip(labels) {
            let (count, sum) = &mut sums[*label as usize];
            *count += 1.0;
            sum.iter_mut().zip(row).for_each(|(s, v)| *s += f64::from(*v));
        }
        sums.retain(|s| s.0 > 0.0);
        if sums.len() < 2 {
            return Err(TransformError::param("labels", "the same for all rows", "of at least two classes"));
        }
        for (count, sum) in &mut sums {
            sum.iter_mut().for_each(|v| *v /= *count);
            *count /= rows.rows() as f64;
        }
        Ok(Self { mean, classes: sums })
    }

    /// Class means less the mean, one row a class.
    fn differences(&self) -> Mat {
        Mat::from_fn(self.classes.len(), self.mean.len(), |c, j| self.classes[c].1[j] - self.mean[j])
    }
}

/// Orthonormal rows: those of `old` (orthonormal already) and what the rows of `new` add to them. Gram and Schmidt's way, twice
/// over, so that rounding does not add up.
fn basis(old: &Mat, new: &Mat, least: f64) -> Mat {
    let mut all: Vec<Vec<f64>> = (0..old.rows).map(|i| old.row(i).to_vec()).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    for i in 0..new.rows {
        let mut row = new.row(i).to_vec();
        let before = dot(&row, &row).sqrt();
        for _ in 0..2 {
            for b in &all {
                let along = dot(&row, b);
                row.iter_mut().zip(b).for_each(|(r, v)| *r -= along * v);
            }
        }
        let left = dot(&row, &row).sqrt();
        if left > least * before && left > 0.0 && all.len() < new.cols {
            row.iter_mut().for_each(|v| *v /= left);
            all.push(row);
        }
    }
    Mat { rows: all.len(), cols: new.cols, data: all.concat() }
}
