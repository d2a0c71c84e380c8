//! Turning rows: by a matrix that was learnt, or by random reflections that cost d log d.

use rand::RngExt;
use vectory_core::simd::{GemmNt, gemm_nt};
use vectory_core::{Vectors, VectorsRef, rng};

/// A linear map: row i of the matrix is the direction of output i.
#[derive(Clone, Debug)]
pub(crate) struct Dense {
    rows: Vectors,
}

impl PartialEq for Dense {
    fn eq(&self, other: &Self) -> bool {
        self.rows.dim() == other.rows.dim() && self.rows.as_slice() == other.rows.as_slice()
    }
}

impl Dense {
    pub fn of_rows(rows: Vectors) -> Self {
        Self { rows }
    }

    pub fn directions(&self) -> VectorsRef<'_> {
        self.rows.view()
    }

    /// Each row mapped, on the calling thread.
    pub fn apply(&self, rows: VectorsRef<'_>) -> Vectors {
        let (m, n, k) = (rows.rows(), self.rows.rows(), self.rows.dim());
        let mut out = Vectors::zeros(m, n);
        gemm_nt(GemmNt { a: rows.as_slice(), b: self.rows.as_slice(), c: out.as_mut_slice(), m, n, k });
        out
    }

    /// One row mapped.
    pub fn apply_row(&self, row: &[f32], out: &mut Vec<f32>) {
        out.clear();
        out.resize(self.rows.rows(), 0.0);
        vectory_core::simd::rows(vectory_core::simd::Op::Dot, row, self.rows.as_slice(), out);
    }

    /// Back, for a map with orthonormal rows: Σ values_i · direction_i.
    pub fn back(&self, values: &[f32], out: &mut [f32]) {
        out.fill(0.0);
        for (v, direction) in values.iter().zip(self.rows.iter()) {
            vectory_core::simd::axpy(*v, direction, out);
        }
    }
}

/// A random orthogonal map of d log d operations: four rounds of random signs, a Walsh–Hadamard transform of as many
/// dimensions as a power of two allows (the first ones and the last ones in turn), and a turn of each pair of halves by 45°
/// (Kac's walk), which mixes what the transform left apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hadamard {
    dim: usize,
    seed: u64,
    signs: Vec<f32>,
}

const ROUNDS: usize = 4;

impl Hadamard {
    /// `dim` is even.
    pub fn new(dim: usize, seed: u64) -> Self {
        let mut r = rng::stream(seed, "hadamard signs");
        let signs = (0..ROUNDS * dim).map(|_| if r.random::<bool>() { 1.0 } else { -1.0 }).collect();
        Self { dim, seed, signs }
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    fn power(&self) -> usize {
        1 << self.dim.ilog2()
    }

    /// Turns a row of `dim` values in place.
    pub fn apply(&self, row: &mut [f32]) {
        let power = self.power();
        for (round, signs) in self.signs.chunks_exact(self.dim).enumerate() {
            row.iter_mut().zip(signs).for_each(|(v, s)| *v *= s);
            let start = if round % 2 == 0 { 0 } else { self.dim - power };
            transform(&mut row[start..start + power]);
            if power < self.dim {
                turn(row);
            }
        }
    }

    /// Undoes [`Hadamard::apply`].
    pub fn back(&self, row: &mut [f32]) {
        let power = self.power();
        for (round, signs) in self.signs.chunks_exact(self.dim).enumerate().rev() {
            if power < self.dim {
                // A reflection is its own inverse.
                turn(row);
            }
            let start = if round % 2 == 0 { 0 } else { self.dim - power };
            transform(&mut row[start..start + power]);
            row.iter_mut().zip(signs).for_each(|(v, s)| *v *= s);
        }
    }
}

/// The orthonormal Walsh–Hadamard transform; its own inverse.
fn transform(x: &mut [f32]) {
    let n = x.len();
    let mut half = 1;
    while half < n {
        for block in x.chunks_exact_mut(2 * half) {
            let (a, b) = block.split_at_mut(half);
            for (a, b) in a.iter_mut().zip(b) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
    let scale = 1.0 / (n as f32).sqrt();
    x.iter_mut().for_each(|v| *v *= scale);
}

/// (a, b) → (a + b, a − b) / √2 of the two halves.
fn turn(row: &mut [f32]) {
    let (a, b) = row.split_at_mut(row.len() / 2);
    for (a, b) in a.iter_mut().zip(b) {
        (*a, *b) = ((*a + *b) * std::f32::consts::FRAC_1_SQRT_2, (*a - *b) * std::f32::consts::FRAC_1_SQRT_2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_turns_keep_lengths_and_can_be_undone() {
        for dim in [2, 32, 64, 96, 128, 160, 224, 384, 416] {
            let h = Hadamard::new(dim, 5);
            let row: Vec<f32> = (0..dim).map(|i| if i == 1 { 3.0 } else { 0.0 }).collect();
            let mut turned = row.clone();
            h.apply(&mut turned);
            assert!((vectory_core::simd::norm(&turned) - 3.0).abs() < 1e-4);
            // One coordinate is spread over all: none keeps more than a small share.
            let largest = turned.iter().fold(0.0f32, |m, v| m.max(v.abs()));
            assert!(dim < 64 || largest < 3.0 * 6.0 / (dim as f32).sqrt(), "{dim}: {largest}");
            h.back(&mut turned);
            assert!(turned.iter().zip(&row).all(|(a, b)| (a - b).abs() < 1e-4));
        }
    }
}
