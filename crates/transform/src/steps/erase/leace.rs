//! The closed form: whiten, project out what correlates with the attribute, unwhiten.

use vectory_core::linalg::covariance;
use vectory_core::{Context, VectorsRef};
use vectory_linalg::{Mat, eigen_symmetric, matmul, transpose};

use super::{ClassMeans, basis};
use crate::models::{Affine, Map, narrow, rows_of};
use crate::steps::{NULL, power};
use crate::{Transform, TransformError};

pub(super) fn fit(
    rows: VectorsRef<'_>,
    means: &ClassMeans,
    ctx: &Context,
) -> Result<Box<dyn Transform>, TransformError> {
    let eigen = eigen_symmetric(&covariance(rows, ctx)?.1)?;
    let (whiten, unwhiten) = (power(&eigen, -0.5, NULL)?, power(&eigen, 0.5, NULL)?);
    // The columns of Σxz are share × (class mean − mean); their span, whitened.
    let classes = means.classes.len();
    let cross = Mat::from_fn(classes, means.mean.len(), |c, j| means.classes[c].0 * means.differences().at(c, j));
    let seen = basis(&Mat::zeros(0, cross.cols), &matmul(&cross, &whiten)?, 1e-9);
    let onto = matmul(&transpose(&seen), &seen)?;
    let mut forth = matmul(&matmul(&unwhiten, &onto)?, &whiten)?;
    for i in 0..forth.rows {
        for j in 0..forth.cols {
            forth.row_mut(i)[j] = f64::from(u8::from(i == j)) - forth.at(i, j);
        }
    }
    let mean = narrow(&means.mean);
    Ok(Box::new(Affine { shift: mean.clone(), map: Map::Matrix { forth: rows_of(&forth), back: None }, bias: mean }))
}
