//! Two sets of vectors as two histograms over common groups.

use vectory_core::cluster::{KMeansParams, kmeans};
use vectory_core::linalg::{Pca, PcaParams};
use vectory_core::{Context, Vectors, VectorsRef};

use super::{MauveError, MauveParams};

/// Counts of both sets: vectors of unit length, principal components that hold the wanted variance, k-means.
pub(super) fn histograms(
    p: VectorsRef<'_>,
    q: VectorsRef<'_>,
    params: &MauveParams,
    ctx: &Context,
) -> Result<[Vec<f64>; 2], MauveError> {
    let mut all = stacked(p, q);
    all.normalize();
    let mut pca = Pca::fit(all.view(), &PcaParams { dims: all.dim(), ..PcaParams::default() }, ctx)?;
    let mut held = 0.0;
    let enough = pca.explained().iter().position(|share| {
        held += share;
        held >= params.variance
    });
    let dims = enough.map_or(all.dim(), |d| d + 1);
    pca = kept(pca, dims);
    let projected = pca.apply_with(all.view(), ctx)?;
    let k = params.groups(p.rows(), q.rows());
    let means = KMeansParams {
        k,
        max_iterations: params.iterations,
        restarts: params.restarts,
        // The last iterations move a few rows between groups, far less than another start does.
        tolerance: 1e-4,
        ..KMeansParams::default()
    };
    let found = kmeans(projected.view(), &means, ctx)?;
    let count = |groups: &[u32]| {
        let mut counts = vec![0.0; k];
        groups.iter().for_each(|g| counts[*g as usize] += 1.0);
        counts
    };
    let (first, second) = found.assignment.split_at(p.rows());
    Ok([count(first), count(second)])
}

/// The first components only.
fn kept(mut pca: Pca, dims: usize) -> Pca {
    let first = pca.components.view().slice(0, dims);
    let mut components = Vectors::zeros(dims, first.dim());
    components.as_mut_slice().copy_from_slice(first.as_slice());
    pca.components = components;
    pca.variances.truncate(dims);
    pca
}

pub(super) fn stacked(p: VectorsRef<'_>, q: VectorsRef<'_>) -> Vectors {
    let mut all = Vectors::zeros(p.rows() + q.rows(), p.dim());
    let (first, second) = all.as_mut_slice().split_at_mut(p.as_slice().len());
    first.copy_from_slice(p.as_slice());
    second.copy_from_slice(q.as_slice());
    all
}
