//! Subtracts the mean: what all rows have in common says nothing about any of them.

use serde::{Deserialize, Serialize};
use vectory_core::{Context, VectorsRef};

use super::{Weighting, moments};
use crate::models::{Affine, narrow};
use crate::{FitTransform, Side, Transform, TransformError};

/// `center`, `center:zipf`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Center {
    /// How much each row counts.
    pub weights: Weighting,
}

impl FitTransform for Center {
    fn check(&self) -> Result<(), TransformError> {
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        let (mean, _) = moments(rows, self.weights, side, ctx)?;
        Ok(Box::new(Affine::shift(narrow(&mean))))
    }
}
