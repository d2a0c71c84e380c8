//! Distillation from end to end with a teacher that needs no weights: a bag of words with a fixed direction a word.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicUsize, Ordering};

use rand::RngExt;
use vectory_core::{Context, Encode, EncodeError, Metric, Vectors, hash, rng};
use vectory_neural::distill::pieces::Article;
use vectory_neural::distill::{DistillError, DistillParams, Student, TrainParams, distill};
use vectory_text::{WordPiece, WordPieceParams};

const DIM: usize = 12;

#[derive(Default)]
struct Teacher {
    read: AtomicUsize,
}

impl Encode for Teacher {
    fn name(&self) -> &str {
        "bag"
    }
    fn dim(&self) -> usize {
        DIM
    }
    fn metric(&self) -> Metric {
        Metric::Cosine
    }
    fn fingerprint(&self) -> String {
        "bag:1".into()
    }
    fn encode(&self, texts: &[&str], _: &Context) -> Result<Vectors, EncodeError> {
        self.read.fetch_add(texts.len(), Ordering::Relaxed);
        let mut out = Vectors::zeros(texts.len(), DIM);
        for (i, text) in texts.iter().enumerate() {
            for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
                let mut draw = rng::item(1, "teacher", hash::fnv1a(word.to_lowercase().as_bytes()));
                out.row_mut(i).iter_mut().for_each(|v| *v += draw.random_range(-1.0f32..1.0));
            }
        }
        out.normalize();
        Ok(out)
    }
}

fn vocabulary() -> Vec<String> {
    let letters = ["ba", "de", "fi", "go", "ku", "la", "me", "no"];
    let words = letters.iter().flat_map(|a| letters.iter().map(move |b| format!("{a}{b}x")));
    ["[UNK]", "[unused1]", ".", "\u{4e00}"].map(String::from).into_iter().chain(words).collect()
}

fn articles() -> Vec<std::io::Result<Article>> {
    let vocabulary = vocabulary();
    let mut draw = rng::stream(4, "text");
    let mut sentence = |n: usize| {
        let words: Vec<&str> = (0..n).map(|_| vocabulary[draw.random_range(4..vocabulary.len())].as_str()).collect();
        format!("{}.", words.join(" "))
    };
    (0..60)
        .map(|i| Ok(Article { title: format!("Title {i}"), paragraphs: (0..4).map(|j| sentence(8 + j)).collect() }))
        .collect()
}

fn run(teacher: &Teacher, threads: usize, params: &DistillParams) -> Result<Student, DistillError> {
    let words = WordPiece::from_vocab(vocabulary(), WordPieceParams::default()).unwrap();
    distill(teacher, &words, articles().into_iter(), params, &Context::new(9, threads).unwrap())
}

fn params() -> DistillParams {
    let mut params = DistillParams { dim: DIM, held_out: 0.1, ..DistillParams::default() };
    params.keywords.texts = 200;
    // Its own training: the defaults are tuned to sentences of a whole language, not to 64 words.
    params.train = TrainParams { epochs: 10, batch: 32, rate: 0.02, ..TrainParams::default() };
    params.train.loss.similarity = 0.1;
    params
}

#[test]
fn the_student_follows_its_teacher_and_no_thread_count_changes_it() {
    let one = run(&Teacher::default(), 1, &params()).unwrap();
    let last = one.summary.cosines[one.summary.cosines.len() - 1];
    assert!(last > 0.95 && last > one.summary.cosines[0], "{:?}", one.summary);
    assert!(!one.tokens.iter().any(|t| t == "[unused1]" || t == "\u{4e00}"), "tokens that cannot matter are left out");
    let two = run(&Teacher::default(), 2, &params()).unwrap();
    assert_eq!(one.rows.as_slice(), two.rows.as_slice());
    let ctx = Context::new(0, 1).unwrap();
    let encoder = one.encoder("small").unwrap();
    let texts = ["badex lamex nonox kukux", "gogox fidex"];
    let (ours, theirs) = (encoder.encode(&texts, &ctx).unwrap(), Teacher::default().encode(&texts, &ctx).unwrap());
    assert_eq!((ours.rows(), ours.dim(), theirs.dim()), (2, DIM, DIM));
}

#[test]
fn a_second_run_reads_nothing_again() {
    let dir = tempfile::tempdir().unwrap();
    let params = DistillParams { cache: Some(dir.path().join("t.cache")), ..params() };
    let teacher = Teacher::default();
    let first = run(&teacher, 1, &params).unwrap();
    let read = teacher.read.swap(0, Ordering::Relaxed);
    let second = run(&teacher, 1, &params).unwrap();
    assert!(read > 0);
    assert_eq!(teacher.read.load(Ordering::Relaxed), 0);
    assert_eq!(first.rows.as_slice(), second.rows.as_slice());
}

#[test]
fn bad_settings_and_too_little_text_are_named() {
    let err = run(&Teacher::default(), 1, &DistillParams { dim: DIM + 1, ..params() }).unwrap_err().to_string();
    assert!(err.contains("`dim`"), "{err}");
    let words = WordPiece::from_vocab(vocabulary(), WordPieceParams::default()).unwrap();
    let ctx = Context::new(0, 1).unwrap();
    let err = distill(&Teacher::default(), &words, articles().into_iter().take(1), &params(), &ctx).unwrap_err();
    assert!(matches!(err, DistillError::TooLittle { .. }), "{err}");
}
