//! How well a student agrees with its teacher on texts that it has not learned from.

use rayon::prelude::*;
use vectory_core::{Context, TopK, Vectors};

use super::examples::Examples;
use super::train::sum_rows;
use crate::matmul::matmul_nt_parallel;

/// Neighbours that are compared.
const NEAREST: usize = 10;
/// Texts among which neighbours are sought.
const AMONG: usize = 4000;

/// Unit vectors of the held-out texts.
pub(super) struct Agreement {
    student: Vectors,
    teacher: Vectors,
}

impl Agreement {
    pub(super) fn new(rows: &Vectors, held: &Examples, ctx: &Context) -> Self {
        let dim = rows.dim();
        let (mut student, mut teacher) = (Vectors::zeros(held.len(), dim), Vectors::zeros(held.len(), dim));
        ctx.pool().install(|| {
            let pairs = student.as_mut_slice().par_chunks_mut(dim).zip(teacher.as_mut_slice().par_chunks_mut(dim));
            pairs.enumerate().for_each(|(i, (ours, theirs))| {
                sum_rows(rows, held.bag(i), ours);
                held.target(i, theirs);
            });
        });
        Self { student, teacher }
    }

    /// Mean cosine of student and teacher; 0 without texts.
    pub(super) fn cosine(&self) -> f64 {
        let product = |(a, b): (&[f32], &[f32])| f64::from(vectory_core::simd::dot(a, b));
        self.student.iter().zip(self.teacher.iter()).map(product).sum::<f64>() / self.student.rows().max(1) as f64
    }

    /// Share of the teacher's nearest texts that are the student's, among the first few thousand.
    pub(super) fn neighbours(&self, ctx: &Context) -> f64 {
        let n = self.student.rows().min(AMONG);
        if n <= NEAREST {
            return 0.0;
        }
        ctx.pool().install(|| {
            let (ours, theirs) = (nearest(&self.student, n), nearest(&self.teacher, n));
            let shared: usize = ours.iter().zip(&theirs).map(|(a, b)| a.iter().filter(|i| b.contains(i)).count()).sum();
            shared as f64 / (n * NEAREST) as f64
        })
    }
}

/// The nearest of the first `n` rows to each of them, itself left out.
fn nearest(rows: &Vectors, n: usize) -> Vec<Vec<u32>> {
    let (dim, rows) = (rows.dim(), &rows.as_slice()[..n * rows.dim()]);
    let mut products = vec![0.0; n * n];
    matmul_nt_parallel(rows, rows, dim, &mut products);
    let best = |(i, row): (usize, &[f32])| {
        let mut top = TopK::new(NEAREST);
        row.iter().enumerate().filter(|(j, _)| *j != i).for_each(|(j, s)| {
            top.push(j as u32, *s);
        });
        top.into_sorted().iter().map(|h| h.id).collect()
    };
    products.par_chunks(n).enumerate().map(best).collect()
}
