//! How far rows lie outside of their neighbours' density.

use vectory_core::neighbors::{NeighborsError, exact_self};
use vectory_core::{Context, Hit, Metric, VectorsRef};

/// Local outlier factor (Breunig et al. 2000) of each row among its `k` nearest by cosine distance: about 1 inside, above
/// 1.5 far outside. k is lowered to the rows that there are; fewer than three rows are all 1.
///
/// # Errors
/// [`NeighborsError`]: interrupted.
pub fn local_outlier_factor(rows: VectorsRef<'_>, k: usize, ctx: &Context) -> Result<Vec<f64>, NeighborsError> {
    let n = rows.rows();
    if n < 3 {
        return Ok(vec![1.0; n]);
    }
    let near = exact_self(rows, Metric::Cosine, k.clamp(1, n - 1), ctx)?;
    let distance = |h: &Hit| (1.0 - f64::from(h.score)).max(0.0);
    let reach: Vec<f64> = near.iter().map(|h| h.last().map_or(0.0, distance)).collect();
    let density = |hits: &Vec<Hit>| {
        let sum: f64 = hits.iter().map(|h| distance(h).max(reach[h.id as usize])).sum();
        hits.len() as f64 / (sum + 1e-10)
    };
    let densities: Vec<f64> = near.iter().map(density).collect();
    let factor = |(i, hits): (usize, &Vec<Hit>)| {
        hits.iter().map(|h| densities[h.id as usize]).sum::<f64>() / hits.len() as f64 / densities[i]
    };
    Ok(near.iter().enumerate().map(factor).collect())
}
