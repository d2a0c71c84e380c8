//! What steps become once they are fitted: few forms, each saved and applied in one place.

mod affine;
mod cosines;
mod groups;
mod harmonized;
mod quantiles;
mod shape;
mod sparse;

pub use affine::{Affine, Map};
pub use cosines::Cosines;
pub use groups::Groups;
pub use harmonized::Harmonized;
pub use quantiles::Quantiles;
pub use shape::{Normalize, Truncate};
pub use sparse::{Sparse, Term};

use rayon::prelude::*;
use serde_json::Value;
use vectory_core::artifact::{Artifact, ArtifactError};
use vectory_core::{Context, Vectors, VectorsRef};
use vectory_linalg::Mat;

use crate::{Transform, TransformError};

/// Rows that a task transforms at a time.
const BLOCK: usize = 512;

/// Opens a step of a saved chain: its kind and parameters, its tensors by name.
pub(crate) fn open(kind: &str, saved: &Saved<'_>) -> Result<Box<dyn Transform>, ArtifactError> {
    Ok(match kind {
        Affine::KIND => Box::new(Affine::open(saved)?),
        Cosines::KIND => Box::new(Cosines::open(saved)?),
        Groups::KIND => Box::new(Groups::open(saved)?),
        Harmonized::KIND => Box::new(Harmonized::open(saved)?),
        Quantiles::KIND => Box::new(Quantiles::open(saved)?),
        Sparse::KIND => Box::new(Sparse::open(saved)?),
        Normalize::KIND => Box::new(Normalize),
        Truncate::KIND => Box::new(Truncate::open(saved)?),
        other => return Err(saved.bad(format!("is of the unknown kind `{other}`"))),
    })
}

/// One step of a saved chain.
pub(crate) struct Saved<'a> {
    pub artifact: &'a Artifact,
    pub at: usize,
    pub params: &'a Value,
}

impl Saved<'_> {
    fn name(&self, tensor: &str) -> String {
        format!("{}.{tensor}", self.at)
    }

    fn rows(&self, tensor: &str) -> Result<Vectors, ArtifactError> {
        self.artifact.rows(&self.name(tensor))
    }

    /// A table that may not be there: `params` says so.
    fn maybe(&self, tensor: &str) -> Result<Option<Vectors>, ArtifactError> {
        let there = self.params["tensors"].as_array().is_some_and(|t| t.iter().any(|n| n == tensor));
        if there { self.rows(tensor).map(Some) } else { Ok(None) }
    }

    fn vector(&self, tensor: &str) -> Result<Vec<f32>, ArtifactError> {
        let rows = self.rows(tensor)?;
        Ok(rows.as_slice().to_vec())
    }

    fn number(&self, key: &str) -> Result<usize, ArtifactError> {
        let value = self.params[key].as_u64().and_then(|v| usize::try_from(v).ok());
        value.ok_or_else(|| self.bad(format!("has no number `{key}`")))
    }

    fn bad(&self, why: String) -> ArtifactError {
        ArtifactError::Tensor { path: self.artifact.path().to_owned(), name: format!("step {}", self.at), why }
    }

    /// Refuses a table of another shape.
    fn shaped(&self, name: &str, found: (usize, usize), expected: (usize, usize)) -> Result<(), ArtifactError> {
        if found == expected {
            return Ok(());
        }
        Err(self.bad(format!("holds `{name}` of shape {found:?}, expected {expected:?}")))
    }
}

/// Transforms blocks of rows on the pool: `f(rows, out)` fills `out`, rows of `dim`.
fn blocks(
    rows: VectorsRef<'_>,
    dim: usize,
    ctx: &Context,
    f: impl Fn(VectorsRef<'_>, &mut [f32]) + Sync,
) -> Result<Vectors, TransformError> {
    let mut out = Vectors::zeros(rows.rows(), dim);
    if dim == 0 || rows.rows() == 0 {
        return Ok(out);
    }
    ctx.pool().install(|| {
        out.as_mut_slice().par_chunks_mut(BLOCK * dim).enumerate().try_for_each(|(i, out)| {
            ctx.check()?;
            let start = i * BLOCK;
            f(rows.slice(start, start + out.len() / dim), out);
            Ok::<_, TransformError>(())
        })
    })?;
    Ok(out)
}

fn same_dim(rows: VectorsRef<'_>, expected: usize) -> Result<(), TransformError> {
    if rows.dim() == expected { Ok(()) } else { Err(TransformError::Dim { found: rows.dim(), expected }) }
}

/// f64 as they are kept.
pub(crate) fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|v| *v as f32).collect()
}

/// A matrix as it is kept.
pub(crate) fn rows_of(m: &Mat) -> Vectors {
    let mut out = Vectors::zeros(m.rows, m.cols);
    out.as_mut_slice().iter_mut().zip(&m.data).for_each(|(o, v)| *o = *v as f32);
    out
}

/// One row.
pub(crate) fn one_row(values: &[f32]) -> Vectors {
    let mut out = Vectors::zeros(1, values.len());
    out.as_mut_slice().copy_from_slice(values);
    out
}
