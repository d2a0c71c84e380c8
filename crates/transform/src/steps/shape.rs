//! `normalize` and `truncate:128`.

use serde::{Deserialize, Serialize};
use vectory_core::{Context, VectorsRef};

use super::at_most;
use crate::models::{Normalize, Truncate};
use crate::{FitTransform, Side, Transform, TransformError};

/// `normalize`: unit length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NormalizeStep {}

impl FitTransform for NormalizeStep {
    fn check(&self) -> Result<(), TransformError> {
        Ok(())
    }

    fn fit(&self, _: VectorsRef<'_>, _: &Side<'_>, _: &Context) -> Result<Box<dyn Transform>, TransformError> {
        Ok(Box::new(Normalize))
    }
}

/// `truncate:128`: the first values, at unit length. Right for Matryoshka encoders and after `pca` or `whiten:pca`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TruncateStep {
    /// Values kept.
    pub dims: usize,
    /// Whether what is kept is scaled to unit length.
    pub normalize: bool,
}

impl Default for TruncateStep {
    fn default() -> Self {
        Self { dims: 0, normalize: true }
    }
}

impl FitTransform for TruncateStep {
    fn check(&self) -> Result<(), TransformError> {
        if self.dims == 0 {
            return Err(TransformError::param("dims", 0, "given, 1 or more: `truncate:128`"));
        }
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, _: &Side<'_>, _: &Context) -> Result<Box<dyn Transform>, TransformError> {
        at_most("dims", self.dims, rows.dim(), "the dimensions of the rows")?;
        Ok(Box::new(Truncate { dims: self.dims, from: rows.dim(), normalize: self.normalize }))
    }
}
