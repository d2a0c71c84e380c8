//! A monotone map of each dimension: the value at a rank becomes the value at that rank of another distribution.

use serde_json::json;
use vectory_core::artifact::ArtifactError;
use vectory_core::{Context, Vectors, VectorsRef};

use super::{Saved, blocks, one_row, same_dim};
use crate::{Parts, Transform, TransformError};

/// Knots of the map; between them it is linear, beyond them constant.
#[derive(Clone, Debug)]
pub struct Quantiles {
    /// d × m: the sorted values of each dimension at m ranks.
    pub knots: Vectors,
    /// m values: what they become, ascending.
    pub targets: Vec<f32>,
}

impl Quantiles {
    pub(super) const KIND: &str = "quantiles";

    pub(super) fn open(s: &Saved<'_>) -> Result<Self, ArtifactError> {
        let (knots, targets) = (s.rows("knots")?, s.vector("targets")?);
        s.shaped("targets", (1, targets.len()), (1, knots.dim()))?;
        Ok(Self { knots, targets })
    }
}

/// The value of the piecewise linear map through (`from`, `to`) at `v`. Where knots repeat, the middle of what they become.
fn between(from: &[f32], to: &[f32], v: f32) -> f32 {
    let low = from.partition_point(|k| *k < v);
    let high = from.partition_point(|k| *k <= v);
    if low < high {
        return (to[low] + to[high - 1]) / 2.0;
    }
    match low {
        0 => to[0],
        l if l == from.len() => to[l - 1],
        l => to[l - 1] + (to[l] - to[l - 1]) * (v - from[l - 1]) / (from[l] - from[l - 1]),
    }
}

impl Transform for Quantiles {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    fn dim_in(&self) -> Option<usize> {
        Some(self.knots.rows())
    }

    fn dim_out(&self, dim: usize) -> usize {
        dim
    }

    fn apply(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        same_dim(rows, self.knots.rows())?;
        blocks(rows, rows.dim(), ctx, |rows, out| {
            for (o, r) in out.chunks_exact_mut(rows.dim()).zip(rows.iter()) {
                for (j, (o, v)) in o.iter_mut().zip(r).enumerate() {
                    *o = if v.is_finite() { between(self.knots.row(j), &self.targets, *v) } else { *v };
                }
            }
        })
    }

    fn inverse(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        same_dim(rows, self.knots.rows())?;
        blocks(rows, rows.dim(), ctx, |rows, out| {
            for (o, r) in out.chunks_exact_mut(rows.dim()).zip(rows.iter()) {
                (0..r.len()).for_each(|j| o[j] = between(&self.targets, self.knots.row(j), r[j]));
            }
        })
    }

    fn parts(&self) -> Parts {
        let tensors = vec![("knots", self.knots.clone()), ("targets", one_row(&self.targets))];
        Parts { params: json!({}), tensors }
    }
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn between_knots_it_is_linear_and_on_repeats_the_middle() {
        let (from, to) = ([0.0, 1.0, 1.0, 3.0], [-2.0, -1.0, 1.0, 2.0]);
        for (v, want) in [(-5.0, -2.0), (0.5, -1.5), (1.0, 0.0), (2.0, 1.5), (9.0, 2.0)] {
            assert!((between(&from, &to, v) - want).abs() < 1e-6, "{v}: {}", between(&from, &to, v));
        }
    }
}
