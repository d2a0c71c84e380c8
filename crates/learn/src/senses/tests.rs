use rand::RngExt;
use vectory_core::{Context, rng};

use super::*;
use crate::checkpoint::Checkpoint;
use crate::vocabulary::{Corpus, CorpusBuilder, CorpusParams, Tokenizer};
use crate::word2vec::WordParams;

fn ctx(threads: usize) -> Context {
    Context::new(5, threads).unwrap()
}

/// Two subjects; `bank` belongs to both.
fn line(i: u64) -> String {
    let mut r = rng::item(1, "line", i);
    let name = ["money", "river"][(i % 2) as usize];
    let mut words: Vec<String> = (0..8).map(|_| format!("{name}{}", r.random_range(0..12))).collect();
    words[4] = "bank".into();
    words.join(" ")
}

fn corpus() -> Corpus {
    let mut b = CorpusBuilder::new(&CorpusParams { min_count: 1, ..CorpusParams::default() }).unwrap();
    (0..3000).for_each(|i| b.add(&line(i)).unwrap());
    b.finish("test").unwrap()
}

fn params() -> SenseParams {
    let training =
        WordParams { dim: 10, epochs: 10, rate: Some(0.05), sample: 0.0, deterministic: true, ..WordParams::default() };
    SenseParams { senses: 3, training, ..SenseParams::default() }
}

#[test]
fn a_word_of_two_subjects_has_a_sense_for_each_and_saved_models_guess_the_same() {
    let c = corpus();
    let (model, report) = train(&c, Tokenizer::default(), &params(), &Checkpoint::none(), &ctx(2)).unwrap();
    assert!(report.loss.is_finite());
    let likeliest = |text: &str| {
        let q = model.sense("bank", text).unwrap();
        assert!((q.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        (0..3).max_by(|a, b| q[*a].total_cmp(&q[*b])).unwrap()
    };
    let (mut hits, senses) = (0, [likeliest("money1 money2 bank money3"), likeliest("river1 river2 bank river3")]);
    assert_ne!(senses[0], senses[1]);
    for i in 5000..5100 {
        hits += usize::from(likeliest(&line(i)) == senses[(i % 2) as usize]);
    }
    assert!(hits >= 80, "{hits} of 100");
    let bank = model.vocabulary().id("bank").unwrap();
    assert!((model.senses(bank).iter().map(|s| s.share).sum::<f32>() - 1.0).abs() < 1e-4);
    assert!(model.senses(bank).iter().all(|s| s.share >= 0.05));
    assert!(model.senses(bank).is_sorted_by(|a, b| a.number < b.number && a.share >= b.share));
    let most = |id| model.senses(id).first().map(|s| s.number);
    assert!((0..model.vocabulary().len() as u32).all(|id| most(id) == Some(0)), "a word without its first sense");
    assert!(model.sense("unseen", "money1").is_none());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.safetensors");
    model.save(&path).unwrap();
    let again = Senses::open(&path).unwrap();
    assert_eq!(again.sense("bank", "money1 bank money3"), model.sense("bank", "money1 bank money3"));
    let e = again.embedding().unwrap();
    assert_eq!(
        e.vector(&format!("bank#{}", senses[0])).unwrap(),
        model.senses(bank).iter().find(|s| s.number == senses[0]).unwrap().vector
    );
    let (other, _) = train(&c, Tokenizer::default(), &params(), &Checkpoint::none(), &ctx(1)).unwrap();
    assert_eq!(other.sense("bank", "money1 bank"), model.sense("bank", "money1 bank"), "depends on threads");
}

#[test]
fn settings_out_of_range_are_named() {
    let c = corpus();
    let fails = |p: SenseParams, part: &str| {
        let err = train(&c, Tokenizer::default(), &p, &Checkpoint::none(), &ctx(1)).err().unwrap().to_string();
        assert!(err.contains(part), "{err}");
    };
    fails(SenseParams { senses: 0, ..params() }, "senses is 0");
    fails(SenseParams { last_temperature: 0.0, ..params() }, "last_temperature");
    fails(SenseParams { prune: 0.5, ..params() }, "prune");
}
