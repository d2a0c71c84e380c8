//! What was acknowledged stays, what was not is not there: under random changes, kills and failing writes.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Encoders, ctx, document, recipe, text};
use vectory_space::{CheckLevel, Faults, Query, Space, Writer, WriterParams, check};

/// A few small numbers from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(1);
        vectory_core::rng::mix(self.0) % sides
    }
}

/// Id to text, as a reader sees it: every document found by its own words, with its own words.
fn contents(path: &Path) -> BTreeMap<String, String> {
    let space = Space::open(path, &Encoders).unwrap();
    let mut found = BTreeMap::new();
    space
        .each_document(|d| {
            // What lies between passages is white space, and not kept.
            found.insert(d.id.clone(), d.text.split_whitespace().collect::<Vec<_>>().join(" "));
        })
        .unwrap();
    assert_eq!(space.info().documents, found.len() as u64);
    found
}

fn healthy(path: &Path) {
    let report = check(path, CheckLevel::Full, &Encoders, &ctx()).unwrap();
    assert!(report.is_healthy(), "{:?}", report.problems);
}

#[test]
fn random_changes_agree_with_a_map() {
    for seed in [1u64, 20, 300] {
        println!("seed {seed}");
        let mut dice = Dice(seed << 32);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.space");
        let params = || WriterParams { flush_passages: 40, ..WriterParams::default() };
        let ctx = ctx();
        let mut writer = Writer::create(&path, &recipe(10, 30), &Encoders, params()).unwrap();
        let (mut now, mut committed) = (BTreeMap::new(), BTreeMap::new());
        for step in 0..120 {
            match dice.roll(10) {
                0..=4 => {
                    let documents: Vec<_> = (0..dice.roll(6))
                        .map(|_| {
                            let id = format!("d{}", dice.roll(40));
                            let words = dice.roll(45) as usize;
                            document(&id, "", &text(dice.roll(1 << 40), words))
                        })
                        .collect();
                    documents.iter().for_each(|d| {
                        now.insert(d.id.clone(), d.text.clone());
                    });
                    let generation = writer.manifest().generation;
                    writer.upsert(&documents, "", &ctx).unwrap();
                    if writer.manifest().generation > generation {
                        committed = now.clone();
                    }
                }
                5..=6 => {
                    let id = format!("d{}", dice.roll(40));
                    let removed = writer.delete(&[&id], &ctx).unwrap();
                    assert_eq!(removed == 1, now.remove(&id).is_some(), "seed {seed}, step {step}");
                }
                7 => {
                    writer.commit(&ctx).unwrap();
                    committed = now.clone();
                }
                8 => {
                    if dice.roll(2) == 0 { writer.compact(&ctx) } else { writer.optimize(&ctx) }.unwrap();
                    committed = now.clone();
                }
                _ => {
                    drop(writer);
                    writer = Writer::open(&path, &Encoders, params()).unwrap();
                    now = committed.clone();
                }
            }
            assert_eq!(contents(&path), committed, "seed {seed}, step {step}");
        }
        drop(writer);
        healthy(&path);
    }
}

/// Written by [`commits_until_killed`] after each commit, and read by the test that kills it.
const ACKNOWLEDGED: &str = "committed ";

/// Not a test by itself: the process that [`a_killed_writer_loses_nothing`] kills.
#[test]
fn commits_until_killed() {
    let Some(path) = std::env::var_os("VECTORY_TEST_KILL") else { return };
    let first: u64 = std::env::var("VECTORY_TEST_FIRST").unwrap().parse().unwrap();
    let ctx = ctx();
    let params = WriterParams { flush_passages: 1 << 30, ..WriterParams::default() };
    let mut writer = Writer::open_or_create(Path::new(&path), Some(&recipe(10, 50)), &Encoders, params).unwrap();
    for n in first.. {
        // Each commit replaces the document that counts, adds one, and every so often removes and merges.
        let documents = [document("count", "", &n.to_string()), document(&format!("d{n}"), "", &text(n, 25))];
        writer.upsert(&documents, "", &ctx).unwrap();
        if n % 5 == 4 {
            writer.delete(&[format!("d{}", n - 3)], &ctx).unwrap();
        }
        writer.commit(&ctx).unwrap();
        println!("{ACKNOWLEDGED}{n}");
        if n % 7 == 6 {
            writer.compact(&ctx).unwrap();
        }
    }
}

/// What the space holds after commit `n` of [`commits_until_killed`].
fn expected(n: u64) -> BTreeMap<String, String> {
    let mut all: BTreeMap<_, _> = (0..=n).map(|i| (format!("d{i}"), text(i, 25))).collect();
    (0..=n).filter(|i| i % 5 == 4).for_each(|i| {
        all.remove(&format!("d{}", i - 3));
    });
    all.insert("count".into(), n.to_string());
    all
}

