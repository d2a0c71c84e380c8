//! Fitting: level by level, each on what the best sums so far leave.

use rayon::prelude::*;
use vectory_core::cluster::{self, KMeansParams};
use vectory_core::{Context, Metric, Vectors, VectorsRef};

use super::beam::{Level, Partial, step};
use super::{Rq, RqParams};
use crate::codec::check_fit;
use crate::rows::{mean, sample, unit_rows};
use crate::{CodecError, FitCodec, ParamsError};

/// Rows a centroid is learnt from, and rows at least.
const PER_CENTROID: usize = 64;
const AT_LEAST: usize = 8_192;

impl FitCodec for RqParams {
    type Codec = Rq;

    fn check(&self, _: usize) -> Result<(), ParamsError> {
        RqParams::check(self)
    }

    fn fit(&self, rows: VectorsRef<'_>, metric: Metric, ctx: &Context) -> Result<Rq, CodecError> {
        check_fit(rows, metric)?;
        RqParams::check(self)?;
        let sample = sample(rows, (self.centroids() * PER_CENTROID).max(AT_LEAST), ctx.seed, "rq sample");
        let sample = unit_rows(sample.view(), metric);
        let mean = mean(sample.view());
        let centred = |row: &[f32]| Partial::of(row.iter().zip(&mean).map(|(v, m)| v - m).collect());
        let mut kept: Vec<Vec<Partial>> = sample.view().iter().map(|row| vec![centred(row)]).collect();
        let mut levels = Vec::with_capacity(self.m);
        for l in 0..self.m {
            let level = learn(self, &kept, &ctx.clone().with_seed(ctx.seed ^ (l as u64 + 1)))?;
            ctx.pool().install(|| {
                kept.par_iter_mut().try_for_each(|k| {
                    ctx.check()?;
                    *k = step(k, &level, self.beam, &mut Vec::new());
                    Ok::<(), CodecError>(())
                })
            })?;
            levels.push(level);
        }
        Ok(Rq::new(*self, metric, mean, levels))
    }
}

/// The codebook of the next level.
fn learn(p: &RqParams, kept: &[Vec<Partial>], ctx: &Context) -> Result<Level, CodecError> {
    let dim = kept[0][0].left.len();
    let mut left = Vectors::zeros(kept.len(), dim);
    kept.iter().enumerate().for_each(|(i, k)| left.row_mut(i).copy_from_slice(&k[0].left));
    let k = p.centroids().min(kept.len());
    let params = KMeansParams { k, max_iterations: p.iterations, ..KMeansParams::default() };
    let found = cluster::kmeans(left.view(), &params, ctx)?;
    let mut centroids = found.centroids.as_slice().to_vec();
    // Fewer rows than centroids: the last one again, never chosen, since ties go to the first.
    let last = found.centroids.row(k - 1).to_vec();
    (k..p.centroids()).for_each(|_| centroids.extend_from_slice(&last));
    Ok(Level::new(centroids, dim))
}
