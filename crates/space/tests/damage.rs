//! Damaged, foreign and locked spaces: one clear error each, and a repair where one is possible.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use std::path::{Path, PathBuf};

use common::{Encoders, ctx, document, recipe, text};
use vectory_core::Metric;
use vectory_space::{
    CheckLevel, Damage, Given, GivenRecipe, IndexRecipe, OpenError, Point, Query, Recipe, Space, View, Writer,
    WriterParams, check,
};

fn small(path: &Path) {
    let ctx = ctx();
    for commit in 0..2 {
        let documents: Vec<_> =
            (0..60).map(|i| document(&format!("d{}", commit * 60 + i), "", &text(commit * 60 + i, 20))).collect();
        // A commit makes no graph, a rewrite does: each of the two segments is rewritten alone.
        let mut writer = writer_with(path, 60);
        writer.upsert(&documents, "", &ctx).unwrap();
        writer.optimize(&ctx).unwrap();
    }
}

fn writer_with(path: &Path, max_segment: usize) -> Writer {
    let params = WriterParams { max_segment, ..WriterParams::default() };
    Writer::open_or_create(path, Some(&recipe(20, 50)), &Encoders, params).unwrap()
}

fn files(path: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for segment in fs_err::read_dir(path.join("segments")).unwrap() {
        all.extend(fs_err::read_dir(segment.unwrap().path()).unwrap().map(|f| f.unwrap().path()));
    }
    all.sort();
    all
}

fn ranking(path: &Path) -> Vec<String> {
    let space = Space::open(path, &Encoders).unwrap();
    let query = Query { k: 50, ..Query::new("w1 w5 w20 w300") };
    space.rank(&query, &ctx()).unwrap().into_iter().map(|r| format!("{} {}", r.id, r.score)).collect()
}

fn run(path: &Path, level: CheckLevel) -> vectory_space::CheckReport {
    check(path, level, &Encoders, &ctx()).unwrap()
}

#[test]
fn each_damaged_file_is_named_and_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    small(&path);
    assert!(run(&path, CheckLevel::Full).is_healthy());
    let before = ranking(&path);
    let names: Vec<_> = files(&path).iter().map(|f| f.file_name().unwrap().to_owned()).collect();
    // Two segments: numbers, rows, graph, postings, sums.
    assert_eq!(names.len(), 10);
    for (i, name) in names.iter().enumerate() {
        for cut in [false, true] {
            let file = &files(&path)[i];
            let mut bytes = fs_err::read(file).unwrap();
            if cut {
                bytes.truncate(bytes.len() / 2);
            } else {
                let middle = bytes.len() * 2 / 3;
                bytes[middle] ^= 0x10;
            }
            fs_err::write(file, &bytes).unwrap();
            let what = format!("{}, cut: {cut}", file.display());
            let report = run(&path, CheckLevel::Full);
            assert!(!report.is_healthy(), "{what}");
            assert!(report.problems.iter().all(|p| matches!(p.damage, Damage::Segment(_))), "{what}: {report:?}");
            let named =
                report.problems.iter().any(|p| p.file.ends_with(name) || p.what.contains(name.to_str().unwrap()));
            assert!(named, "{what}: {:?}", report.problems);
            let repaired = run(&path, CheckLevel::Repair);
            assert!(repaired.is_healthy() && !repaired.repaired.is_empty(), "{what}: {repaired:?}");
            assert!(repaired.lost.is_empty());
            assert_eq!(ranking(&path), before, "{what}");
        }
    }
}

#[test]
fn a_missing_segment_is_seen_at_once_and_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    small(&path);
    let before = ranking(&path);
    let lost = files(&path)[0].parent().unwrap().to_owned();
    let number: u32 = lost.file_name().unwrap().to_str().unwrap().parse().unwrap();
    fs_err::remove_dir_all(&lost).unwrap();
    let err = Space::open(&path, &Encoders).map(|_| ()).unwrap_err().to_string();
    assert!(err.contains(lost.to_str().unwrap()), "{err}");
    assert_eq!(run(&path, CheckLevel::Quick).problems[0].damage, Damage::Segment(number));
    assert!(run(&path, CheckLevel::Repair).is_healthy());
    assert_eq!(ranking(&path), before);
}

