//! Fitted components: they project rows, and live in a file.

use std::path::Path;

use rayon::prelude::*;

use super::BLOCK;
use crate::artifact::{self, Artifact, Card, TensorOut};
use crate::linalg::LinalgError;
use crate::simd::{self, PackedB};
use crate::{Context, Vectors, VectorsRef};

/// Fitted components.
#[derive(Clone, Debug)]
pub struct Pca {
    /// What projections subtract; the dimension of the rows.
    pub mean: Vec<f32>,
    /// k × d, orthonormal rows; in each the entry of largest size is positive.
    pub components: Vectors,
    /// Variance along each component (divided by n), descending.
    pub variances: Vec<f64>,
    /// Variance of the rows over all dimensions.
    pub total_variance: f64,
    /// Whether projections are scaled to unit variance.
    pub whiten: bool,
}

impl Pca {
    /// The share of the variance that each component carries.
    #[must_use]
    pub fn explained(&self) -> Vec<f64> {
        let total = if self.total_variance > 0.0 { self.total_variance } else { 1.0 };
        self.variances.iter().map(|v| v / total).collect()
    }

    /// Projects rows, on the calling thread. Panics when they have another dimension than was fitted.
    #[must_use]
    pub fn apply(&self, rows: VectorsRef<'_>) -> Vectors {
        let mut out = Vectors::zeros(rows.rows(), self.components.rows());
        let (packed, k) = (self.packed(), self.components.rows());
        for (i, out) in out.as_mut_slice().chunks_mut(BLOCK * k).enumerate() {
            self.project(rows.slice(i * BLOCK, rows.rows().min((i + 1) * BLOCK)), &packed, out);
        }
        out
    }

    /// Projects rows on the pool.
    ///
    /// # Errors
    /// [`LinalgError::Dim`] for rows of another dimension, [`LinalgError::Cancelled`].
    pub fn apply_with(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, LinalgError> {
        if rows.dim() != self.mean.len() {
            return Err(LinalgError::Dim { found: rows.dim(), expected: self.mean.len() });
        }
        let mut out = Vectors::zeros(rows.rows(), self.components.rows());
        let (packed, k) = (self.packed(), self.components.rows());
        ctx.pool().install(|| {
            out.as_mut_slice().par_chunks_mut(BLOCK * k).enumerate().try_for_each(|(i, out)| {
                ctx.check()?;
                self.project(rows.slice(i * BLOCK, rows.rows().min((i + 1) * BLOCK)), &packed, out);
                Ok::<_, LinalgError>(())
            })
        })?;
        Ok(out)
    }

    /// The components as they multiply: scaled to unit variance where that is wanted (a direction without variance to 0).
    fn packed(&self) -> PackedB {
        let mut c = self.components.clone();
        if self.whiten {
            let floor = self.variances.first().copied().unwrap_or(0.0) * 1e-12;
            for (i, v) in self.variances.iter().enumerate() {
                let scale = if *v > floor { (1.0 / v.sqrt()) as f32 } else { 0.0 };
                c.row_mut(i).iter_mut().for_each(|x| *x *= scale);
            }
        }
        PackedB::new(c.as_slice(), c.rows(), c.dim())
    }

    fn project(&self, rows: VectorsRef<'_>, packed: &PackedB, out: &mut [f32]) {
        let mut centred = rows.as_slice().to_vec();
        centred.chunks_exact_mut(self.mean.len()).for_each(|r| simd::axpy(-1.0, &self.mean, r));
        simd::gemm_packed(&centred, packed, out);
    }

    /// Writes the components as an artifact of kind `pca`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path, provenance: serde_json::Value) -> Result<(), LinalgError> {
        let params = serde_json::json!({
            "dims": self.components.rows(), "whiten": self.whiten,
            "variances": self.variances, "total_variance": self.total_variance,
        });
        let card = Card { kind: "pca".into(), version: 1, params, provenance };
        let shape = vec![self.components.rows(), self.components.dim()];
        let tensors = [
            TensorOut::f32("mean", vec![1, self.mean.len()], &self.mean),
            TensorOut::f32("components", shape, self.components.as_slice()),
        ];
        Ok(artifact::save(path, &card, &tensors)?)
    }

    /// Reads what [`Pca::save`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged or holds something else.
    pub fn open(path: &Path) -> Result<Self, LinalgError> {
        let a = Artifact::open_kind(path, "pca", 1)?;
        let (mean, components, params) = (a.rows("mean")?, a.rows("components")?, &a.card().params);
        let variances: Vec<f64> =
            params["variances"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64).collect();
        if mean.as_slice().len() != components.dim() || variances.len() != components.rows() {
            let (path, name) = (path.to_owned(), "components".to_owned());
            let why = "does not fit the mean or the variances".to_owned();
            return Err(artifact::ArtifactError::Tensor { path, name, why }.into());
        }
        Ok(Self {
            mean: mean.as_slice().to_vec(),
            components,
            variances,
            total_variance: params["total_variance"].as_f64().unwrap_or(0.0),
            whiten: params["whiten"].as_bool().unwrap_or(false),
        })
    }
}
