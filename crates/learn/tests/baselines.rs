//! A small training of every learner beside figures that were written down (`baselines.json`): what a change of the code was not meant
//! to change stays as it was. The figures are our own; those of other programs are in `gold/`.
//!
//! Figures that are to change: `VECTORY_BASELINES=write cargo test --release -p vectory-learn --test baselines`, and look at the
//! difference before it is committed.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use vectory_core::{Context, Vectors, rng, simd};
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::contrastive::{self, ContrastiveParams};
use vectory_learn::documents::binary::{self, BinaryParams};
use vectory_learn::documents::classifier::{self, ClassifierParams, Labelled};
use vectory_learn::documents::lda2vec::{self, Lda2VecParams};
use vectory_learn::documents::paragraph::{self, Mode, ParagraphParams};
use vectory_learn::documents::sent2vec::{self, Sent2VecParams};
use vectory_learn::senses::{self, SenseParams};
use vectory_learn::vocabulary::{Corpus, CorpusBuilder, CorpusParams, Tokenizer};
use vectory_learn::word2vec::{self, Architecture, LossKind, WordParams};
use vectory_learn::words::cooccurrence::{self, CooccurrenceParams};
use vectory_learn::words::{Learner, glove, ppmi, pu, squared_norm, swivel};
use vectory_text::subwords::Subwords;

const TOPICS: usize = 3;
const LINES: usize = 600;
const EPOCHS: usize = 6;

/// By name, in a learner.
type Figures = BTreeMap<String, f64>;

#[derive(Deserialize, Serialize)]
struct Baselines {
    about: String,
    /// How far a loss may be off, as a share of it, and any other figure, as a share of it or of 1, whichever is larger.
    tolerance: f64,
    learners: BTreeMap<String, Figures>,
}

/// Texts of three topics in turn: words of the topic, the first ones most often, and some that all share.
fn texts() -> Vec<String> {
    let word = |i: usize, j: usize| {
        let r = rng::mix((i * 64 + j) as u64) as f64 / u64::MAX as f64;
        let rank = (r * r * 14.0) as usize;
        if rng::mix((i * 64 + j) as u64 ^ 77).is_multiple_of(4) {
            format!("all{}", rank / 2)
        } else {
            name(i % TOPICS, rank)
        }
    };
    (0..LINES).map(|i| (0..10).map(|j| word(i, j)).collect::<Vec<_>>().join(" ")).collect()
}

fn name(topic: usize, rank: usize) -> String {
    format!("{}{rank}", ["sea", "hill", "town"][topic])
}

fn corpus() -> Corpus {
    let mut b = CorpusBuilder::new(&CorpusParams { min_count: 1, ..CorpusParams::default() }).unwrap();
    texts().iter().for_each(|t| b.add(t).unwrap());
    b.finish("baselines").unwrap()
}

fn settings() -> WordParams {
    WordParams { dim: 16, epochs: EPOCHS, rate: Some(0.05), sample: 0.0, deterministic: true, ..WordParams::default() }
}

fn mean(values: impl Iterator<Item = f32>) -> f64 {
    let (sum, n) = values.fold((0.0, 0usize), |(s, n), v| (s + f64::from(v), n + 1));
    sum / n as f64
}

/// Lengths, and how alike words of one topic and of two topics are.
fn words(corpus: &Corpus, rows: &Vectors) -> Figures {
    let row = |topic, rank| rows.row(corpus.vocabulary.id(&name(topic, rank)).unwrap() as usize);
    let cosine = |a: (usize, usize), b: (usize, usize)| f64::from(simd::cosine(row(a.0, a.1), row(b.0, b.1)));
    let figures = [
        ("length", mean(rows.iter().map(simd::norm))),
        ("one topic, frequent", cosine((0, 0), (0, 1))),
        ("one topic, rare", cosine((1, 9), (1, 12))),
        ("one topic, both", cosine((2, 0), (2, 12))),
        ("two topics, frequent", cosine((0, 0), (1, 0))),
        ("two topics, rare", cosine((1, 11), (2, 10))),
    ];
    figures.into_iter().map(|(n, v)| (n.to_owned(), v)).collect()
}

/// The same of documents.
fn documents(rows: &Vectors) -> Figures {
    let alike = |step: usize| mean((0..90).map(|i| simd::cosine(rows.row(i), rows.row(i + step))));
    let figures =
        [("length", mean(rows.iter().map(simd::norm))), ("one topic", alike(TOPICS)), ("two topics", alike(1))];
    figures.into_iter().map(|(n, v)| (n.to_owned(), v)).collect()
}

/// Trains for one pass and for all of them: the loss falls.
fn falls(name: &str, mut train: impl FnMut(usize) -> (Figures, f64)) -> Figures {
    let (first, (mut figures, last)) = (train(1).1, train(EPOCHS));
    assert!(last < first, "{name}: a loss of {first} after one pass and of {last} after {EPOCHS}");
    figures.insert("loss after one pass".into(), first);
    figures.insert("loss at the end".into(), last);
    figures
}

