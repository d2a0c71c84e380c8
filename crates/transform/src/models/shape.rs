//! What needs no fitting: unit length, the first values of a row.

use serde_json::json;
use vectory_core::artifact::ArtifactError;
use vectory_core::vectors::normalize;
use vectory_core::{Context, Vectors, VectorsRef};

use super::{Saved, blocks};
use crate::{Parts, Transform, TransformError};

/// Scales each row to unit length; a zero row stays zero.
#[derive(Clone, Copy, Debug)]
pub struct Normalize;

impl Normalize {
    pub(super) const KIND: &str = "normalize";
}

impl Transform for Normalize {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    fn dim_in(&self) -> Option<usize> {
        None
    }

    fn dim_out(&self, dim: usize) -> usize {
        dim
    }

    fn apply(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        blocks(rows, rows.dim(), ctx, |rows, out| {
            out.copy_from_slice(rows.as_slice());
            out.chunks_exact_mut(rows.dim()).for_each(normalize);
        })
    }

    fn inverse(&self, _: VectorsRef<'_>, _: &Context) -> Result<Vectors, TransformError> {
        Err(TransformError::NoInverse("normalize"))
    }

    fn parts(&self) -> Parts {
        Parts { params: json!({}), tensors: Vec::new() }
    }
}

/// Keeps the first values of each row, at unit length where that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Truncate {
    /// Values kept.
    pub dims: usize,
    /// Values a row has before.
    pub from: usize,
    /// Whether what is kept is scaled to unit length.
    pub normalize: bool,
}

impl Truncate {
    pub(super) const KIND: &str = "truncate";

    pub(super) fn open(s: &Saved<'_>) -> Result<Self, ArtifactError> {
        let out = Self {
            dims: s.number("dims")?,
            from: s.number("from")?,
            normalize: s.params["normalize"].as_bool().unwrap_or(true),
        };
        if out.dims > out.from {
            return Err(s.bad(format!("keeps {} of {} dimensions", out.dims, out.from)));
        }
        Ok(out)
    }
}

impl Transform for Truncate {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    fn dim_in(&self) -> Option<usize> {
        Some(self.from)
    }

    fn dim_out(&self, _: usize) -> usize {
        self.dims
    }

    fn apply(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        super::same_dim(rows, self.from)?;
        blocks(rows, self.dims, ctx, |rows, out| {
            for (o, r) in out.chunks_exact_mut(self.dims).zip(rows.iter()) {
                o.copy_from_slice(&r[..self.dims]);
                if self.normalize {
                    normalize(o);
                }
            }
        })
    }

    fn inverse(&self, _: VectorsRef<'_>, _: &Context) -> Result<Vectors, TransformError> {
        Err(TransformError::NoInverse("truncate"))
    }

    fn parts(&self) -> Parts {
        let params = json!({"dims": self.dims, "from": self.from, "normalize": self.normalize});
        Parts { params, tensors: Vec::new() }
    }
}
