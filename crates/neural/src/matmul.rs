//! Matrix products on one thread, over the kernels of core.

/// C (m × n) = A (m × k) · Bᵀ (B is n × k); the shapes follow from the lengths.
pub(crate) fn matmul_nt(a: &[f32], b: &[f32], k: usize, c: &mut [f32]) {
    const LANES: usize = 16;
    let n = b.len() / k;
    for (row, out) in a.chunks_exact(k).zip(c.chunks_exact_mut(n)) {
        for (other, o) in b.chunks_exact(k).zip(out) {
            let mut lanes = [0.0f32; LANES];
            let (x, y) = (row.chunks_exact(LANES), other.chunks_exact(LANES));
            let rest: f32 = x.remainder().iter().zip(y.remainder()).map(|(u, v)| u * v).sum();
            for (u, v) in x.zip(y) {
                lanes.iter_mut().zip(u).zip(v).for_each(|((l, p), q)| *l += p * q);
            }
            *o = lanes.iter().sum::<f32>() + rest;
        }
    }
}