type All = BTreeMap<String, Figures>;

fn sampled_words(c: &Corpus, ctx: &Context, all: &mut All) {
    let (cbow, paths) = (Architecture::Cbow, LossKind::Hierarchical);
    let grams = Some(Subwords { min_n: 2, max_n: 4, buckets: 500 });
    let kinds = [
        ("sgns", settings()),
        ("cbow", WordParams { architecture: cbow, ..settings() }),
        ("skip-gram, hierarchical", WordParams { loss: paths, ..settings() }),
        ("cbow, hierarchical", WordParams { architecture: cbow, loss: paths, ..settings() }),
        ("fasttext skip-gram", WordParams { subwords: grams, ..settings() }),
        ("fasttext cbow", WordParams { architecture: cbow, subwords: grams, ..settings() }),
        ("cbow, position weights", WordParams { architecture: cbow, position_weights: true, ..settings() }),
        ("sgns, subsampled", WordParams { sample: 0.01, ..settings() }),
    ];
    for (name, p) in kinds {
        let train = |epochs| {
            let p = WordParams { epochs, ..p.clone() };
            let (model, report) = word2vec::train(c, Tokenizer::default(), &p, &Checkpoint::none(), ctx).unwrap();
            (words(c, &model.word_vectors()), report.loss)
        };
        all.insert(name.into(), falls(name, train));
    }
    let train = |epochs| {
        let of = ContrastiveParams { training: WordParams { epochs, ..settings() }, ..ContrastiveParams::default() };
        let (model, report) = contrastive::train(c, Tokenizer::default(), &of, &Checkpoint::none(), ctx).unwrap();
        (words(c, &model.word_vectors()), report.training.loss)
    };
    all.insert("cwm".into(), falls("cwm", train));
}

fn from_counts(c: &Corpus, ctx: &Context, all: &mut All) {
    let counts = cooccurrence::count(c, Tokenizer::default(), &CooccurrenceParams::default(), ctx).unwrap();
    let (dim, epochs) = (16, EPOCHS);
    let learners = [
        ("glove", Learner::Glove(glove::GloveParams { dim, epochs, ..Default::default() })),
        ("swivel", Learner::Swivel(swivel::SwivelParams { dim, epochs, shard: 16, ..Default::default() })),
        ("ppmi", Learner::Ppmi(ppmi::PpmiParams { dim, ..Default::default() })),
        ("sn", Learner::Sn(squared_norm::SquaredNormParams { dim, epochs, ..Default::default() })),
        ("pu", Learner::Pu(pu::PuParams { dim, sweeps: epochs, ..Default::default() })),
    ];
    for (name, learner) in learners {
        let learned = learner.learn(&counts, &Checkpoint::none(), ctx).unwrap();
        let mut figures = words(c, &learned.vectors().sum());
        if let [first, .., last] = learned.vectors().losses[..] {
            assert!(last < first, "{name}: a loss of {first}, then {last}");
            figures.insert("loss of the first pass".into(), first);
            figures.insert("loss of the last pass".into(), last);
        }
        all.insert(name.into(), figures);
    }
}

fn of_documents(c: &Corpus, ctx: &Context, all: &mut All) {
    let (tokens, none) = (Tokenizer::default(), Checkpoint::none());
    for (name, mode, with_words) in
        [("pv-dm", Mode::Dm, false), ("pv-dbow", Mode::Dbow, false), ("pv-dbow with words", Mode::Dbow, true)]
    {
        let train = |epochs| {
            let training = WordParams { epochs, ..settings() };
            let p = ParagraphParams { mode, words: with_words, training, ..ParagraphParams::default() };
            let (model, report) = paragraph::train(c, tokens, &p, &none, ctx).unwrap();
            (documents(&model.documents()), report.loss)
        };
        all.insert(name.into(), falls(name, train));
    }
    let train = |epochs| {
        let training = WordParams { epochs, ..settings() };
        let p = BinaryParams { bits: 24, real: 8, training, ..BinaryParams::default() };
        let (model, report) = binary::train(c, tokens, &p, &none, ctx).unwrap();
        (documents(&model.documents().unwrap()), report.loss)
    };
    all.insert("binary".into(), falls("binary", train));
    let train = |epochs| {
        let training = WordParams { epochs, ..settings() };
        let p = Lda2VecParams { topics: TOPICS, word_epochs: 2, training, ..Lda2VecParams::default() };
        let (model, report) = lda2vec::train(c, tokens, &p, &none, ctx).unwrap();
        (documents(&model.mixtures()), report.loss)
    };
    all.insert("lda2vec".into(), falls("lda2vec", train));
    let train = |epochs| {
        let training = WordParams { epochs, ..settings() };
        let p = Sent2VecParams { buckets: 500, training, ..Sent2VecParams::default() };
        let (model, report) = sent2vec::train(c, tokens, &p, &none, ctx).unwrap();
        (words(c, &model.word_vectors()), report.loss)
    };
    all.insert("sent2vec".into(), falls("sent2vec", train));
    let train = |epochs| {
        let training = WordParams { epochs, ..settings() };
        let p = SenseParams { senses: 2, warm_epochs: 2, training, ..SenseParams::default() };
        let (model, report) = senses::train(c, tokens, &p, &none, ctx).unwrap();
        let model = model.embedding().unwrap();
        let rows: Vec<Vec<f32>> = c.vocabulary.words().map(|w| model.vector(&format!("{w}#0")).unwrap()).collect();
        let mut figures = words(c, &Vectors::from_rows(rows.iter().map(Vec::as_slice)).unwrap());
        // Which sense of a rare word is the first is decided by a hair.
        figures.remove("two topics, rare");
        (figures, report.loss)
    };
    all.insert("senses".into(), falls("senses", train));
}

