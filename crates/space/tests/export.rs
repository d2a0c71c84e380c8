//! Out and in again: the same items, the same vectors, the same answers.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use std::path::Path;

use common::{Encoders, ctx, document, recipe, text, with_payload};
use serde_json::json;
use vectory_core::Metric;
use vectory_space::{
    Ask, CheckLevel, Given, GivenRecipe, Import, IndexRecipe, Input, Point, PointQuery, Query, Recipe, Select, Space,
    TableImport, View, WithPayload, WithVectors, Writer, WriterParams, check, export, import, import_table,
};

fn documents(path: &Path) {
    let documents: Vec<_> = (0..120)
        .map(|i| {
            with_payload(
                document(&format!("d{i}"), &format!("title {i}"), &text(i, 45)),
                json!({"n": i, "tags": ["a", null]}),
            )
        })
        .collect();
    let mut writer = Writer::create(path, &recipe(20, 50), &Encoders, WriterParams::default()).unwrap();
    writer.upsert(&documents, "somewhere", &ctx()).unwrap();
    writer.commit(&ctx()).unwrap();
    writer.delete(&["d7", "d50"], &ctx()).unwrap();
    writer.optimize(&ctx()).unwrap();
}

fn contents(path: &Path) -> Vec<vectory_space::StoredDocument> {
    let mut all = Vec::new();
    Space::open(path, &Encoders).unwrap().each_document(|d| all.push(d)).unwrap();
    // Numbers are the store's own.
    all.iter_mut().flat_map(|d| &mut d.passages).for_each(|p| p.number = 0);
    all
}

fn answers(path: &Path) -> Vec<(String, f32)> {
    let space = Space::open(path, &Encoders).unwrap();
    let query = Query { k: 40, ..Query::new("w1 w5 w20 w300 title") };
    space.rank(&query, &ctx()).unwrap().into_iter().map(|r| (r.id, r.score)).collect()
}

fn healthy(path: &Path) {
    let report = check(path, CheckLevel::Full, &Encoders, &ctx()).unwrap();
    assert!(report.is_healthy(), "{:?}", report.problems);
}

fn again(from: &Path, to: &Path, recipe: Option<&Recipe>) -> Result<vectory_space::Moved, vectory_space::ExportError> {
    import(&Import { from, to, recipe, encoders: &Encoders, writer: WriterParams::default() }, &ctx())
}

#[test]
fn documents_come_back_with_their_answers() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.space");
    documents(&path);
    for name in ["x.parquet", "folder"] {
        let (out, back) = (dir.path().join(name), dir.path().join(format!("{name}.space")));
        let moved = export(&Space::open(&path, &Encoders).unwrap(), &out, &ctx()).unwrap();
        assert_eq!(moved.documents, 118);
        let read = again(&out, &back, None).unwrap();
        assert_eq!((read.documents, read.passages, read.encoded), (118, moved.passages, 0), "nothing is encoded again");
        assert_eq!(contents(&back), contents(&path));
        assert_eq!(answers(&back), answers(&path), "{name}");
        let rows = |p: &Path| Space::open(p, &Encoders).unwrap().rows("meaning").unwrap().1.as_slice().to_vec();
        assert_eq!(rows(&back), rows(&path), "to the last bit");
        healthy(&back);
        assert!(again(&out, &back, None).unwrap_err().to_string().contains("is there already"));
    }
    // Another recipe: the vectors are made anew where the export has none for a view.
    let mut other = recipe(20, 50);
    other.views.retain(|v| v.name == "meaning");
    other.views[0].name = "sense".into();
    let back = dir.path().join("other.space");
    let read = again(&dir.path().join("x.parquet"), &back, Some(&other)).unwrap();
    assert_eq!(read.encoded, read.passages);
    healthy(&back);
}

fn points_recipe() -> Recipe {
    let given = GivenRecipe { size: 4, distance: Metric::Cosine, ..GivenRecipe::default() };
    let multi = GivenRecipe { size: 2, multi: true, distance: Metric::Dot, ..given };
    let index = IndexRecipe::default();
    let views =
        vec![View::given("", given, index.clone()), View::given_sparse("s p", true), View::given("m", multi, index)];
    Recipe { views, ..Recipe::default() }
}

