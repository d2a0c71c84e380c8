//! Principal components: the directions of largest variance.

use serde::{Deserialize, Serialize};
use vectory_core::linalg::{Pca, PcaParams};
use vectory_core::{Context, Vectors, VectorsRef};

use super::at_most;
use crate::models::Affine;
use crate::{FitTransform, Side, Transform, TransformError};

/// `pca:64`. Whitened components are `whiten:pca,dims=64`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PcaStep {
    /// Components kept.
    pub dims: usize,
}

impl FitTransform for PcaStep {
    fn check(&self) -> Result<(), TransformError> {
        if self.dims == 0 {
            return Err(TransformError::param("dims", 0, "given, 1 or more: `pca:64`"));
        }
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, _: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        at_most("dims", self.dims, rows.dim().min(rows.rows()), "the smaller of rows and dimensions")?;
        let pca = Pca::fit(rows, &PcaParams { dims: self.dims, ..PcaParams::default() }, ctx)?;
        let mut back = Vectors::zeros(rows.dim(), self.dims);
        for (i, c) in pca.components.iter().enumerate() {
            c.iter().enumerate().for_each(|(j, v)| back.row_mut(j)[i] = *v);
        }
        Ok(Box::new(Affine::linear(pca.mean, pca.components, Some(back))))
    }
}
