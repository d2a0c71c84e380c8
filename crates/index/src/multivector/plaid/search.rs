//! From centroids to candidates to scores.

use vectory_core::simd;
use vectory_core::{Hit, TopK, VectorsRef};

use super::Plaid;
use crate::multivector::{MultiSearchParams, Scratch, StoreError};

/// Query tokens whose bytes are compared at once.
const LANES: usize = 32;

/// Centroids that a query token looks into, where nothing else is asked for.
const NPROBE: usize = 4;

/// What a search needs and the next one uses again.
#[derive(Default)]
pub struct Buffers {
    /// Query tokens × centroids.
    scores: Vec<f32>,
    /// For each group of [`LANES`] query tokens: centroids × [`LANES`] bytes.
    bytes: Vec<[u8; LANES]>,
    /// The last search that met each document.
    met: Vec<u32>,
    search: u32,
    candidates: Vec<u32>,
    scratch: Scratch,
}

impl Plaid {
    /// The best documents by residual codes among the `params.candidates` that are best by centroids, of all that have a token in
    /// one of the `params.nprobe` best centroids of a query token.
    ///
    /// # Errors
    /// [`StoreError::Dim`] for tokens of another dimension, [`StoreError::Param`] for values that are not finite.
    pub fn search(&self, query: VectorsRef<'_>, params: &MultiSearchParams<'_>) -> Result<Vec<Hit>, StoreError> {
        let ready = self.store().query(query)?;
        if query.rows() == 0 || self.centroids() == 0 {
            return Ok(Vec::new());
        }
        Ok(self.buffers.with(|b| {
            b.scores.resize(query.rows() * self.centroids(), 0.0);
            simd::gemm_packed(query.as_slice(), &self.packed, &mut b.scores);
            self.gather(params, b);
            let many = params.candidates.max(params.k);
            let chosen =
                if b.candidates.len() > many { self.by_centroids(query.rows(), many, b) } else { b.candidates.clone() };
            let mut top = TopK::new(params.k);
            for d in chosen {
                top.push(d, self.store().score(&ready, d as usize, &mut b.scratch));
            }
            top.into_sorted()
        }))
    }

    /// Documents of the best centroids of each query token, ascending.
    fn gather(&self, params: &MultiSearchParams<'_>, b: &mut Buffers) {
        b.met.resize(self.store().len(), 0);
        b.search = b.search.wrapping_add(1);
        if b.search == 0 {
            b.met.fill(0);
            b.search = 1;
        }
        b.candidates.clear();
        let nprobe = if params.nprobe == 0 { NPROBE } else { params.nprobe };
        for row in b.scores.chunks_exact(self.centroids()) {
            for hit in best(row, nprobe) {
                for &d in self.documents(hit.id as usize) {
                    if b.met[d as usize] != b.search && params.filter.is_none_or(|f| f(d)) {
                        b.met[d as usize] = b.search;
                        b.candidates.push(d);
                    }
                }
            }
        }
        b.candidates.sort_unstable();
    }

    /// The `many` best candidates by the scores of their centroids, in 8 bits.
    fn by_centroids(&self, tokens: usize, many: usize, b: &mut Buffers) -> Vec<u32> {
        let n = self.centroids();
        let top = b.scores.iter().fold(0.0f32, |m, s| m.max(*s));
        let unit = if top > 0.0 { 255.0 / top } else { 0.0 };
        let groups = tokens.div_ceil(LANES);
        b.bytes.clear();
        b.bytes.resize(groups * n, [0; LANES]);
        // Eight centroids at a time, so that a line of the table is written while it is near.
        for first in (0..n).step_by(8) {
            for (t, row) in b.scores.chunks_exact(n).enumerate() {
                let table = &mut b.bytes[t / LANES * n + first..];
                for (to, s) in table.iter_mut().zip(&row[first..n.min(first + 8)]) {
                    to[t % LANES] = (s * unit + 0.5) as u8;
                }
            }
        }
        let mut best = TopK::new(many);
        for &d in &b.candidates {
            let own = self.own(d as usize);
            let sum: u32 = (0..groups).map(|g| sum_of_maxima(&b.bytes[g * n..(g + 1) * n], own)).sum();
            best.push(d, sum as f32);
        }
        best.into_sorted().into_iter().map(|h| h.id).collect()
    }
}

/// Σ over lanes of the largest byte among the rows.
fn sum_of_maxima(table: &[[u8; LANES]], rows: &[u32]) -> u32 {
    let mut largest = [0u8; LANES];
    for r in rows {
        let row = &table[*r as usize];
        largest.iter_mut().zip(row).for_each(|(l, v)| *l = (*l).max(*v));
    }
    largest.iter().map(|v| u32::from(*v)).sum()
}

/// The `n` best places of a row.
fn best(row: &[f32], n: usize) -> Vec<Hit> {
    let mut top = TopK::new(n.min(row.len()));
    let mut at = 0;
    while let Some(place) = simd::position_ge(row, at, top.threshold()) {
        top.push(place as u32, row[place]);
        at = place + 1;
    }
    top.into_sorted()
}
