//! Inducers on made-up spaces.

use super::*;
use rand::RngExt;
use vectory_core::sparse::Csr;
use vectory_core::{Context, Vectors, rng, simd};

use crate::vocabulary::{Tokenizer, Vocabulary};

fn random(rows: usize, dim: usize, stage: &str) -> Vectors {
    let (mut v, mut r) = (Vectors::zeros(rows, dim), rng::stream(3, stage));
    v.as_mut_slice().iter_mut().for_each(|x| *x = r.random_range(-1.0..1.0));
    v
}

#[test]
fn contexts_weigh_distance_and_frequency() {
    let vocabulary = Vocabulary::new([("the", 1000), ("red", 10), ("car", 10)]);
    let rows = Vectors::from_slice(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], 3).unwrap();
    let plain = ContextParams { harmonic: false, sample: 0.0, ..ContextParams::default() };
    let of = |params: &ContextParams, texts: &[&str]| {
        let c = Contexts::new(&vocabulary, &rows, params.clone()).unwrap();
        c.of_texts("Blick", texts.iter().copied(), &Tokenizer::default())
    };
    // Unknown words and the word itself are passed over.
    let (v, met) = of(&plain, &["The red zzz blick car blick"]).unwrap();
    assert_eq!((v, met), (vec![1.0 / 3.0; 3], 6));
    let near = ContextParams { sample: 0.0, ..ContextParams::default() };
    let (v, _) = of(&near, &["the red blick"]).unwrap();
    assert!((v[1] / v[0] - 2.0).abs() < 1e-5, "{v:?}");
    let rare = ContextParams { harmonic: false, sample: 1e-2, ..ContextParams::default() };
    let (v, _) = of(&rare, &["the red blick"]).unwrap();
    assert!(v[1] > 5.0 * v[0], "{v:?}");
    assert!(of(&plain, &["nothing here", "blick"]).is_none());
    assert!(Contexts::new(&vocabulary, &rows, ContextParams { window: 0, ..plain }).is_err());
}

#[test]
fn means_from_counts_are_those_of_the_text() {
    let vocabulary = Vocabulary::new([("a", 2), ("b", 1), ("c", 1)]);
    let rows = random(3, 4, "rows");
    let c = Contexts::new(&vocabulary, &rows, ContextParams { sample: 0.0, ..ContextParams::default() }).unwrap();
    // "a b a c" in a window of 10, harmonic: row b has a 2 (1 + 1), c 1/2.
    let mut m = Csr::new(3);
    m.push_row([(0, 1.0), (1, 2.0), (2, 4.0 / 3.0)]);
    m.push_row([(0, 2.0), (2, 0.5)]);
    m.push_row([(0, 4.0 / 3.0), (1, 0.5)]);
    let means = c.of_counts(m.view(), &Context::new(1, 1).unwrap()).unwrap();
    let (want, _) = c.of_texts("b", ["a b a c"], &Tokenizer::default()).unwrap();
    for (g, w) in means.row(1).iter().zip(&want) {
        assert!((g - w).abs() < 1e-6);
    }
}

#[test]
fn a_linear_map_is_found() {
    let (means, map) = (random(200, 5, "means"), random(5, 5, "map"));
    let mut rows = Vectors::zeros(200, 5);
    for i in 0..200 {
        for k in 0..5 {
            rows.row_mut(i)[k] = simd::dot(means.row(i), map.row(k));
        }
    }
    let (counts, ctx) = (vec![100u64; 200], Context::new(1, 1).unwrap());
    let params = CarteParams { lambda: 1e-9, ..CarteParams::default() };
    let carte = Carte::fit(&rows, &means, &counts, &|i| i < 20, (&params, &ctx)).unwrap();
    assert_eq!(carte.words, 180);
    for (g, w) in carte.apply(&means).as_slice().iter().zip(rows.as_slice()) {
        assert!((g - w).abs() < 1e-3);
    }
    assert!(Carte::fit(&rows, &means, &counts, &|i| i > 3, (&params, &ctx)).is_err());
}

#[test]
fn forms_and_gates_learn() {
    let ctx = Context::new(1, 1).unwrap();
    // Words of a common ending share a direction.
    let words: Vec<String> = (0..60).map(|i| format!("st{i}{}", if i % 2 == 0 { "ness" } else { "ology" })).collect();
    let mut rows = random(60, 8, "noise");
    (0..60).for_each(|i| rows.row_mut(i)[0] = if i % 2 == 0 { 3.0 } else { -3.0 });
    let pairs = words.iter().map(String::as_str).zip(rows.iter());
    let form = FormModel::fit(pairs, 8, &FormParams::default(), &ctx).unwrap();
    assert!(form.vector("newness").unwrap()[0] > 0.5 && form.vector("newology").unwrap()[0] < -0.5);
    assert!(form.vector("qqqq").is_none());
    // Where form is noise, the gate trusts context.
    let (truth, noise) = (random(100, 8, "truth"), random(100, 8, "form"));
    let gate = Gate::fit(&truth, &noise, &truth, &GateParams::default(), &ctx).unwrap();
    assert!(gate.share(truth.row(0), noise.row(0)) > 0.8);
    let other = Gate::fit(&noise, &truth, &truth, &GateParams::default(), &ctx).unwrap();
    assert!(other.share(noise.row(0), truth.row(0)) < 0.2);
}

#[test]
fn the_gates_slope_is_that_of_finite_differences() {
    let (ctx, x) = (Context::new(1, 1).unwrap(), random(30, 4, "x"));
    let (form, truth) = (random(30, 4, "f"), random(30, 4, "t"));
    let gate = Gate::fit(&x, &form, &truth, &GateParams { epochs: 1, ..GateParams::default() }, &ctx).unwrap();
    let loss = |a: f32| -> f32 {
        (0..4).map(|k| (a * x.row(3)[k] + (1.0 - a) * form.row(3)[k] - truth.row(3)[k]).powi(2) / 2.0).sum()
    };
    let a = gate.share(x.row(3), form.row(3));
    let input = (a / (1.0 - a)).ln();
    let at = |h: f32| loss(1.0 / (1.0 + (-(input + h)).exp()));
    let want = (at(1e-2) - at(-1e-2)) / 2e-2;
    assert!((gate.slope(x.row(3), form.row(3), truth.row(3)) - want).abs() < 1e-3);
}
