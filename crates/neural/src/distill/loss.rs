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
        Self { cosine: 1.0, similarity: 0.1, temperature: 0.1 }
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
        Self { params: params.clone(), ours: vec![0.0; size], theirs: vec![0.0; size], back: Vec::new(), turned: Vec::new() }
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
