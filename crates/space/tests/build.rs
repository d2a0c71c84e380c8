//! From files to a space and back: new, changed, vanished, interrupted.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Encoders, ctx, recipe};
use vectory_core::{Context, Progress};
use vectory_io::documents::SourceSpec;
use vectory_space::{Build, BuildError, BuildParams, BuildSummary, Query, Recipe, Space, WriterParams, build};

fn run_with(path: &Path, sources: &[&Path], params: BuildParams, ctx: &Context) -> Result<BuildSummary, BuildError> {
    let sources: Vec<SourceSpec> = sources.iter().map(|s| SourceSpec::Path(s.to_path_buf())).collect();
    let recipe: Recipe = recipe(30, 1000);
    build(&Build { path, sources: &sources, recipe: Some(&recipe), params, encoders: &Encoders }, ctx)
}

fn run(path: &Path, sources: &[&Path]) -> BuildSummary {
    run_with(path, sources, BuildParams::default(), &ctx()).unwrap()
}

fn counts(s: &BuildSummary) -> (u64, u64, u64, u64) {
    (s.added, s.changed, s.unchanged, s.removed)
}

fn first(path: &Path, question: &str) -> String {
    let space = Space::open(path, &Encoders).unwrap();
    space.search(&Query::new(question), &ctx()).unwrap().hits.into_iter().next().map(|h| h.id).unwrap_or_default()
}

#[test]
fn a_folder_is_built_and_then_only_what_changed() {
    let dir = tempfile::tempdir().unwrap();
    let (notes, space) = (dir.path().join("notes"), dir.path().join("notes.space"));
    fs_err::create_dir_all(notes.join("deep")).unwrap();
    let write = |name: &str, text: &str| fs_err::write(notes.join(name), text).unwrap();
    write("tea.md", "# Green tea\n\nPour hot water over the leaves.\n\n## Time\n\nThree minutes are enough.");
    write("deep/bike.txt", "Oil the bicycle chain every month.");
    write("photo.bin", "\0\u{1}\u{2}\0");
    write("empty.txt", "");
    let summary = run(&space, &[&notes]);
    assert_eq!(counts(&summary), (2, 0, 0, 0), "{summary:?}");
    assert_eq!((summary.documents, summary.files), (2, 2));
    assert_eq!(summary.skipped_total(), 2, "{:?}", summary.skipped);
    assert!(summary.skipped.iter().any(|s| s.reason == "not text" && s.examples[0].contains("photo.bin")));
    assert!(summary.bytes_on_disk > 0 && summary.seconds > 0.0);
    assert_eq!(first(&space, "bicycle chain oil"), "deep/bike.txt");

    let again = run(&space, &[&notes]);
    assert_eq!((counts(&again), again.passages_encoded), ((0, 0, 2, 0), 0));

    write("tea.md", "# Black tea\n\nIt wants boiling water and five minutes.");
    write("new.txt", "A note on sourdough bread and its crust.");
    fs_err::remove_file(notes.join("deep/bike.txt")).unwrap();
    let changed = run(&space, &[&notes]);
    assert_eq!(counts(&changed), (1, 1, 0, 1), "{changed:?}");
    assert_eq!(changed.documents, 2);
    assert_eq!(first(&space, "boiling water five minutes"), "tea.md");
    assert_ne!(first(&space, "bicycle chain oil"), "deep/bike.txt");
}

