//! HDBSCAN (Campello, Moulavi and Sander 2013): groups of any shape and density, and rows that belong to none.
//!
//! For a map of few dimensions or a small set; unlike k-means it finds the number of groups and leaves outliers out.
//! Distances are stretched to mutual reachability (the larger of the distance and both core distances), their minimum
//! spanning tree is cut from the longest edge on, and of the nested groups the most stable are kept (excess of mass).
//!
//! Exact. Up to 16 dimensions Borůvka's algorithm over a k-d tree, about n log² n; above, Prim's, O(n² · d): minutes from
//! 50,000 rows on, so map to few dimensions first. The result is the same for any number of threads.

mod boruvka;
mod condense;
mod params;
mod prim;
mod select;
#[cfg(test)]
mod tests;

pub use params::{HdbscanParams, Selection};

use super::ClusterError;
use crate::{Context, VectorsRef};

/// From this dimension on the k-d tree is no help.
const TREE_DIM: usize = 16;

/// Rows in groups, and outside of all.
#[derive(Clone, Debug, PartialEq)]
pub struct Hdbscan {
    /// The group of each row; `None` for noise.
    pub labels: Vec<Option<u32>>,
    /// How firmly a row belongs to its group, 0 (noise) to 1.
    pub strength: Vec<f64>,
    /// The excess of mass of each group, the higher the more stable: Σ (1/distance at which a row leaves − 1/distance at
    /// which the group appears).
    pub stability: Vec<f64>,
}

impl Hdbscan {
    /// How many groups.
    #[must_use]
    pub fn clusters(&self) -> usize {
        self.stability.len()
    }
}

/// An edge of the spanning tree: mutual reachability, then the smaller and the larger row.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Edge {
    length: f64,
    a: u32,
    b: u32,
}

impl Edge {
    fn new(length: f64, a: u32, b: u32) -> Self {
        Self { length, a: a.min(b), b: a.max(b) }
    }

    /// A strict order, so that the minimum spanning tree is one.
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.length.total_cmp(&other.length).then(self.a.cmp(&other.a)).then(self.b.cmp(&other.b))
    }
}

/// Groups rows by density under l2 (for cosine, scale rows to unit length first).
///
/// ```
/// use vectory_core::{Context, Vectors, cluster};
/// let rows: Vec<f32> = (0..40).map(|i| (i % 2) as f32 * 10.0 + (i * i % 7) as f32 * 0.1).collect();
/// let params = cluster::HdbscanParams { min_cluster_size: 5, ..Default::default() };
/// let found = cluster::hdbscan(Vectors::from_slice(&rows, 1)?.view(), &params, &Context::new(1, 2)?)?;
/// assert!(found.clusters() >= 2 && found.labels[0] != found.labels[1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ClusterError`]: a parameter out of range, rows that are not finite, interrupted. Fewer rows than `min_cluster_size`
/// are all noise.
pub fn hdbscan(rows: VectorsRef<'_>, params: &HdbscanParams, ctx: &Context) -> Result<Hdbscan, ClusterError> {
    params.check(rows)?;
    let n = rows.rows();
    if n < 2 {
        return Ok(Hdbscan { labels: vec![None; n], strength: vec![0.0; n], stability: vec![] });
    }
    let samples = params.min_samples.unwrap_or(params.min_cluster_size).min(n - 1);
    let mut edges = ctx.pool().install(|| {
        if rows.dim() <= TREE_DIM { boruvka::tree(rows, samples, ctx) } else { prim::tree(rows, samples, ctx) }
    })?;
    edges.sort_unstable_by(Edge::order);
    let condensed = condense::condense(n, &edges, params.min_cluster_size);
    Ok(select::select(n, &condensed, params))
}
