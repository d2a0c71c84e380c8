//! Another encoder in place: the old answers until the switch, the new ones after it, and nothing is done twice.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use std::path::Path;
use std::sync::Arc;

use common::{ctx, document, recipe, text};
use vectory_core::{Context, Encode, EncodeError, Metric, Vectors};
use vectory_space::{
    CheckLevel, EncodeRecipe, EncoderProvider, Faults, Query, Reembed, Reembedded, Space, Writer, WriterParams, check,
};

/// Two encoders: hashed words in 16 or in 24 values; the new one takes its time.
struct Two {
    /// Texts after which the new one fails.
    fails_after: Option<usize>,
    pause: std::time::Duration,
}

struct Hashed {
    dim: usize,
    fails_after: Option<usize>,
    pause: std::time::Duration,
    seen: std::sync::atomic::AtomicUsize,
}

impl Encode for Hashed {
    fn name(&self) -> &str {
        if self.dim == 16 { "old" } else { "new" }
    }
    fn dim(&self) -> usize {
        self.dim
    }
    fn metric(&self) -> Metric {
        Metric::Cosine
    }
    fn fingerprint(&self) -> String {
        format!("hashed-{}", self.dim)
    }
    fn encode(&self, texts: &[&str], _: &Context) -> Result<Vectors, EncodeError> {
        std::thread::sleep(self.pause);
        let seen = self.seen.fetch_add(texts.len(), std::sync::atomic::Ordering::Relaxed) + texts.len();
        if self.fails_after.is_some_and(|n| seen > n) {
            return Err(EncodeError::Cancelled(vectory_core::Cancelled));
        }
        let mut rows = Vectors::zeros(texts.len(), self.dim);
        for (i, text) in texts.iter().enumerate() {
            for word in text.split_whitespace() {
                let h = vectory_core::hash::fnv1a(word.as_bytes());
                rows.row_mut(i)[vectory_core::rng::mix(h) as usize % self.dim] += 1.0;
            }
        }
        rows.normalize();
        Ok(rows)
    }
}

impl EncoderProvider for Two {
    fn open(&self, spec: &str, _: &Path) -> Result<Arc<dyn Encode>, String> {
        let seen = std::sync::atomic::AtomicUsize::new(0);
        match spec {
            "default" => Ok(Arc::new(Hashed { dim: 16, fails_after: None, pause: std::time::Duration::ZERO, seen })),
            "new" => Ok(Arc::new(Hashed { dim: 24, fails_after: self.fails_after, pause: self.pause, seen })),
            other => Err(format!("no encoder {other}")),
        }
    }
}

fn two(fails_after: Option<usize>) -> Two {
    Two { fails_after, pause: std::time::Duration::ZERO }
}

fn made(path: &Path, documents: u64) {
    let params = WriterParams { max_segment: 4000, ..WriterParams::default() };
    let mut writer = Writer::create(path, &recipe(0, 50), &two(None), params).unwrap();
    for from in (0..documents).step_by(3000) {
        let docs: Vec<_> =
            (from..documents.min(from + 3000)).map(|i| document(&format!("d{i}"), "", &text(i, 12))).collect();
        writer.upsert(&docs, "", &ctx()).unwrap();
        writer.compact(&ctx()).unwrap();
    }
    writer.delete(&["d5", "d77"], &ctx()).unwrap();
    writer.commit(&ctx()).unwrap();
}

fn request<'a>(path: &'a Path, encoders: &'a Two) -> Reembed<'a> {
    Reembed { path, view: "meaning", model: "new".into(), encoders }
}

fn run(path: &Path, encoders: &Two) -> Result<Reembedded, vectory_space::WriteError> {
    request(path, encoders).run(WriterParams::default(), &ctx())
}

fn answers(path: &Path, view: &str) -> Vec<(String, f32)> {
    let space = Space::open(path, &two(None)).unwrap();
    let query = Query { k: 50, views: vec![view.into()], ..Query::new("w1 w5 w20 w300") };
    space.rank(&query, &ctx()).unwrap().into_iter().map(|r| (r.id, r.score)).collect()
}

fn healthy(path: &Path) {
    let report = check(path, CheckLevel::Full, &two(None), &ctx()).unwrap();
    assert!(report.is_healthy(), "{:?}", report.problems);
}

fn encoder_of(path: &Path) -> Option<String> {
    let info = Space::open(path, &two(None)).unwrap().info();
    info.views.into_iter().find(|v| v.name == "meaning").and_then(|v| v.encoder)
}

/// A space that was built by the new encoder from the beginning.
fn fresh(path: &Path, documents: u64) {
    let mut recipe = recipe(0, 50);
    recipe.views[1].encode = Some(EncodeRecipe { model: "new".into(), ..EncodeRecipe::default() });
    let mut writer = Writer::create(path, &recipe, &two(None), WriterParams::default()).unwrap();
    let docs: Vec<_> =
        (0..documents).filter(|i| *i != 5 && *i != 77).map(|i| document(&format!("d{i}"), "", &text(i, 12))).collect();
    writer.upsert(&docs, "", &ctx()).unwrap();
    writer.commit(&ctx()).unwrap();
}

