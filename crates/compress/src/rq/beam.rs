//! The search for codes: of all ways to add one more centroid, the best few are kept.

use vectory_core::simd::{self, Op};

/// One codebook: `k × d` centroids and their squared lengths.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Level {
    pub centroids: Vec<f32>,
    pub squares: Vec<f32>,
}

impl Level {
    pub fn new(centroids: Vec<f32>, dim: usize) -> Self {
        let squares = centroids.chunks_exact(dim).map(|c| simd::dot(c, c)).collect();
        Self { centroids, squares }
    }
}

/// A row with some of its codes chosen.
#[derive(Clone, Debug)]
pub(crate) struct Partial {
    /// What is left of the row.
    pub left: Vec<f32>,
    /// Its squared length.
    pub error: f32,
    pub codes: Vec<u8>,
}

impl Partial {
    pub fn of(row: Vec<f32>) -> Self {
        Self { error: simd::dot(&row, &row), left: row, codes: Vec::new() }
    }
}

/// Goes one level further with every kept sum; at most `beam` of the results stay, best first. Ties go to the earlier.
pub(crate) fn step(kept: &[Partial], level: &Level, beam: usize, scores: &mut Vec<f32>) -> Vec<Partial> {
    let mut best: Vec<(f32, usize, usize)> = Vec::with_capacity(beam + 1);
    scores.resize(level.squares.len(), 0.0);
    for (i, partial) in kept.iter().enumerate() {
        simd::rows(Op::Dot, &partial.left, &level.centroids, scores);
        for (c, (product, square)) in scores.iter().zip(&level.squares).enumerate() {
            let error = partial.error + square - 2.0 * product;
            if best.len() < beam || best.last().is_some_and(|b| error < b.0) {
                let place = best.partition_point(|b| b.0 <= error);
                best.insert(place, (error, i, c));
                best.truncate(beam);
            }
        }
    }
    let grow = |(_, i, c): (f32, usize, usize)| {
        let mut next = kept[i].clone();
        let dim = next.left.len();
        simd::axpy(-1.0, &level.centroids[c * dim..(c + 1) * dim], &mut next.left);
        next.error = simd::dot(&next.left, &next.left);
        next.codes.push(c as u8);
        next
    };
    best.into_iter().map(grow).collect()
}
