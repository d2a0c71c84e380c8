use vectory_core::{Context, Encode, simd};

use super::*;
use crate::checkpoint::Checkpoint;
use crate::vocabulary::{CorpusBuilder, CorpusParams, Tokenizer};
use crate::word2vec::WordParams;

#[test]
fn sentences_of_a_topic_are_near_for_any_number_of_threads() {
    let mut b = CorpusBuilder::new(&CorpusParams { min_count: 1, ..CorpusParams::default() }).unwrap();
    let line = |i: u64| -> String {
        let name = if i.is_multiple_of(2) { "animal" } else { "metal" };
        (0..6).map(|j| format!("{name}{} ", vectory_core::rng::mix(i * 64 + j) % 12)).collect()
    };
    (0..3000).for_each(|i| b.add(&line(i)).unwrap());
    let c = b.finish("test").unwrap();
    let training = WordParams { dim: 10, sample: 0.0, deterministic: true, ..Sent2VecParams::default().training };
    let p = Sent2VecParams { buckets: 1000, training, ..Sent2VecParams::default() };
    let ctx = |n| Context::new(5, n).unwrap();
    let (e, report) = train(&c, Tokenizer::default(), &p, &Checkpoint::none(), &ctx(1)).unwrap();
    let (two, _) = train(&c, Tokenizer::default(), &p, &Checkpoint::none(), &ctx(2)).unwrap();
    assert_eq!(e.fingerprint(), two.fingerprint());
    assert!(report.loss < 11.0 * std::f64::consts::LN_2, "{report:?}");
    let texts: Vec<String> = (3000..3006).map(line).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let v = e.encode(&texts, &ctx(1)).unwrap();
    let cos = |i: usize, j: usize| simd::cosine(v.row(i), v.row(j));
    assert!(cos(0, 2) > cos(0, 1) + 0.3 && cos(1, 3) > cos(1, 2) + 0.3, "{} {} {}", cos(0, 2), cos(0, 1), cos(1, 3));
    let mut mean = vec![0.0; 10];
    e.mean("animal1 animal2", &mut mean);
    let words = [e.vector("animal1").unwrap(), e.vector("animal2").unwrap()];
    let plain: Vec<f32> = words[0].iter().zip(&words[1]).map(|(a, b)| (a + b) / 2.0).collect();
    assert!(simd::l2_sq(&plain, &mean) > 0.0, "runs of words count too");
    assert!(
        train(&c, Tokenizer::default(), &Sent2VecParams { word_ngrams: 0, ..p }, &Checkpoint::none(), &ctx(1)).is_err()
    );
}
