//! Points, and a disk that fails at each step of writing them: what was committed stays, the space opens, and every step is met.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use common::{Encoders, ctx, text};
use vectory_core::Metric;
use vectory_space::{
    CheckLevel, Faults, Given, GivenRecipe, IndexRecipe, Point, Recipe, Select, Space, View, WithVectors, Writer,
    WriterParams, check,
};

/// Every step of a commit and of a merge.
const STEPS: [&str; 12] = [
    "segment.create",
    "segment.ids",
    "segment.postings",
    "segment.weights",
    "segment.rows",
    "segment.starts",
    "segment.graph",
    "segment.sync",
    "segment.sums",
    "segment.rename",
    "segment.sync-folder",
    "items.commit",
];

fn recipe() -> Recipe {
    let given = GivenRecipe { size: 4, distance: Metric::Dot, ..GivenRecipe::default() };
    let index = IndexRecipe { graph_from: 30, ..IndexRecipe::default() };
    let multi = GivenRecipe { size: 2, multi: true, ..given };
    let views = vec![
        View::given("v", given, index.clone()),
        View::given_sparse("s", true),
        View::given("m", multi, index),
        View::words(),
    ];
    Recipe { views, ..Recipe::default() }
}

fn points(ids: std::ops::Range<u64>, version: f32) -> Vec<Point> {
    let point = |i: u64| Point {
        id: i.to_string(),
        vectors: vec![
            ("v".into(), Given::Dense(vec![version, i as f32, 1.0, 2.0])),
            ("s".into(), Given::Sparse { indices: vec![1, 7 + i as u32], values: vec![version, 1.0] }),
            ("m".into(), Given::Multi(vec![vec![version, i as f32]; 1 + i as usize % 3])),
        ],
        text: Some(text(i, 12)),
        ..Point::default()
    };
    ids.map(point).collect()
}

/// The version of every point; all views of a point are of one.
fn versions(path: &Path) -> BTreeMap<u64, i64> {
    let space = Space::open(path, &Encoders).unwrap();
    let (numbers, _) = space.scroll(None, None, 10_000).unwrap();
    let select = Select { vectors: WithVectors::All, ..Select::default() };
    let version = |p: vectory_space::StoredPoint| {
        let vectors = p.vectors.unwrap_or_default();
        let of = |name: &str| match &vectors.iter().find(|v| v.0 == name).unwrap().1 {
            Given::Dense(v) => v[0],
            Given::Multi(v) => v[0][0],
            Given::Sparse { values, .. } => values[0],
        };
        assert!(of("v") == of("s") && of("s") == of("m"), "{vectors:?}");
        (p.id.parse().unwrap(), of("v") as i64)
    };
    space.read_points(&numbers, &select).unwrap().into_iter().map(version).collect()
}

fn healthy(path: &Path) {
    let report = check(path, CheckLevel::Full, &Encoders, &ctx()).unwrap();
    assert!(report.is_healthy(), "{:?}", report.problems);
}

#[test]
fn every_step_is_met_and_may_fail() {
    let met: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let before: BTreeMap<u64, i64> = (0..60).map(|i| (i, 1)).collect();
    let after: BTreeMap<u64, i64> = (0..90).filter(|i| *i != 3).map(|i| (i, if i < 30 { 1 } else { 2 })).collect();
    for fail_at in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.space");
        let mut writer = Writer::create(&path, &recipe(), &Encoders, WriterParams::default()).unwrap();
        writer.upsert_points(&points(0..60, 1.0), &ctx()).unwrap();
        writer.commit(&ctx()).unwrap();
        drop(writer);
        let (step, names) = (AtomicUsize::new(0), Arc::clone(&met));
        let faults = Faults::new(move |name| {
            names.lock().unwrap().insert(name.to_owned());
            if step.fetch_add(1, Ordering::Relaxed) < fail_at {
                return Ok(());
            }
            Err(std::io::Error::new(std::io::ErrorKind::StorageFull, "no space left on device (as the test wants it)"))
        });
        let mut writer = Writer::open(&path, &Encoders, WriterParams { faults, ..WriterParams::default() }).unwrap();
        let change = |writer: &mut Writer| {
            writer.upsert_points(&points(30..90, 2.0), &ctx())?;
            writer.delete(&["3"], &ctx())?;
            writer.commit(&ctx())
        };
        let committed = change(&mut writer);
        let merged = committed.as_ref().ok().map(|_| writer.optimize(&ctx()));
        drop(writer);
        // What was acknowledged is there; what was not, is not.
        assert_eq!(versions(&path), if committed.is_ok() { after.clone() } else { before.clone() }, "step {fail_at}");
        healthy(&path);
        if merged.as_ref().is_some_and(Result::is_ok) {
            let met = met.lock().unwrap();
            let missed: Vec<_> = STEPS.iter().filter(|s| !met.contains(**s)).collect();
            assert!(missed.is_empty(), "never met: {missed:?}");
            assert!(met.iter().all(|m| STEPS.contains(&m.as_str())), "not listed: {met:?}");
            return;
        }
        // There is room again.
        let mut writer = Writer::open(&path, &Encoders, WriterParams::default()).unwrap();
        change(&mut writer).unwrap();
        writer.optimize(&ctx()).unwrap();
        drop(writer);
        assert_eq!(versions(&path), after, "step {fail_at}, again");
        healthy(&path);
    }
}
