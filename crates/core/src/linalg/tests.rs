//! Gold values of numpy, scipy and scikit-learn, and properties.

use rand::RngExt;

use super::*;
use crate::{Context, Vectors, gold, rng};

fn ctx(threads: usize) -> Context {
    Context::new(7, threads).unwrap()
}

fn random(rows: usize, dim: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "linalg tests");
    let values: Vec<f32> = (0..rows * dim).map(|i| r.random_range(-1.0..1.0) * 0.7f32.powi((i % dim) as i32)).collect();
    Vectors::from_slice(&values, dim).unwrap()
}

#[test]
fn covariance_gold() {
    let x = gold::load("whitening/x").rows();
    let (_, c) = covariance(x.view(), &ctx(2)).unwrap();
    let want = gold::load("whitening/covariance");
    let scale = want.values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    assert!(c.data.iter().zip(&want.values).all(|(a, b)| (a - b).abs() < 1e-6 * scale));
}

#[test]
fn pca_gold_by_both_methods() {
    let x = gold::load("whitening/x").rows();
    let (components, projected) =
        (gold::load("whitening/pca5_components"), gold::load("whitening/pca5_abs_projection"));
    let ratio = gold::value("whitening", "pca5_explained_ratio");
    for method in [Method::Exact, Method::Randomized] {
        let pca = Pca::fit(x.view(), &PcaParams { dims: 5, method, ..PcaParams::default() }, &ctx(2)).unwrap();
        let got = pca.apply(x.view());
        for i in 0..5 {
            assert!((pca.explained()[i] - ratio[i].as_f64().unwrap()).abs() < 1e-6, "{method:?} {i}");
            for j in 0..12 {
                assert!(
                    (f64::from(pca.components.row(i)[j].abs()) - components.at(i, j).abs()).abs() < 1e-4,
                    "{method:?}"
                );
            }
        }
        for r in 0..x.rows() {
            for i in 0..5 {
                let (a, b) = (f64::from(got.row(r)[i].abs()), projected.at(r, i));
                assert!((a - b).abs() < 1e-3 * (1.0 + b), "{method:?} {r} {i}: {a} {b}");
            }
        }
    }
}