#[test]
fn what_came_from_elsewhere_stays_and_the_last_of_equal_ids_wins() {
    let dir = tempfile::tempdir().unwrap();
    let space = dir.path().join("x.space");
    let file = |name: &str, lines: &[&str]| {
        let path = dir.path().join(name);
        fs_err::write(&path, lines.join("\n")).unwrap();
        path
    };
    let a = file(
        "a.jsonl",
        &[r#"{"id":"1","text":"red fox"}"#, r#"{"id":"2","text":"old owl"}"#, r#"{"id":"1","text":"blue whale"}"#],
    );
    let summary = run(&space, &[&a]);
    assert_eq!((summary.documents, summary.duplicates, summary.added), (2, 1, 2), "{summary:?}");
    assert_eq!(first(&space, "blue whale"), "1");
    let b = file("b.jsonl", &[r#"{"id":"3","text":"green frog","year":2020}"#]);
    let summary = run(&space, &[&b]);
    assert_eq!(counts(&summary), (1, 0, 0, 0));
    assert_eq!(summary.documents, 3);
    let a = file("a.jsonl", &[r#"{"id":"2","text":"old owl"}"#]);
    let summary = run(&space, &[&a]);
    assert_eq!((counts(&summary), summary.documents), ((0, 0, 1, 1), 2), "{summary:?}");
    let kept = Space::open(&space, &Encoders).unwrap().document("3").unwrap().unwrap();
    assert_eq!((kept.text.as_str(), &kept.payload["year"]), ("green frog", &serde_json::json!(2020)));
}

#[test]
fn nothing_to_build_from_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let (empty, space) = (dir.path().join("void"), dir.path().join("x.space"));
    fs_err::create_dir_all(&empty).unwrap();
    let fails = |sources: &[&Path]| run_with(&space, sources, BuildParams::default(), &ctx()).unwrap_err().to_string();
    let err = fails(&[&empty]);
    assert!(err.contains("void") && err.contains("no document found"), "{err}");
    assert!(!space.exists());
    assert!(fails(&[&dir.path().join("nowhere")]).contains("nowhere"));
    let bad = dir.path().join("bad.jsonl");
    fs_err::write(&bad, "{\"id\":\"1\",\"text\":\"fine\"}\n{oops\n").unwrap();
    let err = fails(&[&bad]);
    assert!(err.contains("bad.jsonl:2"), "{err}");
    assert!(!space.exists());
    // A space that is there stays as it is.
    fs_err::write(empty.join("a.txt"), "some words").unwrap();
    run(&space, &[&empty]);
    assert!(fails(&[&bad]).contains("bad.jsonl:2"));
    assert_eq!(first(&space, "some words"), "a.txt");
}

/// Asks for a stop after so many reports.
struct StopAfter(AtomicUsize, std::sync::Mutex<Option<Arc<std::sync::atomic::AtomicBool>>>);

impl Progress for StopAfter {
    fn begin(&self, _: &str, _: Option<u64>, _: &str) {}
    fn advance(&self, _: u64) {
        if self.0.fetch_sub(1, Ordering::Relaxed) == 1
            && let Some(flag) = self.1.lock().unwrap().as_ref()
        {
            flag.store(true, Ordering::Relaxed);
        }
    }
    fn note(&self, _: &str) {}
    fn end(&self) {}
}

#[test]
fn an_interrupted_build_goes_on_where_it_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let (source, space) = (dir.path().join("s.jsonl"), dir.path().join("x.space"));
    let lines: Vec<String> =
        (0..500).map(|i| format!("{{\"id\":\"{i}\",\"text\":\"{}\"}}", common::text(i, 25))).collect();
    fs_err::write(&source, lines.join("\n")).unwrap();
    let params = || BuildParams {
        batch_documents: 20,
        writer: WriterParams { flush_passages: 100, ..WriterParams::default() },
        ..BuildParams::default()
    };
    let stop = Arc::new(StopAfter(AtomicUsize::new(12), std::sync::Mutex::default()));
    let interrupted = ctx().with_progress(Arc::clone(&stop) as Arc<dyn Progress>);
    *stop.1.lock().unwrap() = Some(interrupted.cancel_flag());
    let err = run_with(&space, &[&source], params(), &interrupted).unwrap_err();
    assert!(err.is_cancelled(), "{err}");
    let half = Space::open(&space, &Encoders).unwrap().info().documents;
    assert!((200..500).contains(&half), "{half}");
    let summary = run_with(&space, &[&source], params(), &ctx()).unwrap();
    assert_eq!((summary.added, summary.unchanged), (500 - half, half), "{summary:?}");
    assert_eq!((summary.documents, summary.removed, summary.segments), (500, 0, 1));
    // The same as in one go.
    let whole = dir.path().join("whole.space");
    run_with(&whole, &[&source], params(), &ctx()).unwrap();
    let answers = |path: &Path| {
        let space = Space::open(path, &Encoders).unwrap();
        let query = Query { k: 20, ..Query::new("w1 w7 w50") };
        space.rank(&query, &ctx()).unwrap().into_iter().map(|r| (r.id, r.score)).collect::<Vec<_>>()
    };
    assert_eq!(answers(&space), answers(&whole));
}

#[test]
fn the_language_is_found_out_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (source, space) = (dir.path().join("s.jsonl"), dir.path().join("x.space"));
    let text = "Die Katzen schlafen auf den warmen Dächern der alten Häuser, und niemand weckt sie vor dem Abend.";
    fs_err::write(&source, format!("{{\"id\":\"1\",\"text\":\"{text}\"}}")).unwrap();
    assert_eq!(run(&space, &[&source]).languages, ["de"]);
    let kept = Space::open(&space, &Encoders).unwrap().recipe().clone();
    assert_eq!(kept.views[0].analyzer.as_ref().unwrap().language.code(), "de");
    let query = Query { views: vec!["words".into()], ..Query::new("Katze Dach Haus") };
    let answers = Space::open(&space, &Encoders).unwrap().search(&query, &ctx()).unwrap();
    assert_eq!(answers.hits[0].snippet.highlights.len(), 3);
}
