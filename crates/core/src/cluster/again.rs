//! The nearest centroids once more, after an iteration: what stayed where it was need not be compared again.
//!
//! A centroid whose group did not change does not move, so its distances are those of before: a row whose own centroid came no
//! farther away has its nearest among its own and those that moved. In the later iterations few move, and most of
//! the work falls away. Up to the rounding of distances the result is that of comparing all.

use rayon::prelude::*;

use super::assign::Packed;
use crate::{Cancelled, Context, VectorsRef, simd};

/// Rows of a task.
const TOGETHER: usize = 1024;

/// What an iteration left: centroids, the group of each row, its squared distance from its centroid.
pub(super) struct Last<'a> {
    pub centroids: VectorsRef<'a>,
    pub assignment: &'a [u32],
    pub distances: &'a [f32],
}

/// The nearest of `centroids` and its squared distance, of each row.
pub(super) fn nearest(
    rows: VectorsRef<'_>,
    centroids: VectorsRef<'_>,
    last: &Last<'_>,
    ctx: &Context,
) -> Result<(Vec<u32>, Vec<f32>), Cancelled> {
    let moved: Vec<bool> = centroids.iter().zip(last.centroids.iter()).map(|(now, then)| now != then).collect();
    let (mut ids, mut distances) = (last.assignment.to_vec(), last.distances.to_vec());
    ctx.pool().install(|| {
        distances.par_iter_mut().zip(&ids).enumerate().with_min_len(TOGETHER).for_each(|(i, (distance, id))| {
            if moved[*id as usize] {
                *distance = simd::l2_sq(rows.row(i), centroids.row(*id as usize));
            }
        });
    });
    let (all, few): (Vec<usize>, Vec<usize>) = (0..ids.len()).partition(|i| distances[*i] > last.distances[*i]);
    let (found, at) = Packed::new(centroids).nearest_of(all.len(), |r| rows.row(all[r]), ctx)?;
    for ((i, id), distance) in all.iter().zip(found).zip(at) {
        (ids[*i], distances[*i]) = (id, distance);
    }
    let those: Vec<u32> = (0..moved.len() as u32).filter(|c| moved[*c as usize]).collect();
    if those.is_empty() {
        return Ok((ids, distances));
    }
    let some = centroids.picked(those.iter().map(|c| *c as usize));
    let (found, at) = Packed::new(some.view()).nearest_of(few.len(), |r| rows.row(few[r]), ctx)?;
    for ((i, found), distance) in few.iter().zip(found).zip(at) {
        let id = those[found as usize];
        // Ties go to the smaller number, as where all are compared.
        if (distance, id) < (distances[*i], ids[*i]) {
            (ids[*i], distances[*i]) = (id, distance);
        }
    }
    Ok((ids, distances))
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::{Vectors, rng};

    #[test]
    fn the_nearest_are_those_of_comparing_all() {
        let ctx = Context::new(5, 2).unwrap();
        let mut r = rng::stream(5, "again");
        let mut draw = |n: usize| {
            let mut rows = Vectors::zeros(n, 7);
            rows.as_mut_slice().iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
            rows
        };
        let (rows, before) = (draw(700), draw(40));
        let (assignment, distances) = Packed::new(before.view()).nearest(rows.view(), &ctx).unwrap();
        let last = Last { centroids: before.view(), assignment: &assignment, distances: &distances };
        for moving in [0, 1, 9, 40] {
            let (mut now, other) = (before.clone(), draw(moving));
            (0..moving).for_each(|c| now.row_mut(c * 40 / moving).copy_from_slice(other.row(c)));
            let all = Packed::new(now.view()).nearest(rows.view(), &ctx).unwrap();
            assert_eq!(nearest(rows.view(), now.view(), &last, &ctx).unwrap(), all, "{moving}");
        }
    }
}