#[test]
fn whitened_rows_have_unit_variance_and_survive_the_file() {
    let x = random(900, 20, 1);
    let pca = Pca::fit(x.view(), &PcaParams { dims: 6, whiten: true, ..PcaParams::default() }, &ctx(2)).unwrap();
    let y = pca.apply_with(x.view(), &ctx(2)).unwrap();
    let (mean, c) = covariance(y.view(), &ctx(1)).unwrap();
    assert!(mean.iter().all(|m| m.abs() < 1e-5));
    for i in 0..6 {
        (0..6).for_each(|j| assert!((c.at(i, j) - f64::from(u8::from(i == j))).abs() < 1e-4, "{i} {j} {}", c.at(i, j)));
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.safetensors");
    pca.save(&path, serde_json::Value::Null).unwrap();
    assert_eq!(Pca::open(&path).unwrap().apply(x.view()).as_slice(), y.as_slice());
}

#[test]
fn randomized_finds_the_leading_space_of_wide_rows() {
    let x = random(400, 300, 2);
    let params = |method| PcaParams { dims: 8, method, ..PcaParams::default() };
    let a = Pca::fit(x.view(), &params(Method::Exact), &ctx(1)).unwrap();
    let b = Pca::fit(x.view(), &params(Method::Randomized), &ctx(2)).unwrap();
    for i in 0..8 {
        assert!((a.variances[i] / b.variances[i] - 1.0).abs() < 1e-6, "{i}: {} {}", a.variances[i], b.variances[i]);
    }
}

#[test]
fn the_same_for_any_threads() {
    let x = random(20_000, 9, 3);
    for method in [Method::Exact, Method::Randomized] {
        let run = |t| Pca::fit(x.view(), &PcaParams { dims: 3, method, ..PcaParams::default() }, &ctx(t)).unwrap();
        let (one, five) = (run(1), run(5));
        assert_eq!((one.variances, one.mean), (five.variances, five.mean));
        assert_eq!(one.components.as_slice(), five.components.as_slice());
    }
}

#[test]
fn ridge_gold_without_penalty_and_shrinkage_with() {
    let (x, y) = (gold::load("similarity/x").rows(), gold::load("similarity/y").rows());
    let fit = ridge(x.view(), y.view(), 0.0, true, &ctx(2)).unwrap();
    let predicted = fit.apply(x.view());
    let (mean, _) = covariance(y.view(), &ctx(1)).unwrap();
    let (mut left, mut total) = (0.0, 0.0);
    for i in 0..y.rows() {
        for (j, m) in mean.iter().enumerate() {
            left += f64::from(y.row(i)[j] - predicted.row(i)[j]).powi(2);
            total += (f64::from(y.row(i)[j]) - m).powi(2);
        }
    }
    let want = gold::value("similarity", "linear_regression_r2_x_to_y").as_f64().unwrap();
    assert!((1.0 - left / total - want).abs() < 1e-6, "{} {want}", 1.0 - left / total);
    let norm = |r: &Ridge| r.weights.data.iter().map(|w| w * w).sum::<f64>();
    assert!(norm(&ridge(x.view(), y.view(), 100.0, true, &ctx(1)).unwrap()) < 0.9 * norm(&fit));
}

#[test]
fn procrustes_gold() {
    let (x, y) = (gold::load("similarity/x").rows(), gold::load("similarity/y").rows());
    let p = procrustes(y.view(), x.view(), true, &ctx(2)).unwrap();
    let (want, number) =
        (gold::load("similarity/procrustes_rotation"), |n| gold::value("similarity", n).as_f64().unwrap());
    assert!((p.scale_sum / number("procrustes_scale_sum") - 1.0).abs() < 1e-6);
    assert!((p.disparity - number("procrustes_disparity")).abs() < 1e-6, "{}", p.disparity);
    // y has 12 dimensions: only they turn in one best way.
    for i in 0..12 {
        (0..16).for_each(|j| assert!((p.rotation.at(i, j) - want.at(i, j)).abs() < 1e-4, "{i} {j}"));
    }
}

#[test]
fn weights_count_as_repeated_rows() {
    let x = random(40, 5, 9);
    let weights: Vec<f64> = (0..40).map(|i| f64::from(i % 4)).collect();
    let times = (0..40).flat_map(|i| std::iter::repeat_n(x.row(i), i % 4));
    let repeated = Vectors::from_rows(times).unwrap();
    let (mean, c) = weighted_covariance(x.view(), &weights, &ctx(2)).unwrap();
    let (want_mean, want) = covariance(repeated.view(), &ctx(1)).unwrap();
    assert!(mean.iter().zip(&want_mean).all(|(a, b)| (a - b).abs() < 1e-12));
    assert!(c.data.iter().zip(&want.data).all(|(a, b)| (a - b).abs() < 1e-12));
    assert!(matches!(weighted_covariance(x.view(), &[0.0; 40], &ctx(1)), Err(LinalgError::Param { .. })));
    assert!(matches!(weighted_covariance(x.view(), &[1.0; 3], &ctx(1)), Err(LinalgError::Pairs { .. })));
}

#[test]
fn bad_rows_are_refused() {
    let mut x = random(10, 4, 4);
    assert!(matches!(
        Pca::fit(x.view(), &PcaParams::default(), &ctx(1)),
        Err(LinalgError::Param { field: "dims", .. })
    ));
    let none = Vectors::zeros(0, 4);
    assert!(matches!(covariance(none.view(), &ctx(1)), Err(LinalgError::TooFew { .. })));
    let pairs = ridge(x.view(), none.view(), 1.0, true, &ctx(1));
    assert!(matches!(pairs, Err(LinalgError::Pairs { x: 10, y: 0 })));
    assert!(matches!(ridge(x.view(), x.view(), -1.0, true, &ctx(1)), Err(LinalgError::Param { field: "lambda", .. })));
    x.row_mut(2)[1] = f32::NAN;
    assert!(matches!(covariance(x.view(), &ctx(1)), Err(LinalgError::NonFinite { row: 2, dim: 1 })));
}
