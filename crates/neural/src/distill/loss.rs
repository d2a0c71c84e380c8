//! The losses of distillation over one batch, with their gradients.

use rayon::prelude::*;

use crate::matmul::{matmul_nt_parallel, transpose};

/// Which losses, how strong.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct LossParams {
    /// Weight of one minus the cosine with the teacher's vector.
    pub cosine: f32,
    /// Weight of the cross entropy between the distributions of similarity inside the batch.
    pub similarity: f32,
    /// Temperature of both distributions.
    pub temperature: f32,
}

impl Default for LossParams {
    fn default() -> Self {
        Self { cosine: 1.0, similarity: 0.5, temperature: 0.1 }
    }
}

/// Losses with their buffers.
pub(super) struct Loss {
    params: LossParams,
    ours: Vec<f32>,
    theirs: Vec<f32>,
    back: Vec<f32>,
    turned: Vec<f32>,
}

impl Loss {
    pub(super) fn new(params: &LossParams, batch: usize) -> Self {
        let size = if params.similarity > 0.0 { batch * batch } else { 0 };
        Self {
            params: params.clone(),
            ours: vec![0.0; size],
            theirs: vec![0.0; size],
            back: Vec::new(),
            turned: Vec::new(),
        }
    }

    /// The mean loss of unit vectors against the teacher's; writes the gradient of the student's.
    pub(super) fn run(&mut self, student: &[f32], teacher: &[f32], dim: usize, gradient: &mut [f32]) -> f64 {
        let n = student.len() / dim;
        let weight = self.params.cosine;
        gradient.par_iter_mut().zip(teacher).with_min_len(4096).for_each(|(g, t)| *g = -weight * t);
        let cosines: f64 = student.chunks(dim).zip(teacher.chunks(dim)).map(|(s, t)| 1.0 - f64::from(dot(s, t))).sum();
        let mut loss = cosines / n as f64 * f64::from(weight);
        if self.params.similarity > 0.0 && n > 2 {
            loss += self.similarity(student, teacher, dim, gradient);
        }
        loss
    }

    /// Cross entropy of the in-batch distributions: gradient of the similarities is (ours - theirs) / temperature.
    fn similarity(&mut self, student: &[f32], teacher: &[f32], dim: usize, gradient: &mut [f32]) -> f64 {
        let n = student.len() / dim;
        let (ours, theirs) = (&mut self.ours[..n * n], &mut self.theirs[..n * n]);
        matmul_nt_parallel(student, student, dim, ours);
        matmul_nt_parallel(teacher, teacher, dim, theirs);
        let scale = 1.0 / self.params.temperature;
        let weight = self.params.similarity;
        let rows = ours.par_chunks_mut(n).zip(theirs.par_chunks_mut(n)).enumerate();
        let losses: Vec<f64> = rows
            .map(|(i, (ours, theirs))| {
                distribution(theirs, scale, i);
                distribution(ours, scale, i);
                let entropy: f32 = theirs.iter().zip(&*ours).map(|(p, q)| p * (q.max(1e-30).ln())).sum();
                ours.iter_mut().zip(theirs).for_each(|(q, p)| *q = (*q - *p) * scale * weight);
                -f64::from(entropy)
            })
            .collect();
        // Similarity is symmetric: a pair's two entries both move both texts.
        symmetrise(ours, n);
        self.back.resize(n * dim, 0.0);
        transpose(student, dim, &mut self.turned);
        matmul_nt_parallel(ours, &self.turned, n, &mut self.back);
        gradient.par_iter_mut().zip(&self.back).with_min_len(4096).for_each(|(g, b)| *g += b);
        losses.iter().sum::<f64>() / n as f64 * f64::from(weight)
    }
}

/// Softmax of similarities without the text itself, in place.
fn distribution(row: &mut [f32], scale: f32, own: usize) {
    row[own] = f32::NEG_INFINITY;
    let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter_mut().for_each(|v| *v = crate::bert::ops::exp((*v - max) * scale));
    row[own] = 0.0;
    let sum: f32 = row.iter().sum();
    row.iter_mut().for_each(|v| *v /= sum);
}

/// A + Aᵀ in place.
fn symmetrise(a: &mut [f32], n: usize) {
    for i in 0..n {
        for j in 0..i {
            let v = a[i * n + j] + a[j * n + i];
            a[i * n + j] = v;
            a[j * n + i] = v;
        }
        a[i * n + i] *= 2.0;
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The loss that [`Loss::run`] writes the gradient of, summed over the batch, in f64 and term by term.
    fn plain(student: &[f32], teacher: &[f32], dim: usize, params: &LossParams) -> f64 {
        let n = student.len() / dim;
        let product = |m: &[f32], i: usize, j: usize| -> f64 {
            (0..dim).map(|d| f64::from(m[i * dim + d]) * f64::from(m[j * dim + d])).sum()
        };
        let temperature = f64::from(params.temperature);
        let log_share = |m: &[f32], i: usize, j: usize| {
            let sum: f64 = (0..n).filter(|o| *o != i).map(|o| (product(m, i, o) / temperature).exp()).sum();
            product(m, i, j) / temperature - sum.ln()
        };
        let mut loss = 0.0;
        for i in 0..n {
            let cosine: f64 = (0..dim).map(|d| f64::from(student[i * dim + d]) * f64::from(teacher[i * dim + d])).sum();
            loss += f64::from(params.cosine) * (1.0 - cosine);
            for j in (0..n).filter(|j| *j != i) {
                loss -= f64::from(params.similarity) * log_share(teacher, i, j).exp() * log_share(student, i, j);
            }
        }
        loss
    }

    #[test]
    fn gradients_are_those_of_the_loss() {
        let dim = 3;
        let mut rows: [Vec<f32>; 2] = [1.0f32, 2.0].map(|s| (0..15).map(|i| (i as f32 * 1.7 * s).sin()).collect());
        rows.iter_mut().for_each(|m| m.chunks_exact_mut(dim).for_each(vectory_core::vectors::normalize));
        let [student, teacher] = rows;
        let params = LossParams { cosine: 0.7, similarity: 0.4, temperature: 0.3 };
        let mut gradient = vec![0.0; 15];
        let mean = Loss::new(&params, 5).run(&student, &teacher, dim, &mut gradient);
        assert!((mean * 5.0 - plain(&student, &teacher, dim, &params)).abs() < 1e-4);
        for i in 0..15 {
            let moved = |by: f32| {
                let mut s = student.clone();
                s[i] += by;
                plain(&s, &teacher, dim, &params)
            };
            let slope = (moved(1e-3) - moved(-1e-3)) / 2e-3;
            assert!((slope - f64::from(gradient[i])).abs() < 2e-3, "{i}: {slope} {}", gradient[i]);
        }
    }
}
