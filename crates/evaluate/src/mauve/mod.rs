//! MAUVE and its family (Pillutla et al. 2021; *MAUVE Scores for Generative Models*, 2023): how far the distribution of one
//! set of vectors is from another's, with the two kinds of error (missing what is real, making what is not) traded off
//! along a curve.
//!
//! For sets of different items: generated against human text, new data against old. Vectors are quantised by k-means
//! over both sets ([`mauve`]), or the densities are compared through each vector's neighbours ([`mauve_knn`]). Compare only
//! values of the same number of vectors and the same k. Cost: k-means, O(n k d) an iteration; or neighbours, O(n² d).

pub(crate) mod claim;
mod curve;
mod ngram;
mod quantize;
#[cfg(test)]
mod tests;

use vectory_core::cluster::ClusterError;
use vectory_core::linalg::LinalgError;
use vectory_core::neighbors::{NeighborsError, exact_self};
use vectory_core::{Cancelled, Context, Hit, Metric, VectorsRef};

pub use curve::{Divergence, of_histograms, of_posteriors};

/// What MAUVE is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MauveParams {
    /// Groups, 2 or more; `None`: a tenth of the smaller set.
    pub k: Option<usize>,
    /// Share of the variance that the vectors keep before they are grouped, above 0 to 1.
    pub variance: f64,
    /// The scale c of exp(−c · KL), above 0.
    pub scale: f64,
    /// Mixtures along the curve, 2 or more.
    pub points: usize,
    /// Runs of k-means with different starts, of which the best is kept.
    pub restarts: usize,
    /// Most iterations of k-means.
    pub iterations: usize,
    /// Neighbours of the estimate by neighbours, 1 or more.
    pub neighbors: usize,
}

impl Default for MauveParams {
    fn default() -> Self {
        Self { k: None, variance: 0.9, scale: 5.0, points: 25, restarts: 5, iterations: 500, neighbors: 20 }
    }
}

/// Why the two sets could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum MauveError {
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A parameter outside its range.
    #[error("{field} must be {legal}")]
    Param {
        /// Which one.
        field: &'static str,
        /// What it may be.
        legal: &'static str,
    },
    /// Sets of different dimensions.
    #[error("the first set has {p} dimensions, the second {q}")]
    Dim {
        /// Of the first.
        p: usize,
        /// Of the second.
        q: usize,
    },
    /// Too few rows.
    #[error("each set needs 4 rows or more, there are {p} and {q}")]
    TooFew {
        /// In the first.
        p: usize,
        /// In the second.
        q: usize,
    },
    /// Principal components.
    #[error(transparent)]
    Linalg(#[from] LinalgError),
    /// k-means.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Neighbours.
    #[error(transparent)]
    Neighbors(#[from] NeighborsError),
}

impl MauveParams {
    fn check(&self, p: VectorsRef<'_>, q: VectorsRef<'_>) -> Result<(), MauveError> {
        let bad = |field, legal| Err(MauveError::Param { field, legal });
        match self {
            Self { k: Some(0 | 1), .. } => bad("k", "2 or more"),
            Self { k: Some(k), .. } if *k > p.rows() + q.rows() => bad("k", "at most the rows of both sets"),
            Self { variance: v, .. } if !(*v > 0.0 && *v <= 1.0) => bad("variance", "above 0 and at most 1"),
            Self { scale: s, .. } if !(*s > 0.0 && s.is_finite()) => bad("scale", "above 0"),
            Self { points: 0 | 1, .. } => bad("points", "2 or more"),
            Self { restarts: 0, .. } | Self { iterations: 0, .. } => bad("restarts and iterations", "1 or more"),
            Self { neighbors: 0, .. } => bad("neighbors", "1 or more"),
            _ if p.rows() < 4 || q.rows() < 4 => Err(MauveError::TooFew { p: p.rows(), q: q.rows() }),
            _ if p.dim() != q.dim() => Err(MauveError::Dim { p: p.dim(), q: q.dim() }),
            _ => Ok(()),
        }
    }

    fn groups(&self, p: usize, q: usize) -> usize {
        let k = self.k.unwrap_or_else(|| (p.min(q) as f64 / 10.0).round_ties_even() as usize);
        k.clamp(2, p + q)
    }
}

/// The family of scores of two sets, by quantisation.
///
/// # Errors
/// [`MauveError`]: other dimensions, too few rows, not finite, a parameter out of range, interrupted.
pub fn mauve(
    p: VectorsRef<'_>,
    q: VectorsRef<'_>,
    params: &MauveParams,
    ctx: &Context,
) -> Result<Divergence, MauveError> {
    params.check(p, q)?;
    let [hp, hq] = quantize::histograms(p, q, params, ctx)?;
    Ok(of_histograms(&hp, &hq, params.scale, params.points))
}

/// The family of scores of two sets, by the share of each set among the nearest neighbours of a vector (cosine). The sets
/// should be equally large: their sizes are taken for equal.
///
/// # Errors
/// As [`mauve`].
pub fn mauve_knn(
    p: VectorsRef<'_>,
    q: VectorsRef<'_>,
    params: &MauveParams,
    ctx: &Context,
) -> Result<Divergence, MauveError> {
    params.check(p, q)?;
    let all = quantize::stacked(p, q);
    let near = exact_self(all.view(), Metric::Cosine, params.neighbors, ctx)?;
    // Laplace's estimate of the chance that a vector here is of the first set.
    let chance = |hits: &Vec<Hit>| {
        let first = hits.iter().filter(|h| (h.id as usize) < p.rows()).count() as f64;
        (first + 0.5) / (hits.len() as f64 + 1.0)
    };
    let chances: Vec<f64> = near.iter().map(chance).collect();
    Ok(of_posteriors(&chances[..p.rows()], &chances[p.rows()..], params.scale, params.points))
}
