//! Self-attention of one sequence: no padding, so a short text costs what it is long.

use super::ops;
use crate::matmul::matmul_nt;

/// Buffers that one thread keeps from sequence to sequence.
#[derive(Default)]
pub(super) struct Scratch {
    query: Vec<f32>,
    key: Vec<f32>,
    /// Values, transposed: a row a dimension.
    value: Vec<f32>,
    scores: Vec<f32>,
    mixed: Vec<f32>,
}

/// The shape of one sequence.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Tokens.
    pub len: usize,
    /// Heads.
    pub heads: usize,
    /// Values of a head.
    pub dim: usize,
}

/// Attention over `qkv` (a token a row: queries, keys, values of all heads side by side); writes a token a row to `out`.
/// Vaswani et al. 2017, "Attention Is All You Need".
pub(super) fn attend(qkv: &[f32], shape: Shape, out: &mut [f32], scratch: &mut Scratch) {
    let Shape { len, heads, dim } = shape;
    let hidden = heads * dim;
    scratch.resize(len, dim);
    for head in 0..heads {
        scratch.load(qkv, shape, head);
        matmul_nt(&scratch.query, &scratch.key, dim, &mut scratch.scores);
        scratch.scores.chunks_exact_mut(len).for_each(ops::softmax);
        matmul_nt(&scratch.scores, &scratch.value, len, &mut scratch.mixed);
        for (to, from) in out.chunks_exact_mut(hidden).zip(scratch.mixed.chunks_exact(dim)) {
            to[head * dim..(head + 1) * dim].copy_from_slice(from);
        }
    }
}

impl Scratch {
    fn resize(&mut self, len: usize, dim: usize) {
        for part in [&mut self.query, &mut self.key, &mut self.value, &mut self.mixed] {
            part.resize(len * dim, 0.0);
        }
        self.scores.resize(len * len, 0.0);
    }

    /// Copies one head's queries (scaled), keys and values (transposed) side by side.
    fn load(&mut self, qkv: &[f32], shape: Shape, head: usize) {
        let Shape { len, heads, dim } = shape;
        let hidden = heads * dim;
        let scale = 1.0 / (dim as f32).sqrt();
        for (t, row) in qkv.chunks_exact(3 * hidden).enumerate() {
            let part = |i: usize| &row[i * hidden + head * dim..][..dim];
            self.query[t * dim..][..dim].iter_mut().zip(part(0)).for_each(|(o, v)| *o = v * scale);
            self.key[t * dim..][..dim].copy_from_slice(part(1));
            part(2).iter().enumerate().for_each(|(d, v)| self.value[d * len + t] = *v);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_average_the_values() {
        // Two tokens, one head of two values: equal keys give equal weights.
        let qkv = [1.0, 0.0, 0.5, 0.5, 2.0, 4.0, 0.0, 1.0, 0.5, 0.5, 6.0, 8.0];
        let mut out = [0.0; 4];
        attend(&qkv, Shape { len: 2, heads: 1, dim: 2 }, &mut out, &mut Scratch::default());
        for (got, want) in out.iter().zip([4.0, 6.0, 4.0, 6.0]) {
            assert!((got - want).abs() < 1e-6, "{out:?}");
        }
    }
}
