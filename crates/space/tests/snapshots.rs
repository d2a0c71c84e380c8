//! Full snapshots and increments: whatever happened between them, the chain gives back the newest.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{Encoders, ctx, document, recipe, text};
use vectory_space::{CheckLevel, Query, Space, Writer, WriterParams, check, restore};

fn state(path: &Path) -> (BTreeMap<String, String>, Vec<String>) {
    let space = Space::open(path, &Encoders).unwrap();
    let mut all = BTreeMap::new();
    space.each_document(|d| _ = all.insert(d.id, d.text)).unwrap();
    let query = Query { k: 30, ..Query::new("w1 w5 w20 w300") };
    let ranked = space.rank(&query, &ctx()).unwrap();
    (all, ranked.into_iter().map(|r| format!("{} {}", r.id, r.score)).collect())
}

fn snapshot(path: &Path, file: &Path, since: Option<&Path>) -> u64 {
    Space::open(path, &Encoders).unwrap().write_snapshot(file, since, &ctx()).unwrap()
}

/// A space with a full snapshot and three increments, and the state at each.
fn made(dir: &Path) -> (PathBuf, Vec<PathBuf>, Vec<(BTreeMap<String, String>, Vec<String>)>, Vec<u64>) {
    let path = dir.join("x.space");
    let params = WriterParams { max_segment: 300, ..WriterParams::default() };
    let mut writer = Writer::create(&path, &recipe(20, 50), &Encoders, params).unwrap();
    let docs = |range: std::ops::Range<u64>, salt: u64| -> Vec<_> {
        range.map(|i| document(&format!("d{i}"), "", &text(i + salt, 30))).collect()
    };
    let files: Vec<PathBuf> = (0..4).map(|i| dir.join(format!("{i}.snapshot"))).collect();
    let (mut states, mut sizes) = (Vec::new(), Vec::new());
    for step in 0..4usize {
        match step {
            0 => _ = writer.upsert(&docs(0..600, 0), "", &ctx()).unwrap(),
            1 => {
                writer.upsert(&docs(590..620, 1000), "", &ctx()).unwrap();
                writer.delete(&["d3", "d4"], &ctx()).unwrap();
            }
            // An id that left comes back under another number.
            2 => _ = writer.upsert(&docs(3..4, 7), "", &ctx()).unwrap(),
            _ => _ = writer.delete(&["d3", "d610"], &ctx()).unwrap(),
        }
        if step == 1 { writer.commit(&ctx()).map(|_| ()) } else { writer.compact(&ctx()).map(|_| ()) }.unwrap();
        let since = step.checked_sub(1).map(|p| files[p].as_path());
        sizes.push(snapshot(&path, &files[step], since));
        states.push(state(&path));
    }
    (path, files, states, sizes)
}

#[test]
fn a_chain_gives_back_every_one_of_its_states() {
    let dir = tempfile::tempdir().unwrap();
    let (_, files, states, sizes) = made(dir.path());
    assert!(sizes[1] * 4 < sizes[0] && sizes[2] * 4 < sizes[0], "an increment is small: {sizes:?}");
    for (last, expected) in states.iter().enumerate() {
        let to = dir.path().join(format!("r{last}.space"));
        // In any order; or the newest alone, for the others lie beside it.
        let given: Vec<PathBuf> =
            if last == 2 { vec![files[2].clone()] } else { files[..=last].iter().rev().cloned().collect() };
        restore(&given, &to, &ctx()).unwrap();
        assert_eq!(state(&to), *expected, "state {last}");
        let report = check(&to, CheckLevel::Full, &Encoders, &ctx()).unwrap();
        assert!(report.is_healthy(), "{:?}", report.problems);
        // It goes on from there.
        let mut writer = Writer::open(&to, &Encoders, WriterParams::default()).unwrap();
        writer.upsert(&[document("new", "", "w1 w2")], "", &ctx()).unwrap();
        writer.optimize(&ctx()).unwrap();
        drop(writer);
        assert_eq!(state(&to).0.len(), expected.0.len() + 1);
    }
}

#[test]
fn what_is_missing_or_foreign_is_named_and_nothing_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let (path, files, _, _) = made(dir.path());
    let away = dir.path().join("away");
    fs_err::create_dir(&away).unwrap();
    let lone = away.join("3.snapshot");
    fs_err::copy(&files[3], &lone).unwrap();
    let to = dir.path().join("t.space");
    let refused = |files: &[PathBuf], part: &str| {
        let err = restore(files, &to, &ctx()).unwrap_err().to_string();
        assert!(err.contains(part) && !to.exists() && !to.with_extension("restoring").exists(), "{err}");
    };
    refused(std::slice::from_ref(&lone), "stands on the snapshot 2.snapshot");
    refused(&[files[0].clone(), dir.path().join("nosuch")], "nosuch");
    // Another file under the name of the link.
    fs_err::copy(&files[0], away.join("2.snapshot")).unwrap();
    refused(&[lone], "stands on the snapshot 2.snapshot");
    let other = dir.path().join("other.snapshot");
    snapshot(&path, &other, None);
    refused(&[files[1].clone(), other], "make no one chain");
    let mut bytes = fs_err::read(&files[1]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs_err::write(&files[1], bytes).unwrap();
    refused(&files, "1.snapshot");
}
