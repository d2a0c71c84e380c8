//! Gold values of mauve-text 0.4.0, and what every such score promises.

use rand::RngExt;
use vectory_core::{Context, Vectors, rng};
use vectory_io::vectors;

use super::*;

fn gold(name: &str) -> Vectors {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("gold/mauve").join(name);
    vectors::read_all(&path).unwrap().rows
}

fn cloud(rows: usize, shift: f32, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "mauve tests");
    let values: Vec<f32> =
        (0..rows * 8).map(|i| r.random_range(-1.0..1.0) + if i % 8 == 0 { shift } else { 0.0 }).collect();
    Vectors::from_slice(&values, 8).unwrap()
}

#[test]
fn scores_of_the_reference_histograms() {
    let values: serde_json::Value = serde_json::from_str(include_str!("../../gold/mauve/gold.json")).unwrap();
    let [p, q] =
        ["p_hist.npy", "q_hist.npy"].map(|f| gold(f).as_slice().iter().map(|v| f64::from(*v)).collect::<Vec<f64>>());
    // The files hold shares; the smoothed scores need the counts, of which there are as many as vectors.
    let counts = |h: &[f64], n: usize| -> Vec<f64> { h.iter().map(|s| (s * n as f64).round()).collect() };
    let (n, m) = (gold("p.npy").rows(), gold("q.npy").rows());
    let found = of_histograms(&counts(&p, n), &counts(&q, m), 5.0, 25);
    let got = [
        ("mauve", found.mauve),
        ("mauve_star", found.mauve_star),
        ("frontier_integral", found.frontier),
        ("frontier_integral_star", found.frontier_star),
    ];
    for (name, got) in got {
        let want = values["values"][name].as_f64().unwrap();
        assert!((got - want).abs() < 1e-4, "{name}: {got}, gold {want}");
    }
    let curve = gold("divergence_curve.npy");
    assert_eq!(curve.rows(), found.curve.len());
    for (x, y) in &found.curve {
        let near = |r: &&[f32]| (f64::from(r[0]) - x).abs() < 1e-4 && (f64::from(r[1]) - y).abs() < 1e-4;
        let turned = |r: &&[f32]| (f64::from(r[1]) - x).abs() < 1e-4 && (f64::from(r[0]) - y).abs() < 1e-4;
        assert!(
            curve.iter().any(|r| near(&r)) || curve.iter().any(|r| turned(&r)),
            "({x}, {y}) is not on the reference's curve"
        );
    }
}

#[test]
fn near_sets_score_high_far_ones_low_whoever_is_first() {
    let ctx = Context::new(1, 2).unwrap();
    let human = cloud(600, 0.0, 1);
    for by in [mauve, mauve_knn] {
        let score =
            |shift, seed| by(human.view(), cloud(600, shift, seed).view(), &MauveParams::default(), &ctx).unwrap();
        let values: Vec<f64> = [0.0, 0.5, 1.0, 3.0].map(|s| score(s, 2).mauve_star).to_vec();
        assert!(values.is_sorted_by(|a, b| a > b), "{values:?}");
        assert!(values[0] > 0.9 && values[3] < 0.1, "{values:?}");
        let frontier: Vec<f64> = [0.0, 0.5, 1.0, 3.0].map(|s| score(s, 2).frontier).to_vec();
        assert!(frontier.is_sorted() && frontier[3] <= 1.0, "{frontier:?}");
        let (ab, ba) = (
            by(human.view(), cloud(600, 1.0, 3).view(), &MauveParams::default(), &ctx).unwrap().mauve,
            by(cloud(600, 1.0, 3).view(), human.view(), &MauveParams::default(), &ctx).unwrap().mauve,
        );
        assert!((ab - ba).abs() < 0.05, "{ab} {ba}");
    }
    let same = of_histograms(&[3.0, 5.0, 2.0], &[3.0, 5.0, 2.0], 5.0, 25);
    assert!((same.mauve - 1.0).abs() < 1e-9 && same.frontier == 0.0 && same.middle == 0.0);
    let apart = of_histograms(&[3.0, 0.0], &[0.0, 7.0], 5.0, 25);
    assert!(apart.mauve < 0.01 && (apart.frontier - 1.0).abs() < 1e-9, "{apart:?}");
}

#[test]
fn the_same_for_any_threads_and_wrong_input_is_named() {
    let (p, q) = (cloud(100, 0.0, 1), cloud(80, 0.3, 2));
    let of = |threads| mauve(p.view(), q.view(), &MauveParams::default(), &Context::new(4, threads).unwrap()).unwrap();
    assert_eq!(of(1), of(3));
    let ctx = Context::new(4, 1).unwrap();
    let wrong = |params| mauve(p.view(), q.view(), &params, &ctx).unwrap_err().to_string();
    assert!(wrong(MauveParams { k: Some(1), ..Default::default() }).contains("k must be 2 or more"));
    assert!(wrong(MauveParams { variance: 0.0, ..Default::default() }).contains("variance"));
    let few = cloud(3, 0.0, 1);
    assert!(matches!(
        mauve(few.view(), q.view(), &MauveParams::default(), &ctx),
        Err(MauveError::TooFew { p: 3, q: 80 })
    ));
    let other = Vectors::zeros(10, 3);
    assert!(matches!(
        mauve(other.view(), q.view(), &MauveParams::default(), &ctx),
        Err(MauveError::Dim { p: 3, q: 8 })
    ));
}
