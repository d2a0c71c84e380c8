//! Learning the mean, the principal components and the rotation.

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::linalg::{LinalgError, Pca, PcaParams};
use vectory_core::{Context, Vectors, VectorsRef, rng, simd};

use super::model::{Coder, CoderShape};
use crate::graph::space::Rows;

/// Rows of at most so many values keep them all.
const KEEP_ALL: usize = 128;
/// Longer rows are cut to as few components as hold `HELD` of their variance, among these numbers: what fills two, three …
/// cache lines.
const CUTS: [usize; 4] = [240, 368, 496, 752];
const HELD: f64 = 0.9;
/// Rows that the mean and the components are learnt from.
const SAMPLE: usize = 20_000;

impl Coder {
    /// Learns from evenly spread rows.
    pub fn fit(rows: &Rows<'_>, ctx: &Context) -> Result<Self, LinalgError> {
        let sample = sample(rows);
        let dim = sample.dim();
        let mean = mean_of(sample.view());
        let (dims, basis) = components(sample.view(), ctx)?;
        let rotation = rotation(dims, ctx);
        let matrix = match basis {
            None => rotation,
            Some(basis) => product(&rotation, &basis, ctx),
        };
        let length = sample.iter().map(|r| f64::from(simd::norm(r))).sum::<f64>() / sample.rows().max(1) as f64;
        let shape = CoderShape { dim, dims, learnt_from: rows.rows.rows(), length: length as f32 };
        Ok(Self::new(shape, rows.metric, mean, matrix.as_slice().to_vec()))
    }
}

fn sample(rows: &Rows<'_>) -> Vectors {
    let n = rows.rows.rows();
    let taken = n.min(SAMPLE);
    let mut out = Vectors::zeros(taken, rows.lifted_dim());
    for i in 0..taken {
        rows.lifted((i * n / taken) as u32, out.row_mut(i));
    }
    out
}

fn mean_of(rows: VectorsRef<'_>) -> Vec<f32> {
    let mut sum = vec![0.0f64; rows.dim()];
    rows.iter().for_each(|r| sum.iter_mut().zip(r).for_each(|(s, v)| *s += f64::from(*v)));
    sum.iter().map(|s| (s / rows.rows().max(1) as f64) as f32).collect()
}

/// How many components are kept, and which; `None` keeps the values as they are.
fn components(sample: VectorsRef<'_>, ctx: &Context) -> Result<(usize, Option<Vectors>), LinalgError> {
    let dim = sample.dim();
    let most = dim.min(CUTS[CUTS.len() - 1]);
    if dim <= KEEP_ALL || sample.rows() < 2 * dim {
        return Ok((dim, None));
    }
    let pca = Pca::fit(sample, &PcaParams { dims: most, ..PcaParams::default() }, ctx)?;
    let parts = pca.explained();
    let held = |cut: &usize| *cut >= most || parts[..*cut].iter().sum::<f64>() >= HELD;
    let dims = CUTS.into_iter().find(held).unwrap_or(most).min(most);
    let axes = pca.components.view().slice(0, dims);
    Ok((dims, Vectors::from_slice(axes.as_slice(), dim).ok()))
}

/// A random rotation of `dims` values: Gram-Schmidt on rows of normal draws.
fn rotation(dims: usize, ctx: &Context) -> Vectors {
    let mut r = rng::stream(ctx.seed, "walk rotation");
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(dims);
    while rows.len() < dims {
        let mut row: Vec<f64> = (0..dims).map(|_| (0..12).map(|_| r.random::<f64>()).sum::<f64>() - 6.0).collect();
        // Twice, for what rounding leaves the first time.
        for _ in 0..2 {
            for before in &rows {
                let along: f64 = row.iter().zip(before).map(|(a, b)| a * b).sum();
                row.iter_mut().zip(before).for_each(|(a, b)| *a -= along * b);
            }
        }
        let length = row.iter().map(|v| v * v).sum::<f64>().sqrt();
        if length > 1e-6 {
            row.iter_mut().for_each(|v| *v /= length);
            rows.push(row);
        }
    }
    let mut out = Vectors::zeros(dims, dims);
    for (i, row) in rows.iter().enumerate() {
        out.row_mut(i).iter_mut().zip(row).for_each(|(o, v)| *o = *v as f32);
    }
    out
}

/// rotation · basis.
fn product(rotation: &Vectors, basis: &Vectors, ctx: &Context) -> Vectors {
    let mut out = Vectors::zeros(rotation.rows(), basis.dim());
    let dim = basis.dim().max(1);
    ctx.pool().install(|| {
        out.as_mut_slice().par_chunks_mut(dim).enumerate().for_each(|(i, to)| {
            for (weight, row) in rotation.row(i).iter().zip(basis.iter()) {
                simd::axpy(*weight, row, to);
            }
        });
    });
    out
}
