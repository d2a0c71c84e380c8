//! Rows become their cosines with fixed rows: relative representations, named concepts.

use serde_json::json;
use vectory_core::artifact::ArtifactError;
use vectory_core::simd::{PackedB, gemm_packed};
use vectory_core::vectors::normalize;
use vectory_core::{Context, Vectors, VectorsRef};

use super::{Saved, blocks, one_row, same_dim};
use crate::{Parts, Transform, TransformError};

/// Anchors, and how their cosines are standardised.
#[derive(Clone, Debug)]
pub struct Cosines {
    /// Subtracted from rows before they are compared; the anchors are so already.
    pub shift: Vec<f32>,
    /// m × d, unit length.
    pub anchors: Vectors,
    /// Subtracted from each cosine.
    pub offset: Vec<f32>,
    /// Then multiplied onto it.
    pub scale: Vec<f32>,
    /// d × m: cosines back to unit rows, the pseudo-inverse of the anchors; empty where it was not asked for.
    pub back: Option<Vectors>,
}

impl Cosines {
    pub(super) const KIND: &str = "cosines";

    /// Cosines with the given rows as they are.
    #[must_use]
    pub fn new(shift: Vec<f32>, anchors: VectorsRef<'_>) -> Self {
        let mut unit = Vectors::zeros(anchors.rows(), anchors.dim());
        for (i, a) in anchors.iter().enumerate() {
            let row = unit.row_mut(i);
            row.iter_mut().zip(a).zip(&shift).for_each(|((u, v), s)| *u = v - s);
            normalize(row);
        }
        Self { shift, offset: vec![0.0; unit.rows()], scale: vec![1.0; unit.rows()], anchors: unit, back: None }
    }

    pub(super) fn open(s: &Saved<'_>) -> Result<Self, ArtifactError> {
        let (shift, anchors) = (s.vector("shift")?, s.rows("anchors")?);
        let (offset, scale, back) = (s.vector("offset")?, s.vector("scale")?, s.maybe("back")?);
        let (m, d) = (anchors.rows(), anchors.dim());
        s.shaped("shift", (1, shift.len()), (1, d))?;
        s.shaped("offset", (scale.len(), offset.len()), (m, m))?;
        if let Some(b) = &back {
            s.shaped("back", (b.rows(), b.dim()), (d, m))?;
        }
        Ok(Self { shift, anchors, offset, scale, back })
    }
}

impl Transform for Cosines {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    fn dim_in(&self) -> Option<usize> {
        Some(self.shift.len())
    }

    fn dim_out(&self, _: usize) -> usize {
        self.anchors.rows()
    }

    fn apply(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        same_dim(rows, self.shift.len())?;
        let (m, d) = (self.anchors.rows(), self.anchors.dim());
        let packed = PackedB::new(self.anchors.as_slice(), m, d);
        blocks(rows, m, ctx, |rows, out| {
            let mut moved: Vec<f32> = rows.iter().flat_map(|r| r.iter().zip(&self.shift).map(|(v, s)| v - s)).collect();
            moved.chunks_exact_mut(d).for_each(normalize);
            gemm_packed(&moved, &packed, out);
            for o in out.chunks_exact_mut(m) {
                let terms = self.offset.iter().zip(&self.scale);
                o.iter_mut().zip(terms).for_each(|(o, (offset, scale))| *o = (*o - offset) * scale);
            }
        })
    }

    fn inverse(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        same_dim(rows, self.anchors.rows())?;
        let Some(back) = &self.back else { return Err(TransformError::NoInverse("cosines with anchors")) };
        let packed = PackedB::new(back.as_slice(), back.rows(), back.dim());
        blocks(rows, back.rows(), ctx, |rows, out| {
            let undo = |(j, v): (usize, &f32)| v / self.scale[j] + self.offset[j];
            let cosines: Vec<f32> = rows.iter().flat_map(|r| r.iter().enumerate().map(undo)).collect();
            gemm_packed(&cosines, &packed, out);
            out.chunks_exact_mut(back.rows()).for_each(|o| {
                normalize(o);
                o.iter_mut().zip(&self.shift).for_each(|(o, s)| *o += s);
            });
        })
    }

    fn parts(&self) -> Parts {
        let mut tensors = vec![
            ("shift", one_row(&self.shift)),
            ("anchors", self.anchors.clone()),
            ("offset", one_row(&self.offset)),
            ("scale", one_row(&self.scale)),
        ];
        tensors.extend(self.back.clone().map(|b| ("back", b)));
        Parts { params: json!({}), tensors }
    }
}
