//! Values known in closed form, the local against the exact weights, bad input.

use rand::RngExt;
use vectory_core::stats::{roc_auc, spearman};
use vectory_core::{Vectors, rng};

use super::*;

fn ctx() -> Context {
    Context::new(3, 2).unwrap()
}

fn square(n: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "magnitude tests");
    let values: Vec<f32> = (0..2 * n).map(|_| r.random_range(-1.0..1.0)).collect();
    Vectors::from_slice(&values, 2).unwrap()
}

#[test]
fn points_on_a_line_have_the_known_weights() {
    // Of points on a line, (1 + tanh(t g / 2)) / 2 for each gap g beside them, summed, less what an inner point counts twice.
    let places = [0.0f32, 0.5, 0.7, 2.0];
    let x = Vectors::from_slice(&places, 1).unwrap();
    let t = 1.7;
    let params = MagnitudeParams { scale: Scale::Fixed(t), smoothing: 1e-9, ..MagnitudeParams::default() };
    let found = weights(x.view(), &params, &ctx()).unwrap();
    let half = |i: usize| (t * f64::from(places[i + 1] - places[i]) / 2.0).tanh() / 2.0;
    let want = [0.5 + half(0), half(0) + half(1), half(1) + half(2), half(2) + 0.5];
    for (f, w) in found.weights.iter().zip(want) {
        assert!((f - w).abs() < 1e-5, "{:?}, expected {want:?}", found.weights);
    }
    assert!(found.exact && found.below(&[1e9, -1e9]) == [1.0, 0.0]);
    // On a line only the two beside a point matter, so that few neighbours give the same.
    let local = MagnitudeParams { neighbors: 2, exact: 0, ..params };
    let near = weights(x.view(), &local, &ctx()).unwrap();
    assert!(!near.exact && (near.weights[1] - want[1]).abs() < 1e-5, "{:?}", near.weights);
}

#[test]
fn the_curve_runs_from_one_to_the_number_of_different_rows() {
    let mut x = square(150, 4);
    (0..50).for_each(|i| x.as_mut_slice().copy_within(2 * i..2 * i + 2, 2 * (i + 100)));
    let c = curve(x.view(), &ctx()).unwrap();
    let (first, last) = (c.points[0].1, c.points[c.points.len() - 1].1);
    assert!((1.0..1.05).contains(&first) && (95.0..=100.01).contains(&last), "{first} {last}");
    assert!(c.points.windows(2).all(|w| w[1].1 > w[0].1), "magnitude grows with the scale: {:?}", c.points);
    assert!((0.7..2.2).contains(&c.dimension) && c.at_unit > 1.0, "{} {}", c.dimension, c.at_unit);
}

#[test]
fn edges_weigh_most_and_neighbours_suffice() {
    let x = square(1200, 5);
    let exact = weights(x.view(), &MagnitudeParams::default(), &ctx()).unwrap();
    let local = weights(x.view(), &MagnitudeParams { exact: 0, ..MagnitudeParams::default() }, &ctx()).unwrap();
    let edge: Vec<bool> = x.iter().map(|r| r[0].abs().max(r[1].abs()) > 0.95).collect();
    assert!(roc_auc(&edge, &exact.weights).unwrap() > 0.9);
    assert!(spearman(&exact.weights, &local.weights).unwrap() > 0.9);
    let new = Vectors::from_slice(&[0.0, 0.1, 3.0, 3.0], 2).unwrap();
    let scored = weights_of_new(x.view(), new.view(), exact.scale, &MagnitudeParams::default(), &ctx()).unwrap();
    assert!(exact.below(&scored)[0] < 0.9 && scored[1] > 0.49, "{scored:?}");
    assert!((local.below(&scored)[1] - 1.0).abs() < 1e-12);
}

#[test]
fn equal_rows_and_wrong_input() {
    let same = Vectors::from_slice(&[1.0; 40], 2).unwrap();
    let found = weights(same.view(), &MagnitudeParams::default(), &ctx()).unwrap();
    assert!(found.weights.iter().all(|w| (w - found.weights[0]).abs() < 1e-9 && w.is_finite()));
    assert!(curve(same.view(), &ctx()).unwrap_err().to_string().contains("equal"));
    let nan = Vectors::from_slice(&[0.0, f32::NAN, 1.0, 1.0], 2).unwrap();
    assert!(weights(nan.view(), &MagnitudeParams::default(), &ctx()).unwrap_err().to_string().contains("row 0"));
    let wrong = MagnitudeParams { scale: Scale::Fixed(0.0), ..MagnitudeParams::default() };
    assert!(weights(same.view(), &wrong, &ctx()).unwrap_err().to_string().contains("scale"));
    assert!(weights(same.view().slice(0, 1), &MagnitudeParams::default(), &ctx()).is_err());
}
