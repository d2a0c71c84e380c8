//! Fitting: k-means in each part of a sample.

use vectory_core::cluster::{self, KMeansParams};
use vectory_core::{Context, Metric, Vectors, VectorsRef};

use super::{Pq, PqParams, opq};
use crate::codec::check_fit;
use crate::rows::{sample, unit_rows};
use crate::{CodecError, FitCodec, ParamsError};

/// Rows a centroid is learnt from, and rows at least.
const PER_CENTROID: usize = 256;
const AT_LEAST: usize = 16_384;

impl FitCodec for PqParams {
    type Codec = Pq;

    fn check(&self, dim: usize) -> Result<(), ParamsError> {
        PqParams::check(self, dim)
    }

    fn fit(&self, rows: VectorsRef<'_>, metric: Metric, ctx: &Context) -> Result<Pq, CodecError> {
        check_fit(rows, metric)?;
        PqParams::check(self, rows.dim())?;
        let most = (self.centroids() * PER_CENTROID).max(AT_LEAST);
        let sample = sample(rows, most, ctx.seed, "pq sample");
        let sample = unit_rows(sample.view(), metric);
        if self.rotate {
            return opq::fit(*self, sample.view(), metric, ctx);
        }
        let codebook = codebooks(self, sample.view(), None, ctx)?;
        Ok(Pq::new(*self, metric, rows.dim(), codebook, None))
    }
}

/// Where the parts end.
pub(crate) fn ends(dim: usize, m: usize) -> Vec<usize> {
    (1..=m).map(|i| i * dim / m).collect()
}

/// The centroids of all parts. `before`: codebooks to go on from, for one round.
pub(super) fn codebooks(
    p: &PqParams,
    rows: VectorsRef<'_>,
    before: Option<&[f32]>,
    ctx: &Context,
) -> Result<Vec<f32>, CodecError> {
    let k = p.centroids();
    let mut codebook = Vec::with_capacity(k * rows.dim());
    let mut start = 0;
    for end in ends(rows.dim(), p.m) {
        ctx.check()?;
        let part = columns(rows, start, end);
        let init = match before {
            None => cluster::Init::PlusPlus,
            Some(b) => cluster::Init::Centroids(rows_of(&b[start * k..end * k], end - start, k.min(rows.rows()))),
        };
        let iterations = if before.is_some() { 2 } else { p.iterations };
        let params =
            KMeansParams { k: k.min(rows.rows()), init, max_iterations: iterations, ..KMeansParams::default() };
        let found = cluster::kmeans(part.view(), &params, &ctx.clone().with_seed(ctx.seed ^ end as u64))?;
        codebook.extend_from_slice(found.centroids.as_slice());
        // Fewer rows than centroids: the last one again. It is never chosen, since ties go to the first.
        let last = found.centroids.row(params.k - 1).to_vec();
        (params.k..k).for_each(|_| codebook.extend_from_slice(&last));
        start = end;
    }
    Ok(codebook)
}

fn rows_of(values: &[f32], dim: usize, rows: usize) -> Vectors {
    let mut out = Vectors::zeros(rows, dim);
    out.as_mut_slice().copy_from_slice(&values[..rows * dim]);
    out
}

/// Dimensions `start..end` of rows.
fn columns(rows: VectorsRef<'_>, start: usize, end: usize) -> Vectors {
    let mut out = Vectors::zeros(rows.rows(), end - start);
    for (i, row) in rows.iter().enumerate() {
        out.row_mut(i).copy_from_slice(&row[start..end]);
    }
    out
}
