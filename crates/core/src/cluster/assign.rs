//! The nearest centroid of each row, by blocked products.

use rayon::prelude::*;

use super::ClusterError;
use crate::simd::{self, PackedA, PackedB};
use crate::{Cancelled, Context, Vectors, VectorsRef};

/// Rows in a tile.
const TILE: usize = 72;
/// Centroids in a tile.
const CENTROIDS: usize = 480;

/// The nearest centroid of each row (ties to the smaller number) and its squared distance. 2 n k d operations.
///
/// # Errors
/// [`ClusterError::Dim`] when dimensions differ, [`ClusterError::Param`] without centroids, [`ClusterError::Cancelled`].
pub fn nearest(
    centroids: VectorsRef<'_>,
    rows: VectorsRef<'_>,
    ctx: &Context,
) -> Result<(Vec<u32>, Vec<f32>), ClusterError> {
    if centroids.as_slice().is_empty() {
        let value = format!("{} × {}", centroids.rows(), centroids.dim());
        return Err(ClusterError::Param { field: "centroids", value, legal: "1 × 1 or more" });
    }
    if centroids.dim() != rows.dim() {
        return Err(ClusterError::Dim { rows: rows.dim(), centroids: centroids.dim() });
    }
    Ok(Packed::new(centroids).nearest(rows, ctx)?)
}

/// Centroids, packed around their mean: distances do not change with the origin, but the rounding of products does.
pub(super) struct Packed<'a> {
    centroids: VectorsRef<'a>,
    origin: Vec<f32>,
    blocks: Vec<(PackedB, Vec<f32>)>,
}

impl<'a> Packed<'a> {
    pub fn new(centroids: VectorsRef<'a>) -> Self {
        let (n, dim) = (centroids.rows(), centroids.dim());
        let mut origin = vec![0.0; dim];
        centroids.iter().for_each(|c| simd::axpy(1.0 / n as f32, c, &mut origin));
        let mut blocks = Vec::with_capacity(n.div_ceil(CENTROIDS));
        for start in (0..n).step_by(CENTROIDS) {
            let part = shifted(centroids.slice(start, n.min(start + CENTROIDS)).iter(), &origin);
            let squares = part.iter().map(|c| simd::dot(c, c)).collect();
            blocks.push((PackedB::new(part.as_slice(), part.rows(), dim), squares));
        }
        Self { centroids, origin, blocks }
    }

    /// Runs on the pool.
    pub fn nearest(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<(Vec<u32>, Vec<f32>), Cancelled> {
        self.nearest_of(rows.rows(), |i| rows.row(i), ctx)
    }

    /// [`Self::nearest`] of `n` rows that lie anywhere.
    pub fn nearest_of<'r>(
        &self,
        n: usize,
        row: impl Fn(usize) -> &'r [f32] + Sync,
        ctx: &Context,
    ) -> Result<(Vec<u32>, Vec<f32>), Cancelled> {
        let (mut ids, mut distances) = (vec![0u32; n], vec![0.0f32; n]);
        ctx.pool().install(|| {
            let tiles = ids.par_chunks_mut(TILE).zip(distances.par_chunks_mut(TILE)).enumerate();
            tiles.try_for_each(|(t, (ids, distances))| {
                ctx.check()?;
                let of_tile = |r| row(t * TILE + r);
                let mut best = vec![f32::NEG_INFINITY; ids.len()];
                self.scores((0..ids.len()).map(of_tile), |r, first, scores, largest| {
                    if largest > best[r] {
                        let at = simd::position_ge(scores, 0, largest).unwrap_or(0);
                        (ids[r], best[r]) = ((first + at) as u32, largest);
                    }
                });
                for (r, (id, d)) in ids.iter().zip(distances).enumerate() {
                    *d = simd::l2_sq(of_tile(r), self.centroids.row(*id as usize));
                }
                Ok(())
            })
        })?;
        Ok((ids, distances))
    }

    /// Gives `take` runs of scores 2 x·c − |c|²: row of the tile, number of the first centroid, scores, the largest of them.
    pub fn scores<'r>(
        &self,
        tile: impl ExactSizeIterator<Item = &'r [f32]>,
        mut take: impl FnMut(usize, usize, &[f32], f32),
    ) {
        let rows = tile.len();
        let a = PackedA::new(shifted(tile, &self.origin).as_slice(), self.origin.len());
        let (mut scores, mut first) = (Vec::new(), 0);
        for (block, squares) in &self.blocks {
            scores.resize(rows * block.n(), 0.0);
            simd::gemm_both_packed(&a, block, &mut scores);
            for (r, row) in scores.chunks_exact_mut(block.n()).enumerate() {
                let largest = simd::twice_less(row, squares);
                take(r, first, row, largest);
            }
            first += block.n();
        }
    }
}

fn shifted<'r>(rows: impl ExactSizeIterator<Item = &'r [f32]>, origin: &[f32]) -> Vectors {
    let mut out = Vectors::zeros(rows.len(), origin.len());
    for (i, row) in rows.enumerate() {
        let out = out.row_mut(i);
        out.copy_from_slice(row);
        simd::axpy(-1.0, origin, out);
    }
    out
}