fn of_labels(ctx: &Context, all: &mut All) {
    let label = |(i, text)| Labelled { labels: vec![format!("t{}", i % TOPICS)], text };
    let data: Vec<Labelled> = texts().into_iter().enumerate().map(label).collect();
    let words = ClassifierParams { dim: 8, rate: 0.05, deterministic: true, ..ClassifierParams::default() };
    let kinds = [
        ("classifier", ClassifierParams { word_ngrams: 2, buckets: 500, ..words.clone() }),
        ("bytesteady", ClassifierParams { bytes: vec![1, 2, 4, 8], buckets: 2000, ..words }),
    ];
    for (name, p) in kinds {
        let train = |epochs| {
            let p = ClassifierParams { epochs, ..p.clone() };
            let model = classifier::train(&data, Tokenizer::default(), &p, &Checkpoint::none(), ctx).unwrap();
            let said = model.predict(&data, TOPICS, ctx).unwrap();
            let own = |(text, said): (&Labelled, &Vec<classifier::Prediction>)| {
                said.iter().find(|s| s.label == text.labels[0]).map_or(1e-9, |s| s.probability)
            };
            let chances: Vec<f32> = data.iter().zip(&said).map(own).collect();
            let figures =
                [("chance of the label", mean(chances.iter().copied())), ("of the first text", f64::from(chances[0]))];
            (figures.map(|(n, v)| (n.to_owned(), v)).into(), mean(chances.iter().map(|p| -p.ln())))
        };
        all.insert(name.into(), falls(name, train));
    }
}

fn learn_all(threads: usize) -> All {
    let (c, ctx, mut all) = (corpus(), Context::new(11, threads).unwrap(), BTreeMap::new());
    sampled_words(&c, &ctx, &mut all);
    from_counts(&c, &ctx, &mut all);
    of_documents(&c, &ctx, &mut all);
    of_labels(&ctx, &mut all);
    all
}

#[test]
fn every_learner_comes_to_the_figures_that_were_written_down() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/baselines.json");
    let (one, two) = (learn_all(1), learn_all(2));
    assert_eq!(one, two, "a deterministic training depends on the number of threads");
    if std::env::var("VECTORY_BASELINES").is_ok_and(|v| v == "write") {
        let about = "Written by crates/learn/tests/baselines.rs with VECTORY_BASELINES=write. The tolerance is for instruction sets, which \
                     round differently; a change beyond it is a change of a learner.";
        let new = Baselines { about: about.into(), tolerance: 2e-3, learners: one };
        fs_err::write(&path, serde_json::to_string_pretty(&new).unwrap() + "\n").unwrap();
        println!("wrote {}", path.display());
        return;
    }
    let want: Baselines = serde_json::from_str(&fs_err::read_to_string(&path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for name in one.keys().chain(want.learners.keys().filter(|n| !one.contains_key(*n))) {
        let none = Figures::new();
        let (got, want_all) = (one.get(name).unwrap_or(&none), want.learners.get(name).unwrap_or(&none));
        for figure in got.keys().chain(want_all.keys().filter(|f| !got.contains_key(*f))) {
            let of = |all: &Figures| all.get(figure).copied().unwrap_or(f64::NAN);
            let (got, wanted) = (of(got), of(want_all));
            let scale = if figure.starts_with("loss") { wanted.abs() } else { wanted.abs().max(1.0) };
            let apart = (got - wanted).abs();
            if apart.is_nan() || apart > want.tolerance * scale {
                wrong.push(format!("{name}, {figure}: {got:.5}, written down is {wanted:.5}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "learners changed ({} kernels):\n{}\nIf that is meant, write the figures anew: VECTORY_BASELINES=write cargo test --release \
         -p vectory-learn --test baselines",
        simd::available(),
        wrong.join("\n")
    );
}