#[test]
fn leftovers_of_a_crash_are_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    small(&path);
    for name in [".tmp-000009", "000009"] {
        fs_err::create_dir_all(path.join("segments").join(name)).unwrap();
        fs_err::write(path.join("segments").join(name).join("half"), b"half").unwrap();
    }
    let report = run(&path, CheckLevel::Full);
    assert!(report.is_healthy());
    assert_eq!(report.leftovers, 2);
    drop(Writer::open(&path, &Encoders, WriterParams::default()).unwrap());
    assert_eq!(run(&path, CheckLevel::Quick).leftovers, 0);
}

#[test]
fn damaged_items_are_an_error_that_names_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    small(&path);
    let file = path.join("items.redb");
    let bytes = fs_err::read(&file).unwrap();
    for damage in [&b""[..], &bytes[..bytes.len() / 3], &vec![0x5a; bytes.len()]] {
        fs_err::write(&file, damage).unwrap();
        let err = Space::open(&path, &Encoders).map(|_| ()).unwrap_err().to_string();
        assert!(err.contains("items.redb"), "{err}");
        assert_eq!(run(&path, CheckLevel::Quick).problems[0].damage, Damage::Items);
    }
}

#[test]
fn damaged_pages_of_items_end_in_errors() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    small(&path);
    let (file, before) = (path.join("items.redb"), ranking(&path));
    let bytes = fs_err::read(&file).unwrap();
    let query = Query { k: 50, ..Query::new("w1 w5 w20 w300") };
    let mut contradicting = 0;
    // The heads of pages of 4 KiB, and places within them: counts and ends of entries lie there.
    for page in (1..bytes.len() / 4096).take(60) {
        for at in [0, 2, 8, 40] {
            let mut damaged = bytes.clone();
            damaged[page * 4096 + at..][..4].copy_from_slice(&[0xd3; 4]);
            fs_err::write(&file, &damaged).unwrap();
            let answers = Space::open(&path, &Encoders).map_err(|e| e.to_string()).and_then(|space| {
                let ranked = space.rank(&query, &ctx()).map_err(|e| e.to_string())?;
                space.search(&query, &ctx()).map_err(|e| e.to_string())?;
                Ok(ranked.into_iter().map(|r| format!("{} {}", r.id, r.score)).collect::<Vec<_>>())
            });
            match answers {
                Ok(answers) => assert!(answers == before || !run(&path, CheckLevel::Full).is_healthy(), "page {page}"),
                Err(e) => {
                    assert!(e.contains("items.redb"), "page {page}: {e}");
                    contradicting += usize::from(e.contains("contradict"));
                }
            }
            // What check says of it is another matter; it must come back.
            let _ = check(&path, CheckLevel::Full, &Encoders, &ctx());
        }
    }
    assert!(contradicting > 0, "no page was read that contradicts itself");
    fs_err::write(&file, &bytes).unwrap();
    assert_eq!(ranking(&path), before);
}

#[test]
fn a_second_writer_is_refused_and_readers_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    small(&path);
    let writer = Writer::open(&path, &Encoders, WriterParams::default()).unwrap();
    let err = Writer::open(&path, &Encoders, WriterParams::default()).map(|_| ()).unwrap_err().to_string();
    assert!(err.contains("LOCK") && err.contains("another process") && err.contains("try again"), "{err}");
    assert!(!ranking(&path).is_empty());
    drop(writer);
    Writer::open(&path, &Encoders, WriterParams::default()).unwrap();
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_can_be_searched_but_not_written() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    small(&path);
    let set = |mode_dir: u32, mode_file: u32| {
        let mut all = files(&path);
        all.extend(["space.toml", "items.redb", "LOCK"].map(|n| path.join(n)));
        for file in all {
            fs_err::set_permissions(file, std::fs::Permissions::from_mode(mode_file)).unwrap();
        }
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(mode_dir)).unwrap();
    };
    set(0o555, 0o444);
    assert!(!ranking(&path).is_empty());
    assert!(run(&path, CheckLevel::Full).is_healthy());
    // The superuser may write everywhere.
    if fs_err::OpenOptions::new().write(true).open(path.join("LOCK")).is_err() {
        let err = Writer::open(&path, &Encoders, WriterParams::default()).map(|_| ()).unwrap_err().to_string();
        assert!(err.contains("LOCK") && err.contains("read-only"), "{err}");
    }
    set(0o755, 0o644);
}

