//! An encoder whose values follow known changes by known maps, its decoder, and those maps.

use serde_json::json;
use vectory_core::artifact::ArtifactError;
use vectory_core::{Context, Vectors, VectorsRef, rng};

use super::{Saved, one_row, same_dim};
use crate::net::{Layer, Net, product, transposed};
use crate::{Parts, Transform, TransformError};

/// Rows that pass through the nets at a time.
const BLOCK: usize = 4096;

/// What [`Harmonize`](crate::steps::Harmonize) becomes once it is fitted.
#[derive(Clone, Debug)]
pub struct Harmonized {
    /// Subtracted from a row, then multiplied: as the encoder wants it.
    pub(crate) shift: Vec<f32>,
    pub(crate) scale: f32,
    pub(crate) encoder: Net,
    pub(crate) decoder: Net,
    /// Of each covariate the map of a step up, `dims` × `dims`; a step down is its transpose.
    pub(crate) changes: Vec<Vectors>,
    pub(crate) hidden: usize,
    pub(crate) dims: usize,
}

impl Harmonized {
    pub(super) const KIND: &str = "harmonized";

    /// Nets of these widths with random weights, changes that change next to nothing.
    pub(crate) fn start((dim, hidden, dims): (usize, usize, usize), covariates: usize, seed: u64) -> Self {
        let mut r = rng::stream(seed, "transform.harmonize.start");
        let encoder = Net::mlp(&[dim, hidden, dims], &[Layer::Silu], &mut r);
        let decoder = Net::mlp(&[dims, hidden, dim], &[Layer::Silu], &mut r);
        let nothing = |_| {
            let mut identity = Vectors::zeros(dims, dims);
            (0..dims).for_each(|i| identity.row_mut(i)[i] = 1.0);
            identity
        };
        let changes = (0..covariates).map(nothing).collect();
        Self { shift: vec![0.0; dim], scale: 1.0, encoder, decoder, changes, hidden, dims }
    }

    pub(super) fn open(s: &Saved<'_>) -> Result<Self, ArtifactError> {
        let (hidden, dims, covariates) = (s.number("hidden")?, s.number("dims")?, s.number("covariates")?);
        let shift = s.vector("shift")?;
        let scale = s.params["scale"].as_f64().filter(|v| *v > 0.0).ok_or_else(|| s.bad("has no scale".into()))?;
        let mut out = Self { shift, scale: scale as f32, ..Self::start((0, 0, 0), 0, 0) };
        let d = out.shift.len();
        let weights = |inputs: usize, outputs: usize| {
            inputs.checked_add(1).and_then(|i| i.checked_mul(hidden)).zip(hidden.checked_add(1)?.checked_mul(outputs))
        };
        let (encoder, decoder) = (s.vector("encoder")?, s.vector("decoder")?);
        for (name, found, wanted) in
            [("encoder", encoder.len(), weights(d, dims)), ("decoder", decoder.len(), weights(dims, d))]
        {
            s.shaped(name, (1, found), (1, wanted.map_or(usize::MAX, |(a, b)| a.saturating_add(b))))?;
        }
        let changes = s.maybe("changes")?.unwrap_or_else(|| Vectors::zeros(0, dims));
        s.shaped("changes", (changes.rows(), changes.dim()), (covariates.saturating_mul(dims), dims))?;
        let start = Self::start((d, hidden, dims), covariates, 0);
        (out.encoder, out.decoder, out.changes, out.hidden, out.dims) =
            (start.encoder, start.decoder, start.changes, hidden, dims);
        out.encoder.set_flat(&encoder);
        out.decoder.set_flat(&decoder);
        for (to, from) in out.changes.iter_mut().zip(changes.as_slice().chunks_exact((dims * dims).max(1))) {
            to.as_mut_slice().copy_from_slice(from);
        }
        Ok(out)
    }

    /// Encoded rows (n × `dims`) as they would be after so many steps of each covariate, up or (below 0) down.
    ///
    /// # Errors
    /// [`TransformError::Dim`] for rows of another dimension, [`TransformError::Pairs`] for another number of covariates.
    pub fn transport(&self, encoded: VectorsRef<'_>, steps: &[i32], ctx: &Context) -> Result<Vectors, TransformError> {
        same_dim(encoded, self.dims)?;
        if steps.len() != self.changes.len() {
            return Err(TransformError::Pairs { what: "changes", found: steps.len(), rows: self.changes.len() });
        }
        let mut out = Vectors::zeros(encoded.rows(), encoded.dim());
        out.as_mut_slice().copy_from_slice(encoded.as_slice());
        for (step, up) in steps.iter().zip(&self.changes) {
            let by = if *step > 0 { up.clone() } else { transposed(up) };
            for _ in 0..step.unsigned_abs() {
                out = product(&out, &by, ctx);
            }
        }
        Ok(out)
    }

    /// Rows as the encoder sees them.
    pub(crate) fn seen(&self, rows: VectorsRef<'_>) -> Vectors {
        let mut out = Vectors::zeros(rows.rows(), rows.dim());
        for (o, r) in out.as_mut_slice().chunks_exact_mut(rows.dim().max(1)).zip(rows.iter()) {
            o.iter_mut().zip(r).zip(&self.shift).for_each(|((o, v), s)| *o = (v - s) * self.scale);
        }
        out
    }

    /// Rows block after block.
    fn each(
        rows: VectorsRef<'_>,
        dim: usize,
        ctx: &Context,
        f: impl Fn(VectorsRef<'_>) -> Vectors,
    ) -> Result<Vectors, TransformError> {
        let mut out = Vectors::zeros(rows.rows(), dim);
        for from in (0..rows.rows()).step_by(BLOCK) {
            ctx.check()?;
            let to = rows.rows().min(from + BLOCK);
            out.as_mut_slice()[from * dim..to * dim].copy_from_slice(f(rows.slice(from, to)).as_slice());
        }
        Ok(out)
    }
}

impl Transform for Harmonized {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    fn dim_in(&self) -> Option<usize> {
        Some(self.shift.len())
    }

    fn dim_out(&self, _: usize) -> usize {
        self.dims
    }

    fn apply(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        same_dim(rows, self.shift.len())?;
        Self::each(rows, self.dims, ctx, |part| self.encoder.apply(&self.seen(part), ctx))
    }

    /// The decoder's rows: the site's trace does not come back.
    fn inverse(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        same_dim(rows, self.dims)?;
        let d = self.shift.len();
        Self::each(rows, d, ctx, |part| {
            let mut out = self.decoder.apply_here(part.as_slice(), self.dims);
            for row in out.as_mut_slice().chunks_exact_mut(d.max(1)) {
                row.iter_mut().zip(&self.shift).for_each(|(v, s)| *v = *v / self.scale + s);
            }
            out
        })
    }

    fn parts(&self) -> Parts {
        let mut changes = Vectors::zeros(self.changes.len() * self.dims, self.dims);
        let parts = changes.as_mut_slice().chunks_exact_mut((self.dims * self.dims).max(1));
        parts.zip(&self.changes).for_each(|(o, c)| o.copy_from_slice(c.as_slice()));
        let mut tensors = vec![
            ("shift", one_row(&self.shift)),
            ("encoder", one_row(&self.encoder.flat())),
            ("decoder", one_row(&self.decoder.flat())),
        ];
        if changes.rows() > 0 {
            tensors.push(("changes", changes));
        }
        let (hidden, dims, covariates) = (self.hidden, self.dims, self.changes.len());
        Parts {
            params: json!({"hidden": hidden, "dims": dims, "covariates": covariates, "scale": self.scale}),
            tensors,
        }
    }
}