#[test]
fn a_killed_writer_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    let seed = 11;
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let (mut first, mut kills) = (0u64, 0);
    while kills < 24 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "commits_until_killed", "--nocapture", "--test-threads", "1"])
            .env("VECTORY_TEST_KILL", &path)
            .env("VECTORY_TEST_FIRST", first.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let killer = {
            let (pause, id) = (std::time::Duration::from_micros(10_000 + dice.roll(400_000)), child.id());
            std::thread::spawn(move || {
                std::thread::sleep(pause);
                let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
            })
        };
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        // The test harness may print its own text before, on the same line.
        let acknowledged: Vec<u64> = lines.filter_map(|l| l.rsplit_once(ACKNOWLEDGED)?.1.trim().parse().ok()).collect();
        child.wait().unwrap();
        killer.join().unwrap();
        kills += 1;
        if !path.join("space.toml").exists() {
            assert!(acknowledged.is_empty());
            continue;
        }
        let found = contents(&path);
        let last = acknowledged.last().copied().or(first.checked_sub(1));
        // The commit after the last one that was printed may have been made, but not acknowledged: it is there whole or not at all.
        let whole = |n: u64| found == expected(n);
        let state = match last {
            Some(n) if whole(n + 1) => Some(n + 1),
            Some(n) => {
                assert!(whole(n), "kill {kills}: commit {n} was acknowledged, found {:?}", found.keys());
                Some(n)
            }
            None if whole(0) => Some(0),
            None => {
                assert!(found.is_empty(), "kill {kills}: {found:?}");
                None
            }
        };
        first = state.map_or(0, |n| n + 1);
        healthy(&path);
    }
    assert!(first > 20, "only {first} commits between {kills} kills");
    println!("{kills} kills, {first} commits");
}

#[test]
fn every_step_of_a_commit_may_fail() {
    let ctx = ctx();
    let mut steps = 0;
    for fail_at in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.space");
        let recipe = recipe(10, 5);
        let mut writer = Writer::create(&path, &recipe, &Encoders, WriterParams::default()).unwrap();
        let old: Vec<_> = (0..10).map(|i| document(&format!("d{i}"), "", &text(i, 20))).collect();
        writer.upsert(&old, "", &ctx).unwrap();
        writer.commit(&ctx).unwrap();
        drop(writer);
        let before = contents(&path);
        // From now on, the disk is full from step `fail_at` on.
        let step = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&step);
        let faults = Faults::new(move |_| {
            if counter.fetch_add(1, Ordering::Relaxed) < fail_at {
                return Ok(());
            }
            Err(std::io::Error::new(std::io::ErrorKind::StorageFull, "no space left on device (as the test wants it)"))
        });
        let mut writer = Writer::open(&path, &Encoders, WriterParams { faults, ..WriterParams::default() }).unwrap();
        let new: Vec<_> = (5..15).map(|i| document(&format!("d{i}"), "", &text(i + 100, 20))).collect();
        let done = writer
            .upsert(&new, "", &ctx)
            .and_then(|_| writer.delete(&["d1"], &ctx))
            .and_then(|_| writer.commit(&ctx))
            .map(|_| ())
            .and_then(|()| writer.optimize(&ctx).map(|_| ()));
        match done {
            Ok(()) => {
                assert!(fail_at >= 20, "a commit and a merge have many steps, not {fail_at}");
                return;
            }
            Err(e) => {
                assert!(e.to_string().contains("no space left"), "step {fail_at}: {e}");
                let now = contents(&path);
                assert!(
                    now == before || (now.len() == 14 && !now.contains_key("d1")),
                    "step {fail_at}: {:?}",
                    now.keys()
                );
                steps += usize::from(now == before);
                healthy(&path);
                // The same writer goes on once there is room, and so does a new one.
                drop(writer);
                let mut writer = Writer::open(&path, &Encoders, WriterParams::default()).unwrap();
                writer.upsert(&new, "", &ctx).unwrap();
                writer.commit(&ctx).unwrap();
                drop(writer);
                assert!(contents(&path).len() >= 14);
                healthy(&path);
            }
        }
    }
    assert!(steps > 5);
}

#[test]
fn readers_go_on_while_a_writer_commits_and_merges() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    let ctx = ctx();
    let mut writer = Writer::create(&path, &recipe(10, 50), &Encoders, WriterParams::default()).unwrap();
    writer.upsert(&[document("d0", "", "w1 w2 first")], "", &ctx).unwrap();
    writer.commit(&ctx).unwrap();
    let space = Space::open(&path, &Encoders).unwrap();
    std::thread::scope(|scope| {
        let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let reading = Arc::clone(&stop);
        let (space, reader_path) = (&space, &path);
        let reader = scope.spawn(move || {
            let ctx = common::ctx();
            let (mut searches, mut last) = (0, 0);
            while !reading.load(Ordering::Relaxed) {
                let fresh = Space::open(reader_path, &Encoders).unwrap();
                space.refresh().unwrap();
                for s in [space, &fresh] {
                    // One state: as many hits as that commit has documents.
                    let all = s.search(&Query { k: 10_000, ..Query::new("w1 w2 first") }, &ctx).unwrap();
                    assert!(all.hits.iter().any(|h| h.id == "d0"));
                }
                let documents = fresh.info().documents;
                assert!(documents >= last);
                last = documents;
                searches += 1;
            }
            searches
        });
        for i in 1..60 {
            writer.upsert(&[document(&format!("d{i}"), "", &text(i, 20))], "", &ctx).unwrap();
            writer.commit(&ctx).unwrap();
            if i % 6 == 0 {
                writer.compact(&ctx).unwrap();
            }
        }
        stop.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 3);
    });
    assert!(space.refresh().unwrap() || space.info().documents == 60);
    assert_eq!(space.info().documents, 60);
}
