//! A build that is split: the parts together are the whole.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use std::path::{Path, PathBuf};

use common::{Encoders, ctx, recipe, text};
use vectory_io::documents::SourceSpec;
use vectory_space::{Build, BuildParams, CheckLevel, Merge, Query, Shard, Space, WriterParams, build, check, merge};

fn built(source: &Path, to: &Path, shard: Option<Shard>) -> vectory_space::BuildSummary {
    let recipe = recipe(20, 50);
    let sources = [SourceSpec::Path(source.to_owned())];
    let params = BuildParams { shard, ..BuildParams::default() };
    let job = Build { path: to, sources: &sources, recipe: Some(&recipe), params, encoders: &Encoders };
    build(&job, &ctx()).unwrap()
}

fn merged(from: &[PathBuf], to: &Path) -> Result<vectory_space::Moved, vectory_space::ExportError> {
    merge(&Merge { from, to, encoders: &Encoders, writer: WriterParams::default() }, &ctx())
}

fn scores(path: &Path) -> Vec<(String, f32)> {
    let space = Space::open(path, &Encoders).unwrap();
    let query = Query { k: 40, exact: true, ..Query::new("w1 w5 w20 w300") };
    let mut all: Vec<_> = space.rank(&query, &ctx()).unwrap().into_iter().map(|r| (r.id, r.score)).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all
}

#[test]
fn parts_are_built_apart_and_merged() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("docs.jsonl");
    let lines: String =
        (0..300).map(|i| format!("{{\"id\": \"d{i}\", \"text\": \"{}\", \"n\": {i}}}\n", text(i, 30))).collect();
    fs_err::write(&source, lines).unwrap();
    let whole = dir.path().join("whole.space");
    built(&source, &whole, None);
    let parts: Vec<PathBuf> = (1..=3).map(|i| dir.path().join(format!("{i}.space"))).collect();
    let mut documents = 0;
    for (index, part) in (1..).zip(&parts) {
        let shard = Some(Shard { index, of: 3 });
        documents += built(&source, part, shard).documents;
        let again = built(&source, part, shard);
        assert_eq!((again.added, again.changed, again.removed), (0, 0, 0), "a part that is built again is as it was");
    }
    assert_eq!(documents, 300);
    let to = dir.path().join("merged.space");
    for missing in 0..3 {
        let some: Vec<PathBuf> = parts.iter().enumerate().filter(|p| p.0 != missing).map(|p| p.1.clone()).collect();
        let err = merged(&some, &to).unwrap_err().to_string();
        assert!(err.contains(&format!("part {}/3 is missing", missing + 1)) && !to.exists(), "{err}");
    }
    let twice = [parts[0].clone(), parts[1].clone(), parts[1].clone()];
    assert!(merged(&twice, &to).unwrap_err().to_string().contains("another like it"));
    let foreign = [parts[0].clone(), whole.clone()];
    assert!(merged(&foreign, &to).unwrap_err().to_string().contains("no part of a split build"));
    assert_eq!(merged(&parts, &to).unwrap().documents, 300);
    let (a, b) = (scores(&to), scores(&whole));
    assert_eq!(a.len(), b.len());
    assert!(a.iter().zip(&b).all(|(x, y)| (x.1 - y.1).abs() < 1e-4), "{a:?}\n{b:?}");
    assert!(check(&to, CheckLevel::Full, &Encoders, &ctx()).unwrap().is_healthy());
    assert!(Space::open(&to, &Encoders).unwrap().manifest().settings.is_empty(), "the whole is no part");
}
