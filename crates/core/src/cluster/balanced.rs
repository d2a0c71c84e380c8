//! Assignment where no group takes more than its share: rows that lose most by a second choice go first.

use rayon::prelude::*;

use super::assign::Packed;
use crate::{Cancelled, Context, TopK, VectorsRef, simd};

/// Rows in a tile.
const TILE: usize = 72;
/// Nearest centroids that a row considers before all of them are looked at.
const CHOICES: usize = 16;

/// At most ⌈n / k⌉ rows a group: greedy by margin between first and second choice, O(n k d + n log n).
pub(super) fn nearest(
    centroids: VectorsRef<'_>,
    rows: VectorsRef<'_>,
    ctx: &Context,
) -> Result<(Vec<u32>, Vec<f32>), Cancelled> {
    let (n, k) = (rows.rows(), centroids.rows());
    let choices = choices(centroids, rows, ctx)?;
    let margin = |i: usize| match choices[i].as_slice() {
        [a, b, ..] => a.1 - b.1,
        _ => 0.0,
    };
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| margin(*b).total_cmp(&margin(*a)).then(a.cmp(b)));
    let mut room = vec![n.div_ceil(k); k];
    let (mut ids, mut distances) = (vec![0u32; n], vec![0.0f32; n]);
    for i in order {
        let free = choices[i].iter().map(|(c, _)| *c).find(|c| room[*c as usize] > 0);
        let c = free.unwrap_or_else(|| nearest_with_room(centroids, rows.row(i), &room));
        room[c as usize] -= 1;
        ids[i] = c;
        distances[i] = simd::l2_sq(rows.row(i), centroids.row(c as usize));
    }
    Ok((ids, distances))
}

/// The nearest few centroids of each row, best first, with their scores.
fn choices(centroids: VectorsRef<'_>, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vec<Vec<(u32, f32)>>, Cancelled> {
    let (packed, keep) = (Packed::new(centroids), CHOICES.min(centroids.rows()));
    let mut all = vec![vec![]; rows.rows()];
    ctx.pool().install(|| {
        all.par_chunks_mut(TILE).enumerate().try_for_each(|(t, out)| {
            ctx.check()?;
            let tile = rows.slice(t * TILE, t * TILE + out.len());
            let mut tops = vec![TopK::new(keep); out.len()];
            packed.scores(tile.iter(), |r, first, scores, _| crate::neighbors::offer(&mut tops[r], scores, first));
            for (o, top) in out.iter_mut().zip(tops) {
                *o = top.into_sorted().iter().map(|h| (h.id, h.score)).collect();
            }
            Ok(())
        })
    })?;
    Ok(all)
}

fn nearest_with_room(centroids: VectorsRef<'_>, row: &[f32], room: &[usize]) -> u32 {
    let open = (0..centroids.rows()).filter(|c| room[*c] > 0);
    let distance = |c: usize| simd::l2_sq(row, centroids.row(c));
    open.map(|c| (distance(c), c)).min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |(_, c)| c as u32)
}
