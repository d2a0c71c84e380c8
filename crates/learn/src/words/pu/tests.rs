//! PU-learning against a dense solution.

use super::*;
use crate::checkpoint::Checkpoint;
use vectory_core::linalg::{Mat, svd_thin};
use vectory_core::sparse::Csr;
use vectory_core::{Context, simd};

/// A sparse matrix of small values; the counts are all the same.
fn sparse(rows: usize, cols: usize) -> (Csr, Mat) {
    let (mut m, mut dense) = (Csr::new(cols), Mat::zeros(rows, cols));
    for i in 0..rows {
        let row: Vec<(u32, f32)> =
            (0..cols).filter(|j| (i * 7 + j * 5) % 3 == 0).map(|j| (j as u32, 1.0 + ((i * j) % 5) as f32)).collect();
        row.iter().for_each(|(j, v)| dense.row_mut(i)[*j as usize] = f64::from(*v));
        m.push_row(row);
    }
    (m, dense)
}

#[test]
fn equal_weights_give_the_truncated_svd() {
    let (m, dense) = sparse(14, 11);
    let params = PuParams {
        dim: 3,
        sweeps: 400,
        inner: 1,
        rho: 1.0,
        lambda: 0.0,
        alpha: 0.0,
        biases: false,
        ..PuParams::default()
    };
    let got = pu(m.view(), &m.values, &params, &Checkpoint::none(), &Context::new(3, 2).unwrap()).unwrap();
    let svd = svd_thin(&dense).unwrap();
    let rest: f64 = svd.s[3..].iter().map(|s| s * s).sum();
    let loss = got.losses[399] * (14 * 11) as f64;
    assert!((loss / rest - 1.0).abs() < 1e-3, "{loss} {rest}");
    let (w, h) = (got.words, got.contexts.unwrap());
    for i in 0..14 {
        for j in 0..11 {
            let want: f64 = (0..3).map(|k| svd.u.at(i, k) * svd.s[k] * svd.vt.at(k, j)).sum();
            assert!((f64::from(simd::dot(w.row(i), h.row(j))) - want).abs() < 0.02, "{i} {j}");
        }
    }
}

#[test]
fn loss_falls_every_sweep_and_threads_do_not_matter() {
    let (m, _) = sparse(40, 40);
    let params = PuParams { dim: 5, sweeps: 8, lambda: 0.01, ..PuParams::default() };
    let learn =
        |threads| pu(m.view(), &m.values, &params, &Checkpoint::none(), &Context::new(3, threads).unwrap()).unwrap();
    let (one, three) = (learn(1), learn(3));
    assert_eq!(one.words.as_slice(), three.words.as_slice());
    assert!(one.losses.windows(2).all(|l| l[1] < l[0] * 1.001), "{:?}", one.losses);
}

#[test]
fn the_loss_is_that_of_the_dense_formula() {
    let (m, dense) = sparse(9, 8);
    let params = PuParams { dim: 2, sweeps: 2, biases: false, ..PuParams::default() };
    let got = pu(m.view(), &m.values, &params, &Checkpoint::none(), &Context::new(3, 1).unwrap()).unwrap();
    let (w, h) = (got.words, got.contexts.unwrap());
    let mut want = 0.0;
    for i in 0..9 {
        for j in 0..8 {
            let a = dense.at(i, j);
            let c = if a > 0.0 { f64::from((a as f32 / 10.0).powf(0.75)) } else { 0.01 };
            want += c * (a - f64::from(simd::dot(w.row(i), h.row(j)))).powi(2);
        }
    }
    assert!((got.losses[1] * 72.0 / want - 1.0).abs() < 1e-4, "{} {want}", got.losses[1] * 72.0);
}