#[test]
fn what_is_no_space_is_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let open = |p: &Path| Space::open(p, &Encoders).map(|_| ()).unwrap_err();
    assert!(matches!(open(dir.path()), OpenError::Missing { .. }));
    assert!(open(&dir.path().join("nothing")).to_string().contains("vectory build"));
    fs_err::write(dir.path().join("thesis.doc"), b"years of work").unwrap();
    let create = |p: &Path, r: &Recipe| Writer::create(p, r, &Encoders, WriterParams::default()).map(|_| ());
    let err = create(dir.path(), &Recipe::default()).unwrap_err().to_string();
    assert!(err.contains("is not a space"), "{err}");
    assert_eq!(fs_err::read(dir.path().join("thesis.doc")).unwrap(), b"years of work");
    let path = dir.path().join("x.space");
    small(&path);
    let newer = fs_err::read_to_string(path.join("space.toml")).unwrap().replace("format = 1", "format = 99\nnew = 1");
    fs_err::write(path.join("space.toml"), newer).unwrap();
    assert!(open(&path).to_string().contains("format 99; this version reads up to 1"));
}

#[test]
fn another_recipe_or_encoder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    small(&path);
    let again = |r: &Recipe| Writer::open_or_create(&path, Some(r), &Encoders, WriterParams::default()).map(|_| ());
    again(&recipe(20, 50)).unwrap();
    let err = again(&recipe(11, 50)).unwrap_err().to_string();
    assert!(err.contains("another recipe") && err.contains("[source]"), "{err}");
    let toml = fs_err::read_to_string(path.join("space.toml")).unwrap();
    fs_err::write(path.join("space.toml"), toml.replace("model = \"default\"", "model = \"other\"")).unwrap();
    let err = Space::open(&path, &Encoders).map(|_| ()).unwrap_err().to_string();
    assert!(err.contains("made by encoder `a`") && err.contains("do not compare"), "{err}");
    fs_err::write(path.join("space.toml"), toml.replace("model = \"default\"", "model = \"lost\"")).unwrap();
    let err = Space::open(&path, &Encoders).map(|_| ()).unwrap_err().to_string();
    assert!(err.contains("`lost`: no such model"), "{err}");
}

#[test]
fn rows_of_another_length_than_the_recipe_says_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    let given = GivenRecipe { size: 4, distance: Metric::Dot, ..GivenRecipe::default() };
    let recipe = Recipe { views: vec![View::given("v", given, IndexRecipe::default())], ..Recipe::default() };
    let mut writer = Writer::create(&path, &recipe, &Encoders, WriterParams::default()).unwrap();
    let vectors = vec![("v".into(), Given::Dense(vec![1.0, 2.0, 3.0, 4.0]))];
    writer.upsert_points(&[Point { id: "1".into(), vectors, ..Point::default() }], &ctx()).unwrap();
    writer.commit(&ctx()).unwrap();
    drop(writer);
    let file = path.join("space.toml");
    let edited = fs_err::read_to_string(&file).unwrap().replace("size = 4", "size = 2");
    fs_err::write(&file, edited).unwrap();
    let Err(e) = Space::open(&path, &Encoders) else { panic!("opened") };
    let text = e.to_string();
    assert!(text.contains("rows of 4 values") && text.contains("view `v` of the recipe has 2"), "{text}");
}
