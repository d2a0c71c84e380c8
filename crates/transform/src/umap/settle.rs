//! Places for new rows in a map that stays.

use rayon::prelude::*;
use vectory_core::{Vectors, VectorsRef, rng};

use super::forces::{Draws, Forces, add, by_dimension, padded};

/// Moves each row of `places` along its edges (row of the map, membership), away from random places of the map. Each row
/// draws on its own, so the result does not depend on what else is placed. Runs on the current pool.
pub(super) fn settle(
    places: &mut Vectors,
    edges: &[Vec<(u32, f64)>],
    map: VectorsRef<'_>,
    (forces, epochs): (Forces, usize),
    seed: u64,
) {
    by_dimension!(map.dim(), all(places, edges, map, (forces, epochs), seed));
}

fn all<const D: usize>(
    places: &mut Vectors,
    edges: &[Vec<(u32, f64)>],
    map: VectorsRef<'_>,
    (forces, epochs): (Forces, usize),
    seed: u64,
) {
    let map: Vec<[f32; D]> = map.iter().map(padded).collect();
    let dim = places.dim().max(1);
    let rows = places.as_mut_slice().par_chunks_mut(dim).zip(edges);
    rows.for_each(|(place, edges)| {
        let here = one(padded::<D>(place), edges, &map, (forces, epochs), seed);
        place.copy_from_slice(&here[..dim]);
    });
}

fn one<const D: usize>(
    mut here: [f32; D],
    edges: &[(u32, f64)],
    map: &[[f32; D]],
    (mut forces, epochs): (Forces, usize),
    seed: u64,
) -> [f32; D] {
    let largest = edges.iter().map(|e| e.1).fold(0.0, f64::max);
    // Draws depend on the neighbours, so equal rows get equal places.
    let mut draws = Draws::new(edges.iter().fold(seed, |s, e| rng::mix(s ^ u64::from(e.0))));
    let mut next: Vec<f64> = edges.iter().map(|e| largest / e.1).collect();
    let rate = forces.alpha;
    for epoch in 0..epochs {
        forces.alpha = rate * (1.0 - epoch as f32 / epochs as f32);
        for ((other, weight), next) in edges.iter().zip(&mut next).filter(|(_, n)| **n <= epoch as f64) {
            *next += largest / weight;
            let pull = forces.pull(&here, &map[*other as usize]);
            add(&mut here, &pull);
            forces.scatter(&mut here, usize::MAX, map, &mut draws);
        }
    }
    here
}
