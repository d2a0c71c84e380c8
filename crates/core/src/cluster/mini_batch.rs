//! Mini-batch k-means (Sculley 2010): each batch moves its centroids by a share that falls with what they have seen.

use rand::RngExt;

use super::assign::Packed;
use super::{ClusterError, KMeansParams};
use crate::{Context, Vectors, VectorsRef, rng, vectors};

/// Runs `max_iterations` batches, drawn with replacement. O(batches · batch · k · d).
pub(super) fn refine(
    rows: VectorsRef<'_>,
    centroids: &mut Vectors,
    p: &KMeansParams,
    ctx: &Context,
) -> Result<(), ClusterError> {
    let batch = p.batch.unwrap_or(rows.rows()).min(rows.rows());
    let mut seen = vec![0u64; centroids.rows()];
    for step in 0..p.max_iterations as u64 {
        let mut r = rng::item(ctx.seed, "k-means batch", step);
        let ids: Vec<usize> = (0..batch).map(|_| r.random_range(0..rows.rows())).collect();
        let part =
            Vectors::from_rows(ids.iter().map(|i| rows.row(*i))).unwrap_or_else(|_| Vectors::zeros(0, rows.dim()));
        let (assigned, _) = Packed::new(centroids.view()).nearest(part.view(), ctx)?;
        for (row, c) in part.iter().zip(assigned) {
            let c = c as usize;
            seen[c] += 1;
            let rate = 1.0 / seen[c] as f32;
            centroids.row_mut(c).iter_mut().zip(row).for_each(|(m, v)| *m += rate * (v - *m));
        }
        if p.spherical {
            (0..centroids.rows()).for_each(|c| vectors::normalize(centroids.row_mut(c)));
        }
    }
    Ok(())
}
