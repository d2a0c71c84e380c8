//! A map for each group of rows: what is nearest to a centroid loses that group's mean and leading directions.

use serde_json::json;
use vectory_core::artifact::ArtifactError;
use vectory_core::{Context, Vectors, VectorsRef, cluster, simd};

use super::{Saved, blocks, same_dim};
use crate::{Parts, Transform, TransformError};

/// Centroids, and the directions that are removed around each.
#[derive(Clone, Debug)]
pub struct Groups {
    /// k × d.
    pub centroids: Vectors,
    /// k·p × d, orthonormal within a group; rows of zeros where a group has fewer.
    pub directions: Vectors,
}

impl Groups {
    pub(super) const KIND: &str = "groups";

    pub(super) fn open(s: &Saved<'_>) -> Result<Self, ArtifactError> {
        let (centroids, directions) = (s.rows("centroids")?, s.rows("directions")?);
        let whole = centroids.rows() > 0 && directions.rows() % centroids.rows().max(1) == 0;
        if !whole || (directions.rows() > 0 && directions.dim() != centroids.dim()) {
            return Err(s.bad("has centroids and directions that do not fit".into()));
        }
        Ok(Self { centroids, directions })
    }
}

impl Transform for Groups {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    fn dim_in(&self) -> Option<usize> {
        Some(self.centroids.dim())
    }

    fn dim_out(&self, dim: usize) -> usize {
        dim
    }

    fn apply(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        same_dim(rows, self.centroids.dim())?;
        let (of, _) = cluster::nearest(self.centroids.view(), rows, ctx)?;
        let each = self.directions.rows() / self.centroids.rows();
        // The blocks see which rows they are by their place in the whole.
        let start = rows.as_slice().as_ptr() as usize;
        blocks(rows, rows.dim(), ctx, |part, out| {
            let first = (part.as_slice().as_ptr() as usize - start) / (4 * part.dim());
            for (i, (o, r)) in out.chunks_exact_mut(part.dim()).zip(part.iter()).enumerate() {
                let group = of[first + i] as usize;
                o.copy_from_slice(r);
                simd::axpy(-1.0, self.centroids.row(group), o);
                for p in group * each..(group + 1) * each {
                    let direction = self.directions.row(p);
                    let along = simd::dot(o, direction);
                    simd::axpy(-along, direction, o);
                }
            }
        })
    }

    fn inverse(&self, _: VectorsRef<'_>, _: &Context) -> Result<Vectors, TransformError> {
        Err(TransformError::NoInverse("isotropy"))
    }

    fn parts(&self) -> Parts {
        let tensors = vec![("centroids", self.centroids.clone()), ("directions", self.directions.clone())];
        Parts { params: json!({}), tensors }
    }
}
