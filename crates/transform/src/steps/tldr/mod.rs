//! Fewer dimensions that keep neighbours together.
//!
//! After Kalantidis, Lassance, Almazán and Larlus, *TLDR: Twin Learning for Dimensionality Reduction*, 2022: a row and one of its
//! nearest neighbours are twins. A linear encoder is trained below a wide projector, so that the projector's outputs agree between
//! twins and do not repeat each other (the Barlow Twins loss); then the projector is dropped. Here the encoder starts at the principal
//! components and Adam takes few, large steps, where the paper trains 100 epochs by LARS: `steps` · `batch` · `projector`² · 16
//! operations. Without projector (`projector=0`) the minimum is known: whiten, and take the eigenvectors of the twins'
//! cross-covariance with the largest correlations; this is the default, for it takes no steps. Exact neighbours take O(n² d) before either.

mod train;

use rand::RngExt;
use serde::{Deserialize, Serialize};
use vectory_core::linalg::covariance;
use vectory_core::{Context, Hit, Metric, Vectors, VectorsRef, neighbors, rng};
use vectory_linalg::{Mat, eigen_symmetric, matmul, transpose};

use super::{NULL, at_most, power};
use crate::models::{Affine, narrow, rows_of};
use crate::{FitTransform, Side, Transform, TransformError};

/// `tldr:64`, `tldr:64,neighbors=3`, `tldr:64,projector=512`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tldr {
    /// Dimensions kept.
    pub dims: usize,
    /// Twins of each row: its nearest neighbours by cosine.
    pub neighbors: usize,
    /// Width of the projector's three layers; 0: none, solved in closed form.
    pub projector: usize,
    /// Steps of the training.
    pub steps: usize,
    /// Pairs of a step.
    pub batch: usize,
    /// Weight of what repeats itself against what does not agree.
    pub lambda: f32,
    /// Step size at the start; falls to 0.
    pub rate: f32,
    /// Whether all outputs have the same variance; else, in closed form, each is weighted by the correlation that it has between
    /// twins.
    pub whiten: bool,
    /// Share of the true neighbours that are found (above 0, at most 1): below 1 each is passed over at random, as an
    /// approximate search would.
    pub recall: f64,
}

impl Default for Tldr {
    fn default() -> Self {
        Self {
            dims: 0,
            neighbors: 3,
            projector: 0,
            steps: 200,
            batch: 1024,
            lambda: 5e-3,
            rate: 1e-3,
            whiten: false,
            recall: 1.0,
        }
    }
}

impl FitTransform for Tldr {
    fn check(&self) -> Result<(), TransformError> {
        if self.dims == 0 {
            return Err(TransformError::param("dims", 0, "given, 1 or more: `tldr:64`"));
        }
        if self.neighbors == 0 {
            return Err(TransformError::param("neighbors", 0, "1 or more"));
        }
        if self.projector > 0 && (self.steps == 0 || self.batch < 2) {
            return Err(TransformError::param(
                "steps and batch",
                format!("{} and {}", self.steps, self.batch),
                "1 and 2 or more",
            ));
        }
        if !(self.lambda > 0.0 && self.lambda.is_finite() && self.rate > 0.0 && self.rate.is_finite()) {
            return Err(TransformError::param(
                "lambda and rate",
                format!("{} and {}", self.lambda, self.rate),
                "above 0",
            ));
        }
        if !(self.recall > 0.0 && self.recall <= 1.0) {
            return Err(TransformError::param("recall", self.recall, "above 0, at most 1"));
        }
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, _: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        if rows.rows() < 3 {
            return Err(TransformError::TooFew { needed: 3, rows: rows.rows() });
        }
        let (mean, spread) = covariance(rows, ctx)?;
        let twins = self.twins(rows, ctx)?;
        if twins.iter().all(Vec::is_empty) {
            return Err(TransformError::param(
                "rows",
                "copies of each other",
                "rows whose nearest others differ from them",
            ));
        }
        if self.projector > 0 {
            return train::encoder(self, rows, (&mean, &spread), &twins, ctx);
        }
        self.solve(&mean, &spread, differences(rows, &twins)?.view(), ctx)
    }
}

/// Row less twin, for every pair.
fn differences(rows: VectorsRef<'_>, twins: &[Vec<u32>]) -> Result<Vectors, TransformError> {
    let pairs = twins.iter().enumerate().flat_map(|(i, own)| own.iter().map(move |j| (i, *j as usize)));
    let flat: Vec<f32> = pairs.flat_map(|(i, j)| rows.row(i).iter().zip(rows.row(j)).map(|(a, b)| a - b)).collect();
    Vectors::from_slice(&flat, rows.dim()).map_err(|e| TransformError::param("rows", e, "rows of one length"))
}

impl Tldr {
    /// The nearest other rows of each row, copies of it left out.
    fn twins(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vec<Vec<u32>>, TransformError> {
        // Copies of a row are no twins: a few more are asked for in their place.
        let found = neighbors::near_self(rows, Metric::Cosine, self.neighbors + 8, ctx)?;
        let own = |(i, hits): (usize, &Vec<Hit>)| {
            let mut missed = rng::item(ctx.seed, "transform.tldr", i as u64);
            let found = hits.iter().filter(|_| self.recall >= 1.0 || missed.random::<f64>() < self.recall);
            let others = found.map(|h| h.id).filter(|id| rows.row(*id as usize) != rows.row(i));
            others.take(self.neighbors).collect()
        };
        Ok(found.iter().enumerate().map(own).collect())
    }

    fn solve(
        &self,
        mean: &[f64],
        spread: &Mat,
        differences: VectorsRef<'_>,
        ctx: &Context,
    ) -> Result<Box<dyn Transform>, TransformError> {
        // E[x x'ᵀ] made symmetric is Σ − E[(x − x')(x − x')ᵀ] / 2 when twins are distributed as rows.
        let apart = vectory_core::linalg::second_moment(differences, ctx)?;
        let eigen = eigen_symmetric(spread)?;
        let whiten = power(&eigen, -0.5, NULL)?;
        let whitened = matmul(&matmul(&whiten, &apart)?, &whiten)?;
        let onto = matmul(&matmul(&whiten, spread)?, &whiten)?;
        let twins = Mat::from_fn(onto.rows, onto.cols, |i, j| onto.at(i, j) - whitened.at(i, j) / 2.0);
        let agree = eigen_symmetric(&twins)?;
        let usable = eigen.values.iter().filter(|v| **v > eigen.values[0] * NULL * NULL).count();
        at_most("dims", self.dims, usable, "the directions in which rows differ")?;
        let weight = |i: usize| if self.whiten { 1.0 } else { agree.values[i].max(0.0) };
        let scaled = Mat::from_fn(self.dims, spread.rows, |i, j| weight(i) * agree.vectors.at(i, j));
        let forth = matmul(&scaled, &whiten)?;
        let inverse = |i: usize| if weight(i) > 0.0 { 1.0 / weight(i) } else { 0.0 };
        let unscaled = Mat::from_fn(self.dims, spread.rows, |i, j| inverse(i) * agree.vectors.at(i, j));
        let back = matmul(&power(&eigen, 0.5, NULL)?, &transpose(&unscaled))?;
        Ok(Box::new(Affine::linear(narrow(mean), rows_of(&forth), Some(rows_of(&back)))))
    }
}
