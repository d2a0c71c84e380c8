//! All-but-the-top: subtracts the mean and the leading principal components.
//!
//! Mu and Viswanath, *All-but-the-Top*, 2018: of word vectors the first few components hold frequency rather than meaning; they
//! propose d / 100 components.

use serde::{Deserialize, Serialize};
use vectory_core::{Context, VectorsRef};
use vectory_linalg::eigen_symmetric;

use super::{Weighting, complement, first_rows, moments};
use crate::models::{Affine, narrow, rows_of};
use crate::{FitTransform, Side, Transform, TransformError};

/// `abtt`, `abtt:3`, `abtt:3,weights=zipf`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Abtt {
    /// Components removed (0: a hundredth of the dimensions, at least 1).
    pub components: usize,
    /// How much each row counts.
    pub weights: Weighting,
}

impl FitTransform for Abtt {
    fn check(&self) -> Result<(), TransformError> {
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        let count = if self.components == 0 { (rows.dim() / 100).max(1) } else { self.components };
        if count >= rows.dim() {
            return Err(TransformError::param("components", count, format!("below the {} dimensions", rows.dim())));
        }
        let (mean, spread) = moments(rows, self.weights, side, ctx)?;
        let directions = first_rows(&eigen_symmetric(&spread)?.vectors, count);
        Ok(Box::new(Affine::linear(narrow(&mean), rows_of(&complement(&directions)?), None)))
    }
}
