//! Heads over a set whose hard region is known.

use rand::RngExt;
use vectory_core::{Vectors, rng};

use super::*;

/// Three directions; the fourth value says how much noise there is.
fn set(n: usize, seed: u64, names: [&str; 3]) -> Labelled {
    let mut r = rng::stream(seed, "url tests");
    let mut rows = Vectors::zeros(n, 8);
    let mut labels = Vec::new();
    for i in 0..n {
        let noise: f32 = r.random_range(0.1..2.0);
        rows.row_mut(i)[..7].iter_mut().for_each(|v| *v = noise * r.random_range(-1.0..1.0));
        rows.row_mut(i)[i % 3] += 1.5;
        rows.row_mut(i)[7] = 0.3 * noise;
        labels.push(names[i % 3]);
    }
    Labelled::new(rows, &labels).unwrap()
}

#[test]
fn a_loss_head_tells_hard_rows_by_the_noise_in_them() {
    let ctx = Context::new(4, 2).unwrap();
    let heads = Heads::fit(&set(900, 1, ["a", "b", "c"]), &HeadsParams::default(), &ctx).unwrap();
    let sets = [Downstream { name: "other".into(), given: Some(vec![0.0; 600]), set: set(600, 2, ["x", "y", "z"]) }];
    let found = url(&sets, Some(&heads), &ctx).unwrap();
    let of = |name: &str| found.iter().find(|j| j.quantifier == name).unwrap().worth.clone().unwrap();
    assert_eq!(found.len(), 5);
    assert!(of("predicted loss").r_auroc > 0.6, "{:?}", of("predicted loss"));
    assert!((of("given").r_auroc - 0.5).abs() < 1e-9, "a constant says nothing");
    assert!(of("predicted loss").bins.unwrap().spearman < -0.4);
}

#[test]
fn wrong_input_is_named() {
    let ctx = Context::new(4, 1).unwrap();
    let train = set(60, 1, ["a", "b", "c"]);
    assert!(Heads::fit(&train, &HeadsParams { width: 0, ..HeadsParams::default() }, &ctx).is_err());
    let heads = Heads::fit(&train, &HeadsParams { epochs: 1, ..HeadsParams::default() }, &ctx).unwrap();
    let narrow = Vectors::zeros(3, 5);
    assert!(heads.uncertainty(narrow.view(), Quantifier::Entropy, &ctx).unwrap_err().to_string().contains('5'));
    let short = [Downstream { name: "s".into(), given: Some(vec![1.0]), set: train }];
    assert!(url(&short, None, &ctx).is_err());
}