#[test]
fn stopped_in_the_midst_the_old_answers_stay_and_the_next_run_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    made(&path, 9000);
    let before = answers(&path, "meaning");
    assert!(run(&path, &two(Some(5000))).unwrap_err().is_cancelled());
    assert_eq!(answers(&path, "meaning"), before, "the old state works");
    assert_eq!(encoder_of(&path).as_deref(), Some("old"));
    healthy(&path);
    // Someone writes meanwhile.
    let mut writer = Writer::open(&path, &two(None), WriterParams::default()).unwrap();
    writer.upsert(&[document("late", "", "w1 w5 w20 w300")], "", &ctx()).unwrap();
    writer.delete(&["late"], &ctx()).unwrap();
    writer.upsert(&[document("d77", "", &text(77, 12)), document("d5", "", &text(5, 12))], "", &ctx()).unwrap();
    writer.delete(&["d5", "d77"], &ctx()).unwrap();
    writer.optimize(&ctx()).unwrap();
    drop(writer);
    let words = answers(&path, "words");
    let done = run(&path, &two(None)).unwrap();
    assert!(done.resumed >= 4096 && done.encoded < 5000, "{done:?}");
    assert_eq!(encoder_of(&path).as_deref(), Some("new"));
    assert!(!path.join("reembed").exists(), "what was beside is gone");
    healthy(&path);
    let other = dir.path().join("fresh.space");
    fresh(&other, 9000);
    let exact = |path: &Path| {
        let space = Space::open(path, &two(None)).unwrap();
        let query = Query { k: 50, exact: true, views: vec!["meaning".into()], ..Query::new("w1 w5 w20 w300") };
        space.rank(&query, &ctx()).unwrap().into_iter().map(|r| (r.id, r.score)).collect::<Vec<_>>()
    };
    let scores = |path: &Path| exact(path).into_iter().map(|r| r.1).collect::<Vec<_>>();
    assert_eq!(scores(&path), scores(&other), "as if it had been built so");
    assert_eq!(answers(&path, "words"), words, "the other view is as it was");
    // It goes on with the new encoder, and a second time there is nothing to do.
    let mut writer = Writer::open(&path, &two(None), WriterParams::default()).unwrap();
    writer.upsert(&[document("after", "", "w1 w5 w20 w300")], "", &ctx()).unwrap();
    writer.optimize(&ctx()).unwrap();
    drop(writer);
    assert_eq!(answers(&path, "meaning")[0].0, "after");
    assert!(run(&path, &two(None)).unwrap_err().to_string().contains("already"));
}

#[test]
fn a_switch_that_fails_at_any_step_leaves_the_old_state() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    made(&path, 400);
    let before = answers(&path, "meaning");
    for fail_at in 0.. {
        let step = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let faults = Faults::new(move |_| match step.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < fail_at {
            true => Ok(()),
            false => Err(std::io::Error::new(std::io::ErrorKind::StorageFull, "no space left")),
        });
        let encoders = two(None);
        match request(&path, &encoders).run(WriterParams { faults, ..WriterParams::default() }, &ctx()) {
            Ok(done) => {
                assert!(fail_at >= 4, "a switch has several steps");
                assert_eq!(
                    (done.encoded, encoder_of(&path).as_deref()),
                    (0, Some("new")),
                    "only the last step was left"
                );
                break;
            }
            Err(e) => {
                assert!(e.to_string().contains("no space left"), "{e}");
                assert_eq!((answers(&path, "meaning"), encoder_of(&path).as_deref()), (before.clone(), Some("old")));
                healthy(&path);
            }
        }
    }
    healthy(&path);
}

#[test]
fn readers_are_told_and_wrong_requests_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    made(&path, 200);
    let encoders = two(None);
    let refused = |view: &str, model: &str, part: &str| {
        let request = Reembed { path: &path, view, model: model.into(), encoders: &encoders };
        let err = request.run(WriterParams::default(), &ctx()).unwrap_err().to_string();
        assert!(err.contains(part), "{err}");
    };
    refused("nosuch", "new", "`meaning`");
    refused("words", "new", "has no encoder");
    refused("meaning", "default", "already");
    refused("meaning", "nosuch", "no encoder nosuch");
    let reader = Space::open(&path, &encoders).unwrap();
    run(&path, &encoders).unwrap();
    let query = Query { views: vec!["meaning".into()], ..Query::new("w1") };
    assert!(!reader.search(&query, &ctx()).unwrap().hits.is_empty(), "it goes on with what it has");
    assert!(reader.refresh().unwrap_err().to_string().contains("open the space again"));
}

/// Not a test by itself: the process that [`killed_at_any_moment_it_goes_on`] kills.
#[test]
fn reembeds_until_killed() {
    let Some(path) = std::env::var_os("VECTORY_TEST_REEMBED") else { return };
    let encoders = Two { fails_after: None, pause: std::time::Duration::from_millis(40) };
    let done = run(Path::new(&path), &encoders).unwrap();
    println!("resumed {}", done.resumed);
}

#[test]
fn killed_at_any_moment_it_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    made(&path, 20_000);
    let before = answers(&path, "meaning");
    let (mut kills, mut pause) = (0, 60u64);
    loop {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "reembeds_until_killed", "--nocapture", "--test-threads", "1"])
            .env("VECTORY_TEST_REEMBED", &path)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(pause));
        pause += 60;
        child.kill().unwrap();
        child.wait().unwrap();
        healthy(&path);
        if encoder_of(&path).as_deref() == Some("new") {
            break;
        }
        kills += 1;
        assert_eq!(answers(&path, "meaning"), before, "after {kills} kills");
        assert!(kills < 200);
    }
    assert!(kills > 1, "it was never stopped in the midst");
    assert_ne!(answers(&path, "meaning"), before);
    println!("{kills} kills");
}
