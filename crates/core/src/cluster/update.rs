//! New centroids: the mean of each group, and a row for a group that lost all of its own.

use rayon::prelude::*;

use crate::{Context, Vectors, VectorsRef, vectors};

/// Rows by group: group `c` has `order[starts[c]..starts[c + 1]]`, ascending.
struct Groups {
    order: Vec<u32>,
    starts: Vec<usize>,
}

impl Groups {
    fn new(assignment: &[u32], k: usize) -> Self {
        let mut starts = vec![0; k + 1];
        assignment.iter().for_each(|c| starts[*c as usize + 1] += 1);
        (0..k).for_each(|c| starts[c + 1] += starts[c]);
        let (mut at, mut order) = (starts.clone(), vec![0; assignment.len()]);
        for (i, c) in assignment.iter().enumerate() {
            order[at[*c as usize]] = i as u32;
            at[*c as usize] += 1;
        }
        Self { order, starts }
    }

    fn group(&self, c: usize) -> &[u32] {
        &self.order[self.starts[c]..self.starts[c + 1]]
    }
}

/// Gives each empty group the row that is farthest from its centroid (out of groups that keep another), so that k groups
/// stay k. Says whether a row moved.
pub(super) fn repair(assignment: &mut [u32], distances: &mut [f32], k: usize) -> bool {
    let mut sizes = vec![0usize; k];
    assignment.iter().for_each(|c| sizes[*c as usize] += 1);
    let empty: Vec<usize> = (0..k).filter(|c| sizes[*c] == 0).collect();
    if empty.is_empty() {
        return false;
    }
    let mut far: Vec<u32> = (0..assignment.len() as u32).collect();
    far.sort_by(|a, b| distances[*b as usize].total_cmp(&distances[*a as usize]).then(a.cmp(b)));
    let mut far = far.into_iter();
    for c in empty {
        let Some(i) = far.by_ref().find(|i| sizes[assignment[*i as usize] as usize] > 1) else { break };
        sizes[assignment[i as usize] as usize] -= 1;
        (assignment[i as usize], distances[i as usize], sizes[c]) = (c as u32, 0.0, 1);
    }
    true
}

/// The mean of each group, added in row order in f64; an empty group keeps its centroid.
pub(super) fn means(rows: VectorsRef<'_>, assignment: &[u32], centroids: &mut Vectors, spherical: bool, ctx: &Context) {
    let (groups, dim) = (Groups::new(assignment, centroids.rows()), rows.dim().max(1));
    ctx.pool().install(|| {
        centroids.as_mut_slice().par_chunks_mut(dim).enumerate().for_each(|(c, centroid)| {
            let group = groups.group(c);
            if group.is_empty() {
                return;
            }
            let mut sum = vec![0.0f64; centroid.len()];
            for i in group {
                sum.iter_mut().zip(rows.row(*i as usize)).for_each(|(s, v)| *s += f64::from(*v));
            }
            let n = group.len() as f64;
            centroid.iter_mut().zip(&sum).for_each(|(c, s)| *c = (s / n) as f32);
            if spherical {
                vectors::normalize(centroid);
            }
        });
    });
}
