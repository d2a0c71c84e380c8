//! Whether classes are groups.

use vectory_core::Context;
use vectory_core::cluster::{KMeansParams, kmeans};

use super::{Labelled, ProtocolError};
use crate::similarity::adjusted_rand;

/// How well as many groups as classes match the classes.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Clustering {
    /// Normalised mutual information (by the mean of the entropies; equal to the V-measure), 0 to 1.
    pub nmi: f64,
    /// Adjusted Rand index.
    pub adjusted_rand: f64,
    /// Share of rows in their group's most frequent class.
    pub purity: f64,
}

/// Spherical k-means with as many groups as classes, the best of 5 starts.
///
/// # Errors
/// [`ProtocolError`]: fewer rows than classes, not finite, interrupted.
pub fn clustering(set: &Labelled, ctx: &Context) -> Result<Clustering, ProtocolError> {
    let params = KMeansParams { k: set.classes(), restarts: 5, spherical: true, ..KMeansParams::default() };
    let groups = kmeans(set.view(), &params, ctx)?.assignment;
    Ok(of_groups(&set.labels, &groups))
}

/// Compares groups with classes.
pub(crate) fn of_groups(labels: &[u32], groups: &[u32]) -> Clustering {
    let n = labels.len().max(1) as f64;
    let wide = |l: &[u32]| l.iter().map(|v| *v as usize).collect::<Vec<_>>();
    let (a, b) = (wide(labels), wide(groups));
    let size = |l: &[usize]| l.iter().max().map_or(0, |m| m + 1);
    let mut table = vec![vec![0.0f64; size(&a)]; size(&b)];
    a.iter().zip(&b).for_each(|(l, g)| table[*g][*l] += 1.0);
    let entropy = |sums: Vec<f64>| -> f64 { sums.iter().filter(|s| **s > 0.0).map(|s| -(s / n) * (s / n).ln()).sum() };
    let of_labels = entropy((0..size(&a)).map(|l| table.iter().map(|g| g[l]).sum()).collect());
    let of_groups = entropy(table.iter().map(|g| g.iter().sum()).collect());
    let joint = entropy(table.iter().flatten().copied().collect());
    let mean = f64::midpoint(of_labels, of_groups);
    let nmi = if mean > 0.0 { ((of_labels + of_groups - joint) / mean).clamp(0.0, 1.0) } else { 1.0 };
    let purity = table.iter().map(|g| g.iter().copied().fold(0.0, f64::max)).sum::<f64>() / n;
    Clustering { nmi, adjusted_rand: adjusted_rand(&a, &b), purity }
}
