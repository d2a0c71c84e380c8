//! A vector as a short sum of named vectors.
//!
//! The general form of Chefer and others, *The Hidden Language of Diffusion Models* (Conceptor), 2024, for a vector as it is
//! (the frozen model being the identity): non-negative weights of few vectors of a vocabulary, by non-negative orthogonal
//! matching pursuit. Rows and vocabulary are first moved by the mean of the vocabulary, or the common direction would explain
//! everything.

use serde::{Deserialize, Serialize};
use vectory_core::linalg::covariance;
use vectory_core::vectors::normalize;
use vectory_core::{Context, Vectors, VectorsRef};

use crate::models::{Sparse, narrow};
use crate::{FitTransform, Side, Transform, TransformError};

/// `decompose:10`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Decompose {
    /// Most vectors of the vocabulary that stand for a row.
    pub terms: usize,
}

impl Default for Decompose {
    fn default() -> Self {
        Self { terms: 10 }
    }
}

impl FitTransform for Decompose {
    fn check(&self) -> Result<(), TransformError> {
        if self.terms == 0 {
            return Err(TransformError::param("terms", 0, "1 or more"));
        }
        Ok(())
    }

    fn fit(&self, _: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        Ok(Box::new(self.model(side.need_anchors()?, ctx)?))
    }
}

impl Decompose {
    /// The model over a vocabulary.
    ///
    /// # Errors
    /// [`TransformError`] for a vocabulary that is empty or not finite.
    pub fn model(&self, vocabulary: VectorsRef<'_>, ctx: &Context) -> Result<Sparse, TransformError> {
        let shift = narrow(&covariance(vocabulary, ctx)?.0);
        let mut unit = Vectors::zeros(vocabulary.rows(), vocabulary.dim());
        for (i, v) in vocabulary.iter().enumerate() {
            let row = unit.row_mut(i);
            row.iter_mut().zip(v).zip(&shift).for_each(|((o, v), s)| *o = v - s);
            normalize(row);
        }
        Ok(Sparse { shift, vocabulary: unit, terms: self.terms })
    }
}
