//! `y = (x − shift) · mapᵀ + bias`: centring, projections, whitening, alignment, erasure.

use serde_json::json;
use vectory_core::artifact::ArtifactError;
use vectory_core::simd::{PackedB, gemm_packed};
use vectory_core::{Context, Vectors, VectorsRef};

use super::{Saved, blocks, one_row, same_dim};
use crate::{Parts, Transform, TransformError};

/// The linear part.
#[derive(Clone, Debug)]
pub enum Map {
    /// Nothing.
    Identity,
    /// A factor for each dimension.
    Diagonal(Vec<f32>),
    /// out × in.
    Matrix {
        /// Row `i` makes value `i` of the result.
        forth: Vectors,
        /// in × out: the way back, where there is one.
        back: Option<Vectors>,
    },
}

/// A shift, a linear map, a shift.
#[derive(Clone, Debug)]
pub struct Affine {
    /// Subtracted first; as long as a row that goes in.
    pub shift: Vec<f32>,
    /// Then applied.
    pub map: Map,
    /// Added last; as long as a row that comes out.
    pub bias: Vec<f32>,
}

impl Affine {
    pub(super) const KIND: &str = "affine";

    /// Subtracts a row.
    #[must_use]
    pub fn shift(shift: Vec<f32>) -> Self {
        Self { bias: vec![0.0; shift.len()], shift, map: Map::Identity }
    }

    /// `(x − shift) · forthᵀ`; `back` (in × out) undoes it.
    #[must_use]
    pub fn linear(shift: Vec<f32>, forth: Vectors, back: Option<Vectors>) -> Self {
        Self { bias: vec![0.0; forth.rows()], shift, map: Map::Matrix { forth, back } }
    }

    fn out(&self) -> usize {
        self.bias.len()
    }

    pub(super) fn open(s: &Saved<'_>) -> Result<Self, ArtifactError> {
        let (shift, bias) = (s.vector("shift")?, s.vector("bias")?);
        let map = if let Some(d) = s.maybe("diagonal")? {
            s.shaped("diagonal", (d.dim(), bias.len()), (shift.len(), shift.len()))?;
            Map::Diagonal(d.as_slice().to_vec())
        } else if let Some(forth) = s.maybe("matrix")? {
            s.shaped("matrix", (forth.rows(), forth.dim()), (bias.len(), shift.len()))?;
            let back = s.maybe("back")?;
            if let Some(b) = &back {
                s.shaped("back", (b.rows(), b.dim()), (shift.len(), bias.len()))?;
            }
            Map::Matrix { forth, back }
        } else {
            s.shaped("bias", (1, bias.len()), (1, shift.len()))?;
            Map::Identity
        };
        Ok(Self { shift, map, bias })
    }
}

/// `(x − shift) · forthᵀ + bias` over blocks of rows.
fn product(
    rows: VectorsRef<'_>,
    shift: &[f32],
    forth: &Vectors,
    bias: &[f32],
    ctx: &Context,
) -> Result<Vectors, TransformError> {
    let packed = PackedB::new(forth.as_slice(), forth.rows(), forth.dim());
    blocks(rows, forth.rows(), ctx, |rows, out| {
        let moved: Vec<f32> = rows.iter().flat_map(|r| r.iter().zip(shift).map(|(v, s)| v - s)).collect();
        gemm_packed(&moved, &packed, out);
        out.chunks_exact_mut(bias.len()).for_each(|o| o.iter_mut().zip(bias).for_each(|(o, b)| *o += b));
    })
}

impl Transform for Affine {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    fn dim_in(&self) -> Option<usize> {
        Some(self.shift.len())
    }

    fn dim_out(&self, _: usize) -> usize {
        self.out()
    }

    fn apply(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        same_dim(rows, self.shift.len())?;
        let each = |f: &(dyn Fn(usize, f32) -> f32 + Sync)| {
            blocks(rows, self.out(), ctx, |rows, out| {
                let d = self.out();
                for (o, r) in out.chunks_exact_mut(d).zip(rows.iter()) {
                    (0..d).for_each(|j| o[j] = f(j, r[j] - self.shift[j]) + self.bias[j]);
                }
            })
        };
        match &self.map {
            Map::Identity => each(&|_, v| v),
            Map::Diagonal(factor) => each(&|j, v| v * factor[j]),
            Map::Matrix { forth, .. } => product(rows, &self.shift, forth, &self.bias, ctx),
        }
    }

    fn inverse(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        same_dim(rows, self.out())?;
        let lost = "a step that drops information";
        match &self.map {
            Map::Identity => {
                Affine { shift: self.bias.clone(), map: Map::Identity, bias: self.shift.clone() }.apply(rows, ctx)
            }
            Map::Diagonal(factor) if factor.iter().all(|f| *f != 0.0) => {
                let map = Map::Diagonal(factor.iter().map(|f| 1.0 / f).collect());
                Affine { shift: self.bias.clone(), map, bias: self.shift.clone() }.apply(rows, ctx)
            }
            Map::Matrix { back: Some(back), .. } => product(rows, &self.bias, back, &self.shift, ctx),
            _ => Err(TransformError::NoInverse(lost)),
        }
    }

    fn parts(&self) -> Parts {
        let mut tensors = vec![("shift", one_row(&self.shift)), ("bias", one_row(&self.bias))];
        match &self.map {
            Map::Identity => {}
            Map::Diagonal(f) => tensors.push(("diagonal", one_row(f))),
            Map::Matrix { forth, back } => {
                tensors.push(("matrix", forth.clone()));
                tensors.extend(back.clone().map(|b| ("back", b)));
            }
        }
        Parts { params: json!({}), tensors }
    }
}
