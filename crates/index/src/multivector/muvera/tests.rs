use proptest::prelude::*;
use rand::RngExt;
use vectory_core::repr::Multi;
use vectory_core::vectors::normalize;
use vectory_core::{Context, Vectors, rng};

use super::*;

fn bag(n: usize, dim: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(seed, "muvera tests");
    let mut v = Vectors::zeros(n, dim);
    v.as_mut_slice().iter_mut().for_each(|x| *x = r.random_range(-1.0..1.0));
    v.as_mut_slice().chunks_exact_mut(dim).for_each(normalize);
    v
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[test]
fn without_cuts_the_encoding_is_sum_and_mean() {
    let params = MuveraParams { repetitions: 1, k_sim: 0, d_proj: 8, ..MuveraParams::default() };
    let encoder = Encoder::new(params, 8, 1).unwrap();
    let (q, d) = (bag(3, 8, 1), bag(4, 8, 2));
    let sum = |v: &Vectors, j: usize| v.iter().map(|r| r[j]).sum::<f32>();
    for j in 0..8 {
        assert!((encoder.query(q.view())[j] - sum(&q, j)).abs() < 1e-5);
        assert!((encoder.document(d.view())[j] - sum(&d, j) / 4.0).abs() < 1e-5);
    }
}

#[test]
fn a_lone_token_fills_every_part_so_that_the_product_is_exact() {
    let params = MuveraParams { repetitions: 3, k_sim: 4, d_proj: 16, ..MuveraParams::default() };
    let encoder = Encoder::new(params, 16, 5).unwrap();
    let (q, d) = (bag(5, 16, 3), bag(1, 16, 4));
    let want: f32 = q.iter().map(|t| dot(t, d.row(0))).sum();
    let got = dot(&encoder.query(q.view()), &encoder.document(d.view())) / 3.0;
    assert!((got - want).abs() < 1e-4, "{got} {want}");
    let empty = MuveraParams { fill_empty: false, ..params };
    let document = Encoder::new(empty, 16, 5).unwrap().document(d.view());
    assert_eq!(document.iter().filter(|v| **v != 0.0).count(), 3 * 16);
}

#[test]
fn projection_and_sketch_keep_products_on_average() {
    let (q, d) = (bag(4, 64, 7), bag(6, 64, 8));
    let of = |params: MuveraParams, seed| {
        let e = Encoder::new(params, 64, seed).unwrap();
        f64::from(dot(&e.query(q.view()), &e.document(d.view()))) / params.repetitions as f64
    };
    let plain = MuveraParams { repetitions: 40, k_sim: 2, d_proj: 64, ..MuveraParams::default() };
    let mean = |p: MuveraParams| (0..30).map(|s| of(p, s)).sum::<f64>() / 30.0;
    let exact = mean(plain);
    let thrown = mean(MuveraParams { d_proj: 16, ..plain });
    let sketched = mean(MuveraParams { d_final: Some(2048), ..plain });
    assert!((thrown - exact).abs() < 0.15 && (sketched - exact).abs() < 0.15, "{exact} {thrown} {sketched}");
    assert_eq!(Encoder::new(MuveraParams { d_final: Some(100), ..plain }, 64, 1).unwrap().query(q.view()).len(), 100);
}

#[test]
fn parameters_out_of_range_are_named() {
    let say = |p: MuveraParams| Encoder::new(p, 8, 1).err().map(|e| e.to_string()).unwrap_or_default();
    let d = MuveraParams::default();
    assert!(say(MuveraParams { repetitions: 0, ..d }).contains("repetitions"));
    assert!(say(MuveraParams { k_sim: 13, ..d }).contains("k_sim"));
    assert!(say(MuveraParams { d_proj: 0, ..d }).contains("d_proj"));
    assert!(say(MuveraParams { d_final: Some(0), ..d }).contains("d_final"));
    assert!(Encoder::new(d, 0, 1).is_err());
    let none = Encoder::new(d, 8, 1).unwrap();
    let nothing = Vectors::zeros(0, 8);
    assert!(none.document(nothing.view()).iter().all(|v| *v == 0.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn many_documents_are_encoded_as_one_by_one(lengths in proptest::collection::vec(0u32..7, 1..12), seed in any::<u64>()) {
        let rows = bag(lengths.iter().sum::<u32>() as usize, 12, seed);
        let multi = Multi::new(&lengths, rows).unwrap();
        let encoder = Encoder::new(MuveraParams { repetitions: 3, k_sim: 3, d_proj: 4, ..MuveraParams::default() }, 12, seed).unwrap();
        let all = encoder.documents(multi.view(), &Context::new(1, 2).unwrap()).unwrap();
        for d in 0..lengths.len() {
            prop_assert_eq!(all.row(d), &encoder.document(multi.view().item(d))[..]);
        }
    }
}
