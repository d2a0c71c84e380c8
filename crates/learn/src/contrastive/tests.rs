use vectory_core::{Context, simd};

use super::*;
use crate::checkpoint::Checkpoint;
use crate::vocabulary::{Corpus, CorpusBuilder, CorpusParams, Tokenizer};
use crate::word2vec::{Architecture, TrainError, WordParams};

/// Two groups of words that never meet.
fn groups() -> Corpus {
    let mut b = CorpusBuilder::new(&CorpusParams { min_count: 1, ..CorpusParams::default() }).unwrap();
    for i in 0..3000 {
        let word = |j: usize| format!("{}{}", ["a", "b"][i % 2], vectory_core::rng::mix((i * 16 + j) as u64) % 10);
        b.add(&(0..8).map(word).collect::<Vec<_>>().join(" ")).unwrap();
    }
    b.finish("test").unwrap()
}

fn params(epochs: usize) -> ContrastiveParams {
    let d = ContrastiveParams::default();
    ContrastiveParams { training: WordParams { dim: 9, epochs, sample: 0.0, deterministic: true, ..d.training }, ..d }
}

#[test]
fn groups_part_the_loss_falls_and_threads_do_not_matter() {
    let c = groups();
    let learn = |epochs, threads| {
        train(&c, Tokenizer::default(), &params(epochs), &Checkpoint::none(), &Context::new(5, threads).unwrap())
            .unwrap()
    };
    let ((_, first), (one, report), (three, _)) = (learn(1, 1), learn(6, 1), learn(6, 3));
    let v = one.word_vectors();
    assert_eq!(v.as_slice(), three.word_vectors().as_slice());
    assert!(report.training.loss < first.training.loss && report.idle > 0.1 && report.idle < 0.9, "{report:?}");
    assert!(v.iter().all(|r| (simd::norm(r) - 1.0).abs() < 1e-4));
    let words: Vec<&str> = c.vocabulary.words().collect();
    let mean = |same: bool| {
        let pairs = (0..20).flat_map(|i| (0..i).map(move |j| (i, j)));
        let cosines: Vec<f32> = pairs
            .filter(|(i, j)| (words[*i][..1] == words[*j][..1]) == same)
            .map(|(i, j)| simd::cosine(v.row(i), v.row(j)))
            .collect();
        cosines.iter().sum::<f32>() / cosines.len() as f32
    };
    // Farther than the margin: the push weighs more than the pull.
    assert!(mean(true) > mean(false) + params(1).margin, "{} {}", mean(true), mean(false));
}

#[test]
fn settings_out_of_range_are_named() {
    let fails = |p: &ContrastiveParams, field: &str| match p.check() {
        Err(TrainError::Param { field: found, .. }) => assert_eq!(found, field),
        other => panic!("{field}: {other:?}"),
    };
    let (p, t) = (params(1), params(1).training);
    fails(&ContrastiveParams { margin: 0.0, ..p.clone() }, "margin");
    fails(&ContrastiveParams { repel: f32::NAN, ..p.clone() }, "repel");
    fails(&ContrastiveParams { training: WordParams { negative: 0, ..t.clone() }, ..p.clone() }, "negative");
    fails(&ContrastiveParams { training: WordParams { architecture: Architecture::Cbow, ..t }, ..p }, "training");
}
