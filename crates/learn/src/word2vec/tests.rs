use vectory_core::{Context, Encode, Vectors, simd};
use vectory_text::subwords::Subwords;

use super::phrases::{PhraseParams, Phrases};
use super::*;
use crate::checkpoint::Checkpoint;
use crate::vocabulary::{Corpus, CorpusBuilder, CorpusParams, Tokenizer};

fn ctx(threads: usize) -> Context {
    Context::new(7, threads).unwrap()
}

fn corpus(lines: impl IntoIterator<Item = String>) -> Corpus {
    let mut b = CorpusBuilder::new(&CorpusParams { min_count: 1, ..CorpusParams::default() }).unwrap();
    lines.into_iter().for_each(|l| b.add(&l).unwrap());
    b.finish("test").unwrap()
}

/// Two groups of words that never meet; `animal3` stands among animals only.
fn groups(lines: usize) -> Corpus {
    corpus((0..lines).map(|i| {
        let name = if i % 2 == 0 { "animal" } else { "metal" };
        let word = |j: usize| format!("{name}{}", vectory_core::rng::mix((i * 16 + j) as u64) % 10);
        (0..8).map(word).collect::<Vec<_>>().join(" ")
    }))
}

fn params() -> WordParams {
    WordParams { dim: 16, epochs: 5, sample: 0.0, rate: Some(0.1), share_negatives: Some(1), ..WordParams::default() }
}

fn learn(c: &Corpus, p: &WordParams, threads: usize) -> (Vectors, Report) {
    let (e, report) = train(c, Tokenizer::default(), p, &Checkpoint::none(), &ctx(threads)).unwrap();
    (e.word_vectors(), report)
}

/// Mean cosine within the groups less that between them.
fn gap(c: &Corpus, v: &Vectors) -> f32 {
    let (mut within, mut between) = ((0.0, 0.0), (0.0, 0.0));
    for (i, a) in c.vocabulary.words().enumerate() {
        for (j, b) in c.vocabulary.words().enumerate().skip(i + 1) {
            let sum = if a[..2] == b[..2] { &mut within } else { &mut between };
            *sum = (sum.0 + simd::cosine(v.row(i), v.row(j)), sum.1 + 1.0);
        }
    }
    within.0 / within.1 - between.0 / between.1
}

#[test]
fn every_kind_of_training_tells_the_groups_apart_and_lowers_the_loss() {
    let c = groups(3000);
    let grams = Some(Subwords { min_n: 3, max_n: 4, buckets: 500 });
    for architecture in [Architecture::SkipGram, Architecture::Cbow] {
        for loss in [LossKind::Negative, LossKind::Hierarchical] {
            for (subwords, deterministic) in [(None, false), (None, true), (grams, true)] {
                let p = WordParams { architecture, loss, subwords, deterministic, ..params() };
                // Threads without order lose each other's steps where all words are twenty.
                let threads = if deterministic { 2 } else { 1 };
                let first = learn(&c, &WordParams { epochs: 1, ..p.clone() }, threads).1;
                let (v, report) = learn(&c, &p, threads);
                assert!(gap(&c, &v) > 0.3, "{p:?}: {}", gap(&c, &v));
                assert!(report.loss < first.loss, "{p:?}: {} then {}", first.loss, report.loss);
            }
        }
    }
    let p = WordParams { architecture: Architecture::Cbow, position_weights: true, ..params() };
    assert!(gap(&c, &learn(&c, &p, 1).0) > 0.3);
}

#[test]
fn deterministic_means_the_same_for_any_number_of_threads() {
    let c = groups(2000);
    for architecture in [Architecture::SkipGram, Architecture::Cbow] {
        let p = WordParams { architecture, deterministic: true, epochs: 2, ..params() };
        let one = learn(&c, &p, 1).0;
        for threads in [2, 3] {
            assert_eq!(learn(&c, &p, threads).0.as_slice(), one.as_slice(), "{architecture:?} {threads}");
        }
    }
}

