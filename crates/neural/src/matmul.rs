//! Matrix products over the kernels of core.

use rayon::prelude::*;
use vectory_core::simd::{GemmNt, PackedB, gemm_nt, gemm_packed};

/// C (m × n) = A (m × k) · Bᵀ (B is n × k) on one thread; m and n follow from the lengths.
pub(crate) fn matmul_nt(a: &[f32], b: &[f32], k: usize, c: &mut [f32]) {
    gemm_nt(GemmNt { a, b, c, m: a.len() / k, n: b.len() / k, k });
}

/// The same on the threads of the running pool, a block of rows a task.
pub(crate) fn matmul_nt_parallel(a: &[f32], b: &[f32], k: usize, c: &mut [f32]) {
    const ROWS: usize = 64;
    let n = b.len() / k;
    let packed = PackedB::new(b, n, k);
    c.par_chunks_mut(ROWS * n).zip(a.par_chunks(ROWS * k)).for_each(|(c, a)| gemm_packed(a, &packed, c));
}

/// The transpose of rows of `n` values.
pub(crate) fn transpose(a: &[f32], n: usize, out: &mut Vec<f32>) {
    let rows = a.len() / n;
    out.clear();
    out.resize(a.len(), 0.0);
    out.par_chunks_mut(rows).enumerate().for_each(|(j, column)| {
        column.iter_mut().zip(a.chunks_exact(n)).for_each(|(o, row)| *o = row[j]);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_agree_with_the_definition() {
        let (m, n, k) = (70, 5, 9);
        let value = |i: usize| ((i * 37 % 23) as f32 - 11.0) / 7.0;
        let a: Vec<f32> = (0..m * k).map(value).collect();
        let b: Vec<f32> = (0..n * k).map(|i| value(i + 5)).collect();
        let (mut one, mut many, mut turned) = (vec![0.0; m * n], vec![0.0; m * n], Vec::new());
        matmul_nt(&a, &b, k, &mut one);
        matmul_nt_parallel(&a, &b, k, &mut many);
        transpose(&one, n, &mut turned);
        for i in 0..m {
            for j in 0..n {
                let want: f32 = (0..k).map(|t| a[i * k + t] * b[j * k + t]).sum();
                assert!((one[i * n + j] - want).abs() < 1e-4);
                assert!((many[i * n + j] - want).abs() < 1e-4);
                assert_eq!(turned[j * m + i], one[i * n + j]);
            }
        }
    }
}