#[test]
fn points_come_back_to_the_last_bit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.space");
    let mut writer = Writer::create(&path, &points_recipe(), &Encoders, WriterParams::default()).unwrap();
    let x = |i: usize, j: usize| ((i * 31 + j * 17) % 101) as f32 / 7.0 - 5.0;
    let points: Vec<Point> = (0..2500)
        .map(|i| {
            let mut vectors = Vec::new();
            if i % 7 != 0 {
                vectors.push((String::new(), Given::Dense((0..4).map(|j| x(i, j)).collect())));
            }
            if i % 3 == 0 {
                let indices = vec![1, 5 + i as u32];
                vectors.push(("s p".into(), Given::Sparse { indices, values: vec![x(i, 1), 0.1] }));
            }
            if i % 4 == 0 {
                vectors.push(("m".into(), Given::Multi((0..=i % 3).map(|j| vec![x(i, j), 1.0]).collect())));
            }
            let payload = json!({"i": i, "o": {"x": [1, 2.5, "é"]}}).as_object().cloned().unwrap();
            Point { id: i.to_string(), payload, vectors, text: None }
        })
        .collect();
    writer.upsert_points(&points, &ctx()).unwrap();
    writer.commit(&ctx()).unwrap();
    drop(writer);
    let all = |p: &Path| {
        let space = Space::open(p, &Encoders).unwrap();
        let (numbers, _) = space.scroll(None, None, 10_000).unwrap();
        let select = Select { payload: WithPayload::All, vectors: WithVectors::All, text: true };
        space.read_points(&numbers, &select).unwrap()
    };
    for name in ["p.parquet", "folder"] {
        let (out, back) = (dir.path().join(name), dir.path().join(format!("{name}.space")));
        export(&Space::open(&path, &Encoders).unwrap(), &out, &ctx()).unwrap();
        again(&out, &back, None).unwrap();
        assert_eq!(all(&back), all(&path), "{name}");
        healthy(&back);
    }
}

#[test]
fn tables_of_others_become_points() {
    let dir = tempfile::tempdir().unwrap();
    let (table, vectors) = (dir.path().join("t.jsonl"), dir.path().join("v.npy"));
    let lines: String = (0..10)
        .map(|i| json!({"id": format!("k{i}"), "text": format!("word{i} here"), "n": i}).to_string() + "\n")
        .collect();
    fs_err::write(&table, &lines).unwrap();
    let rows: Vec<Vec<f32>> = (0..10).map(|i| vec![1.0, i as f32]).collect();
    let rows = vectory_core::Vectors::from_rows(rows.iter().map(Vec::as_slice)).unwrap();
    vectory_io::vectors::write_all(&vectors, rows.view(), None, &vectory_io::vectors::WriteOptions::default()).unwrap();
    let (to, other) = (dir.path().join("t.space"), dir.path().join("other.space"));
    let request = |to| TableImport {
        table: &table,
        vectors: &vectors,
        array: None,
        to,
        id: None,
        text: None,
        view: String::new(),
        metric: Metric::L2,
        encoders: &Encoders,
        writer: WriterParams::default(),
    };
    assert_eq!(import_table(&request(&to), &ctx()).unwrap().documents, 10);
    let space = Space::open(&to, &Encoders).unwrap();
    let ask = Some(Ask::Nearest(Input::Dense(vec![1.0, 3.2])));
    let found = space.query_points(&PointQuery { ask, limit: 1, ..PointQuery::default() }, &ctx()).unwrap();
    let select = Select { payload: WithPayload::All, ..Select::default() };
    let point = space.read_points(&[found[0].document], &select).unwrap().remove(0);
    assert_eq!((point.id.as_str(), point.payload.unwrap()["n"].as_u64()), ("k3", Some(3)));
    assert_eq!(space.search(&Query { k: 1, ..Query::new("word7") }, &ctx()).unwrap().hits[0].id, "k7");
    for (text, part) in [
        (lines.lines().take(4).collect::<Vec<_>>().join("\n"), "more rows"),
        (format!("{lines}{{\"id\": 1}}\n"), "more records"),
    ] {
        fs_err::write(&table, text).unwrap();
        let err = import_table(&request(&other), &ctx()).unwrap_err().to_string();
        assert!(err.contains(part) && !other.exists(), "{err}");
    }
}
