//! Bounds hold on any texts, the vectors are those of the definitions, wrong input.

use proptest::prelude::*;

use super::*;

fn lexicon(words: usize) -> Lexicon {
    let mut r = rng::stream(4, "robustness tests");
    let mut vectors = Vectors::zeros(words, 5);
    vectors.as_mut_slice().iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
    Lexicon { vectors, idf: (0..words).map(|i| 0.5 + i as f64 / 10.0).collect() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_displacement_exceeds_its_bound(text in prop::collection::vec(0u32..30, 8..60), replaced in 1usize..6, seed in any::<u64>()) {
        let params = RobustnessParams { lengths: vec![8], replaced, texts: 3, trials: 4, ..RobustnessParams::default() };
        let ctx = Context::new(seed, 1).unwrap();
        for r in robustness(&[text], &lexicon(30), &params, &ctx).unwrap() {
            prop_assert!(r.moved[0].share <= 1.0 + 1e-9, "{:?} {:?}", r.vectorizer, r.moved[0]);
            prop_assert!(r.slope.is_none());
        }
    }
}

#[test]
fn displacements_are_those_of_the_definitions() {
    let lexicon = lexicon(6);
    let (a, b) = ([0u32, 1, 1, 2], [0u32, 1, 3, 2]);
    let apart = f64::from(simd::l2_sq(lexicon.vectors.row(1), lexicon.vectors.row(3))).sqrt();
    assert!((in_a_row(&a, &b, &lexicon) - apart).abs() < 1e-6);
    assert!((of_means(&a, &b, &lexicon) - apart / 4.0).abs() < 1e-6);
    let want = (lexicon.idf[1].powi(2) + lexicon.idf[3].powi(2)).sqrt() / 4.0;
    assert!((of_counts(&a, &b, &lexicon, false) - want).abs() < 1e-12);
    assert_eq!(of_counts(&a, &a, &lexicon, true), 0.0);
}

#[test]
fn an_inferred_vector_is_a_minimum() {
    let lexicon = lexicon(12);
    let q = paragraph::infer(&[1, 5, 5, 7], &lexicon, 0.2, None).unwrap();
    // Softmax of the scores: its mean plus ridge · q is the mean of the text's words.
    let scores: Vec<f64> =
        lexicon.vectors.iter().map(|r| r.iter().zip(&q).map(|(v, q)| f64::from(*v) * q).sum::<f64>().exp()).collect();
    let total: f64 = scores.iter().sum();
    for j in 0..5 {
        let word = |w: usize| f64::from(lexicon.vectors.row(w)[j]);
        let expected: f64 = (0..12).map(|w| scores[w] / total * word(w)).sum();
        let own = (word(1) + 2.0 * word(5) + word(7)) / 4.0;
        assert!((expected - own + 0.2 * q[j]).abs() < 1e-9, "dimension {j}");
    }
}

#[test]
fn wrong_input_is_named() {
    let ctx = Context::new(1, 1).unwrap();
    let p = RobustnessParams { lengths: vec![4], ..RobustnessParams::default() };
    let fails =
        |texts: &[Vec<u32>], l: &Lexicon, p: &RobustnessParams| robustness(texts, l, p, &ctx).unwrap_err().to_string();
    assert!(fails(&[vec![1; 9]], &lexicon(1), &p).contains("two words"));
    assert!(fails(&[vec![9; 9]], &lexicon(5), &p).contains("text 0"));
    assert!(fails(&[vec![1; 3]], &lexicon(5), &p).contains("long"));
    assert!(fails(&[vec![1; 9]], &lexicon(5), &RobustnessParams { replaced: 5, ..p.clone() }).contains("replaced"));
    let zero = Lexicon { idf: vec![0.0; 5], ..lexicon(5) };
    assert!(fails(&[vec![1; 9]], &zero, &p).contains("idf"));
}
