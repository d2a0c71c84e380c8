//! Fewer dimensions that keep neighbours together.
//!
//! After Kalantidis, Lassance, Almazán and Larlus, *TLDR: Twin Learning for Dimensionality Reduction*, 2022: a row and one of its
//! nearest neighbours are twins; the encoder's outputs shall agree between twins and not repeat each other (the Barlow Twins
//! loss). They train a linear encoder below a wide projector by gradients. Here the projector is left out, and the minimum
//! is then known: whiten, and take the eigenvectors of the twins' cross-covariance with the largest correlations. One pass, no
//! learning rate; O(n² d) for exact neighbours, O(n k d² + d³) for the rest.

use rand::RngExt;
use serde::{Deserialize, Serialize};
use vectory_core::linalg::covariance;
use vectory_core::{Context, Metric, Vectors, VectorsRef, neighbors, rng};
use vectory_linalg::{Mat, eigen_symmetric, matmul, transpose};

use super::{NULL, at_most, power};
use crate::models::{Affine, narrow, rows_of};
use crate::{FitTransform, Side, Transform, TransformError};

/// `tldr:64`, `tldr:64,neighbors=3`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tldr {
    /// Dimensions kept.
    pub dims: usize,
    /// Twins of each row: its nearest neighbours by cosine.
    pub neighbors: usize,
    /// Whether all outputs have the same variance; else each is weighted by the correlation that it has between twins.
    pub whiten: bool,
    /// Share of the true neighbours that are found (above 0, at most 1): below 1 each is passed over at random, as an
    /// approximate search would.
    pub recall: f64,
}

impl Default for Tldr {
    fn default() -> Self {
        Self { dims: 0, neighbors: 3, whiten: false, recall: 1.0 }
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
        let differences = self.differences(rows, ctx)?;
        self.solve(&mean, &spread, differences.view(), ctx)
    }
}

impl Tldr {
    /// Row less twin, for every pair of different rows.
    fn differences(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        // Copies of a row are no twins: a few more are asked for in their place.
        let found = neighbors::exact_self(rows, Metric::Cosine, self.neighbors + 8, ctx)?;
        let mut flat = Vec::with_capacity(rows.rows() * self.neighbors * rows.dim());
        for (i, hits) in found.iter().enumerate() {
            let mut missed = rng::item(ctx.seed, "transform.tldr", i as u64);
            let found = hits.iter().filter(|_| self.recall >= 1.0 || missed.random::<f64>() < self.recall);
            let others = found.map(|h| rows.row(h.id as usize)).filter(|r| *r != rows.row(i));
            others.take(self.neighbors).for_each(|r| flat.extend(rows.row(i).iter().zip(r).map(|(a, b)| a - b)));
        }
        Vectors::from_slice(&flat, rows.dim()).map_err(|e| TransformError::param("rows", e, "rows of one length"))
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
