//! Rows pooled from several sites: an encoding in which the site leaves no trace, and known covariates act by known maps.
//!
//! After Chytas, Lokhande and Singh, *Pooling Image Datasets With Multiple Covariate Shift and Imbalance*, 2024: values of a
//! covariate are objects, a change of value is an arrow, and the encoder is a functor that gives every arrow a matrix. So that
//! a step down undoes a step up, each matrix is kept near a rotation and its transpose is the way back. Rows of different items
//! tell where a change leads only on average; so it is the means of groups (same covariates, same kept class) that are held to
//! their arrows, and those of sites within a group to each other: pairs of rows would only add the spread within groups to the
//! loss. An autoencoder keeps the rest, and what linear models could still read of the sites within groups is taken out of its
//! last layer in closed form. Covariates of several kinds are taken to commute.
//!
//! Sites are `--labels`, covariates (whole numbers, a column each) `--targets`; a class to keep (`--keep`) makes groups finer.
//! `epochs` · n · 6 · (weights of both nets) operations.

mod groups;
#[cfg(test)]
mod tests;
mod train;

use serde::{Deserialize, Serialize};
use vectory_core::{Context, VectorsRef};

use crate::models::Harmonized;
use crate::{FitTransform, Side, Transform, TransformError};

/// Largest number of steps between two values of a covariate.
const FARTHEST: f32 = 64.0;

/// `harmonize:64`, `harmonize:32,hidden=128,epochs=20`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Harmonize {
    /// Values of an encoded row.
    pub dims: usize,
    /// Units of the encoder's and of the decoder's hidden layer.
    pub hidden: usize,
    /// Passes over the rows.
    pub epochs: usize,
    /// Rows of a step.
    pub batch: usize,
    /// Weight of the arrows against the autoencoder's error, 0 or more.
    pub morphism: f32,
    /// Weight of the sites' likeness, 0 or more.
    pub invariance: f32,
    /// Step size at the start; falls to 0.
    pub rate: f32,
}

impl Default for Harmonize {
    fn default() -> Self {
        Self { dims: 0, hidden: 256, epochs: 40, batch: 512, morphism: 0.3, invariance: 0.3, rate: 2e-3 }
    }
}

impl FitTransform for Harmonize {
    fn check(&self) -> Result<(), TransformError> {
        if self.dims == 0 {
            return Err(TransformError::param("dims", 0, "given, 1 or more: `harmonize:64`"));
        }
        if self.hidden == 0 || self.epochs == 0 || self.batch < 2 {
            let got = format!("{}, {} and {}", self.hidden, self.epochs, self.batch);
            return Err(TransformError::param("hidden, epochs and batch", got, "1, 1 and 2 or more"));
        }
        let weights = [self.morphism, self.invariance];
        if !weights.iter().all(|w| *w >= 0.0 && w.is_finite()) {
            let got = format!("{} and {}", self.morphism, self.invariance);
            return Err(TransformError::param("morphism and invariance", got, "0 or more, finite"));
        }
        if !(self.rate > 0.0 && self.rate.is_finite()) {
            return Err(TransformError::param("rate", self.rate, "above 0, finite"));
        }
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        Ok(Box::new(self.model(rows, side, ctx)?))
    }
}

impl Harmonize {
    /// [`FitTransform::fit`], as what it is: it can move encoded rows to other covariates.
    ///
    /// # Errors
    /// As [`FitTransform::fit`].
    pub fn model(&self, rows: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Harmonized, TransformError> {
        if rows.rows() < 2 {
            return Err(TransformError::TooFew { needed: 2, rows: rows.rows() });
        }
        let sites = side.need_labels()?;
        if let Some(covariates) = side.targets {
            let odd =
                covariates.iter().enumerate().find(|(_, r)| r.iter().any(|v| v.fract() != 0.0 || v.abs() > FARTHEST));
            if let Some((i, row)) = odd {
                let legal = "of whole numbers from -64 to 64, one a covariate";
                return Err(TransformError::param("targets", format!("{row:?} in row {i}"), legal));
            }
        }
        train::train(self, rows, &groups::Known { sites, covariates: side.targets, kept: side.keep }, ctx)
    }
}