#[test]
fn an_interrupted_training_goes_on_where_it_was() {
    let c = groups(4000);
    let p = WordParams { deterministic: true, epochs: 4, ..params() };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("checkpoint");
    let whole = learn(&c, &p, 2).0;
    // The training is stopped as soon as it reports progress for the first time.
    struct Stop(std::sync::Arc<std::sync::atomic::AtomicBool>);
    impl vectory_core::Progress for Stop {
        fn begin(&self, _: &str, _: Option<u64>, _: &str) {}
        fn advance(&self, n: u64) {
            self.0.fetch_or(n > 0, std::sync::atomic::Ordering::SeqCst);
        }
        fn note(&self, _: &str) {}
        fn end(&self) {}
    }
    let first = ctx(2);
    let first = first.clone().with_progress(std::sync::Arc::new(Stop(first.cancel_flag())));
    let keep = Checkpoint { path: Some(path.clone()), resume: true };
    let stopped = train(&c, Tokenizer::default(), &p, &keep, &first);
    assert!(matches!(stopped, Err(TrainError::Cancelled(_))));
    assert!(path.exists());
    let other = WordParams { dim: 8, ..p.clone() };
    let refused = train(&c, Tokenizer::default(), &other, &keep, &ctx(2)).unwrap_err().to_string();
    assert!(refused.contains("a setting differs"), "{refused}");
    let (e, _) = train(&c, Tokenizer::default(), &p, &keep, &ctx(1)).unwrap();
    assert_eq!(e.word_vectors().as_slice(), whole.as_slice());
    assert!(path.exists(), "it is all that there is until the model is saved");
    keep.remove();
    assert!(!path.exists());
}

#[test]
fn unknown_words_have_vectors_where_there_are_ngrams() {
    let c = groups(2000);
    let subwords = Some(Subwords { min_n: 3, max_n: 5, buckets: 2000 });
    let p = WordParams { subwords, deterministic: true, ..params() };
    let (e, _) = train(&c, Tokenizer::default(), &p, &Checkpoint::none(), &ctx(2)).unwrap();
    let near = |a: &str, b: &str| simd::cosine(&e.vector(a).unwrap(), &e.vector(b).unwrap());
    assert!(near("animals", "animal1") > near("animals", "metal1") + 0.2);
    let rows = e.encode(&["animal1 animal2", "metal3"], &ctx(1)).unwrap();
    assert!(simd::cosine(rows.row(0), rows.row(1)) < 0.5);
}

#[test]
fn settings_and_corpora_that_teach_nothing_are_refused() {
    let c = groups(10);
    let refuse =
        |p: WordParams| train(&c, Tokenizer::default(), &p, &Checkpoint::none(), &ctx(1)).unwrap_err().to_string();
    assert!(refuse(WordParams { dim: 0, ..params() }).contains("dim is 0, expected 1 to 4096"));
    assert!(refuse(WordParams { rate: Some(f32::NAN), ..params() }).contains("rate"));
    assert!(refuse(WordParams { position_weights: true, ..params() }).contains("position_weights"));
    let one = corpus(["word word word".to_owned()]);
    let e = train(&one, Tokenizer::default(), &params(), &Checkpoint::none(), &ctx(1)).unwrap_err();
    assert!(e.to_string().contains("1 word(s), expected at least 2"), "{e}");
    // Control characters and lines of a single word are no trouble.
    let odd = corpus(["a\u{1}b \u{7f}".to_owned(), "c".to_owned(), String::new(), "a b".to_owned()]);
    learn(&odd, &params(), 2);
}

#[test]
fn phrases_are_found_joined_and_longer_in_a_second_pass() {
    let filler = |i: usize| format!("w{}", vectory_core::rng::mix(i as u64) % 400);
    let c = corpus((0..4000).map(|i| {
        let middle = if i % 40 == 0 { "new york city".into() } else { filler(i + 10_000) };
        format!("{} {} {middle} {} {}", filler(4 * i), filler(4 * i + 1), filler(4 * i + 2), filler(4 * i + 3))
    }));
    let p = PhraseParams { threshold: 20.0, ..PhraseParams::default() };
    let once = Phrases::find(&c, &p, &ctx(1)).unwrap();
    assert!(once.found.iter().take(2).any(|f| f.text == "new_york" && f.count == 100), "{:?}", once.found);
    let twice = Phrases::find(&c, &PhraseParams { passes: 2, ..p }, &ctx(1)).unwrap();
    let mut text = String::new();
    let mut each = |t: &str| {
        text.push_str(t);
        Ok(())
    };
    twice.rewrite(&c.stream, &mut each, &ctx(1)).unwrap();
    assert_eq!(text.matches("new_york_city").count(), 100);
    assert_eq!(text.lines().count(), 4000);
    assert!(Phrases::find(&c, &PhraseParams { passes: 0, ..PhraseParams::default() }, &ctx(1)).is_err());
}
