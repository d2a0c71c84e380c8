//! Points against a plain model in memory: random changes, reopening, merging, filters, searches.
#![allow(clippy::unwrap_used, reason = "a failed step of a test ends it")]

mod common;

use std::collections::BTreeMap;

use common::{Encoders, ctx};
use serde_json::{Map, Value, json};
use vectory_core::Metric;
use vectory_space::filter::from_json;
use vectory_space::json::At;
use vectory_space::{
    Ask, CheckLevel, Given, GivenRecipe, IndexRecipe, Input, Live, Op, PayloadChange, Point, PointQuery, Recipe,
    Select, Selection, View, WithPayload, WithVectors, Writer, WriterParams, check,
};

const DIM: usize = 8;

fn recipe() -> Recipe {
    let given = GivenRecipe { size: DIM, distance: Metric::Dot, ..GivenRecipe::default() };
    let index = IndexRecipe { graph_from: 300, ..IndexRecipe::default() };
    let multi = GivenRecipe { size: 2, multi: true, ..given };
    Recipe {
        views: vec![
            View::given("", given, index.clone()),
            View::given_sparse("sparse", false),
            View::given("multi", multi, index),
        ],
        ..Recipe::default()
    }
}

fn params() -> WriterParams {
    WriterParams { merge_from: 4, ..WriterParams::default() }
}

/// What a point is in the model.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    payload: Map<String, Value>,
    dense: Option<Vec<f32>>,
    sparse: Option<(Vec<u32>, Vec<f32>)>,
    multi: Option<Vec<Vec<f32>>>,
}

impl Model {
    fn random(r: &mut Random) -> Self {
        let row = |r: &mut Random, n: usize| (0..n).map(|_| r.below(200) as f32 / 100.0 - 1.0).collect::<Vec<f32>>();
        let tag = ["a", "b", "c"][r.below(3) as usize];
        let payload = json!({"n": r.below(20), "tag": tag, "o": {"x": r.below(5)}});
        Self {
            payload: payload.as_object().cloned().unwrap(),
            dense: (r.below(10) > 0).then(|| row(r, DIM)),
            sparse: (r.below(3) > 0).then(|| {
                let indices: Vec<u32> = (0..4).map(|i| i * 1000 + r.below(9) as u32).collect();
                let values = row(r, 4);
                (indices, values)
            }),
            multi: (r.below(4) == 0).then(|| (0..=r.below(3)).map(|_| row(r, 2)).collect()),
        }
    }

    fn vectors(&self) -> Vec<(String, Given)> {
        let mut out = Vec::new();
        out.extend(self.dense.clone().map(|v| (String::new(), Given::Dense(v))));
        out.extend(self.sparse.clone().map(|(indices, values)| ("sparse".into(), Given::Sparse { indices, values })));
        out.extend(self.multi.clone().map(|v| ("multi".into(), Given::Multi(v))));
        out
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = vectory_core::rng::mix(self.0.wrapping_add(0x9e37_79b9_7f4a_7c15));
        self.0 % n
    }
}

type Oracle = BTreeMap<u64, Model>;

fn compare(live: &Live, oracle: &Oracle, r: &mut Random) {
    let all = Select { payload: WithPayload::All, vectors: WithVectors::All, text: false };
    let (numbers, next) = live.space().scroll(None, None, usize::MAX).unwrap();
    let found = live.space().read_points(&numbers, &all).unwrap();
    assert_eq!(next, None);
    let ids: Vec<u64> = found.iter().map(|p| p.id.parse().unwrap()).collect();
    assert_eq!(ids, oracle.keys().copied().collect::<Vec<_>>(), "ids in order");
    for point in &found {
        let model = &oracle[&point.id.parse::<u64>().unwrap()];
        assert_eq!(point.payload.as_ref().unwrap(), &model.payload, "payload of {}", point.id);
        assert_eq!(point.vectors.as_ref().unwrap(), &model.vectors(), "vectors of {}", point.id);
    }
    let tag = ["a", "b", "c"][r.below(3) as usize];
    let from = r.below(20);
    let filter =
        json!({"must": [{"key": "n", "range": {"gte": from}}], "must_not": [{"key": "tag", "match": {"value": tag}}]});
    let filter = from_json(&At::root(&filter)).unwrap();
    let passes = |m: &Model| {
        m.payload.get("n").and_then(Value::as_u64).is_some_and(|n| n >= from)
            && m.payload.get("tag") != Some(&json!(tag))
    };
    assert_eq!(live.space().count(Some(&filter)).unwrap(), oracle.values().filter(|m| passes(m)).count() as u64);
    let query: Vec<f32> = (0..DIM).map(|_| r.below(200) as f32 / 100.0 - 1.0).collect();
    let ask = |ask, using: &str, k| {
        let q = PointQuery {
            ask: Some(ask),
            using: using.into(),
            filter: Some(filter.clone()),
            limit: k,
            exact: true,
            ..PointQuery::default()
        };
        let found = live.space().query_points(&q, &ctx()).unwrap();
        found.iter().map(|f| f.score).collect::<Vec<f32>>()
    };
    let best = |mut scores: Vec<f32>, k: usize| {
        scores.sort_by(|a, b| b.total_cmp(a));
        scores.truncate(k);
        scores
    };
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    let close = |a: &[f32], b: &[f32]| a.len() == b.len() && a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-4);
    let expected = best(
        oracle.values().filter(|m| passes(m)).filter_map(|m| m.dense.as_ref()).map(|v| dot(v, &query)).collect(),
        10,
    );
    let got = ask(Ask::Nearest(Input::Dense(query.clone())), "", 10);
    assert!(close(&got, &expected), "{got:?} {expected:?}");
    let sparse = (vec![1003, 4, 2005], vec![1.0, 0.5, -1.0]);
    let weights = |m: &Model| {
        let (dims, values) = m.sparse.as_ref()?;
        let parts: Vec<f32> = sparse
            .0
            .iter()
            .zip(&sparse.1)
            .filter_map(|(d, w)| Some(w * values[dims.iter().position(|x| x == d)?]))
            .collect();
        (!parts.is_empty()).then(|| parts.iter().sum::<f32>())
    };
    let expected = best(oracle.values().filter(|m| passes(m)).filter_map(weights).collect(), 10);
    let got = ask(Ask::Nearest(Input::Sparse { indices: sparse.0.clone(), values: sparse.1.clone() }), "sparse", 10);
    assert!(close(&got, &expected), "{got:?} {expected:?}");
    let tokens = vec![vec![0.5, -0.5], vec![1.0, 1.0]];
    let max_sim = |m: &Model| {
        let rows = m.multi.as_ref()?;
        Some(tokens.iter().map(|t| rows.iter().map(|v| dot(t, v)).fold(f32::NEG_INFINITY, f32::max)).sum::<f32>())
    };
    let expected = best(oracle.values().filter(|m| passes(m)).filter_map(max_sim).collect(), 10);
    let got = ask(Ask::Nearest(Input::Multi(tokens.clone())), "multi", 10);
    assert!(close(&got, &expected), "{got:?} {expected:?}");
}

fn change(live: &Live, oracle: &mut Oracle, r: &mut Random) {
    let id = |r: &mut Random| r.below(400);
    match r.below(10) {
        0..=3 => {
            let batch: Vec<(u64, Model)> = (0..=r.below(6)).map(|_| (id(r), Model::random(r))).collect();
            let point = |(id, m): &(u64, Model)| Point {
                id: id.to_string(),
                payload: m.payload.clone(),
                vectors: m.vectors(),
                text: None,
            };
            live.apply(Op::Upsert(batch.iter().map(point).collect())).unwrap();
            oracle.extend(batch);
        }
        4 => {
            let ids: Vec<u64> = (0..3).map(|_| id(r)).collect();
            live.apply(Op::Delete(Selection::Ids(ids.iter().map(u64::to_string).collect()))).unwrap();
            ids.iter().for_each(|i| _ = oracle.remove(i));
        }
        5 => {
            let value = r.below(5);
            let filter = json!({"must": [{"key": "o.x", "match": {"value": value}}, {"key": "n", "range": {"lt": 2}}]});
            live.apply(Op::Delete(Selection::Filter(from_json(&At::root(&filter)).unwrap()))).unwrap();
            oracle.retain(|_, m| {
                !(m.payload.get("o").is_some_and(|o| o["x"] == json!(value))
                    && m.payload.get("n").and_then(Value::as_u64).is_some_and(|n| n < 2))
            });
        }
        6 | 7 => {
            let ids: Vec<u64> = (0..4).map(|_| id(r)).collect();
            let values = json!({"n": r.below(20), "new": r.below(3)}).as_object().cloned().unwrap();
            let change = match r.below(4) {
                0 => PayloadChange::Delete(vec!["tag".into(), "new".into()]),
                1 => PayloadChange::Overwrite(values.clone()),
                _ => PayloadChange::Set { values: values.clone(), at: None },
            };
            live.apply(Op::Payload(Selection::Ids(ids.iter().map(u64::to_string).collect()), change.clone())).unwrap();
            for m in ids.iter().filter_map(|i| oracle.get(i).cloned().map(|m| (*i, m))).collect::<BTreeMap<_, _>>() {
                let model = oracle.get_mut(&m.0).unwrap();
                match &change {
                    PayloadChange::Delete(keys) => keys.iter().for_each(|k| _ = model.payload.shift_remove(k)),
                    PayloadChange::Overwrite(v) => model.payload = v.clone(),
                    PayloadChange::Set { values, .. } => model.payload.extend(values.clone()),
                    PayloadChange::Clear => model.payload.clear(),
                }
            }
        }
        8 => {
            let Some(id) = oracle.keys().nth(r.below(oracle.len().max(1) as u64) as usize).copied() else { return };
            let fresh = Model::random(r);
            let vectors: Vec<_> = fresh.vectors().into_iter().filter(|v| v.0 != "multi").collect();
            live.apply(Op::UpdateVectors(vec![(id.to_string(), vectors)])).unwrap();
            let model = oracle.get_mut(&id).unwrap();
            model.dense = fresh.dense.or(model.dense.take());
            model.sparse = fresh.sparse.or(model.sparse.take());
        }
        _ => {
            let ids: Vec<u64> = (0..3).map(|_| id(r)).collect();
            let selection = Selection::Ids(ids.iter().map(u64::to_string).collect());
            live.apply(Op::DeleteVectors(selection, vec!["sparse".into()])).unwrap();
            ids.iter().for_each(|i| _ = oracle.get_mut(i).map(|m| m.sparse = None));
        }
    }
}

/// Ten thousand random changes, many of them sharing a commit; compared with the model again and again, across reopening,
/// merging and checking.
#[test]
fn random_changes_agree_with_a_model_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.space");
    let writer = Writer::create(&path, &recipe(), &Encoders, params()).unwrap();
    let mut live = Live::start(&path, writer, &Encoders, ctx()).unwrap();
    let (mut oracle, mut r) = (Oracle::new(), Random(11));
    let mut operations = 0;
    while operations < 10_000 {
        // Changes that are handed in together share a commit.
        let batch: Vec<Op> = (0..24).map(|_| upsert(&mut oracle, &mut r)).collect();
        operations += batch.len();
        live.apply(Op::Batch(batch)).unwrap();
        for _ in 0..2 {
            change(&live, &mut oracle, &mut r);
            operations += 1;
        }
        if operations % 520 == 0 {
            compare(&live, &oracle, &mut r);
        }
        if operations % 2600 == 0 {
            live.apply(Op::Optimize).unwrap();
            compare(&live, &oracle, &mut r);
            drop(live);
            let report = check(&path, CheckLevel::Full, &Encoders, &ctx()).unwrap();
            assert!(report.is_healthy(), "{:?}", report.problems);
            live = Live::open(&path, &Encoders, params(), ctx()).unwrap();
            compare(&live, &oracle, &mut r);
        }
    }
    compare(&live, &oracle, &mut r);
}

/// A change of one point, applied to the model too.
fn upsert(oracle: &mut Oracle, r: &mut Random) -> Op {
    let id = r.below(400);
    if r.below(8) == 0 {
        oracle.remove(&id);
        return Op::Delete(Selection::Ids(vec![id.to_string()]));
    }
    let model = Model::random(r);
    let point = Point { id: id.to_string(), payload: model.payload.clone(), vectors: model.vectors(), text: None };
    oracle.insert(id, model);
    Op::Upsert(vec![point])
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.space");
    let writer = Writer::create(&path, &recipe(), &Encoders, params()).unwrap();
    let live = Live::start(&path, writer, &Encoders, ctx()).unwrap();
    let point = |vectors| Point { id: "1".into(), vectors, ..Point::default() };
    let cases: [(Vec<(String, Given)>, &str); 6] = [
        (vec![(String::new(), Given::Dense(vec![1.0; 3]))], "has 3 values, expected 8"),
        (vec![(String::new(), Given::Dense(vec![f32::NAN; 8]))], "not finite"),
        (vec![("nosuch".into(), Given::Dense(vec![1.0; 8]))], "`sparse`"),
        (vec![("sparse".into(), Given::Dense(vec![1.0; 8]))], "a sparse one is expected"),
        (vec![("sparse".into(), Given::Sparse { indices: vec![1, 1], values: vec![1.0, 2.0] })], "index 1 twice"),
        (vec![("multi".into(), Given::Multi(vec![vec![1.0]]))], "has 1 values, expected 2"),
    ];
    for (vectors, why) in cases {
        let good = point(vec![(String::new(), Given::Dense(vec![1.0; 8]))]);
        let err = live.apply(Op::Upsert(vec![good, point(vectors)])).unwrap_err().to_string();
        assert!(err.contains(why), "{err}");
        assert_eq!(live.space().count(None).unwrap(), 0);
    }
    let err = live.apply(Op::UpdateVectors(vec![("9".into(), vec![])])).unwrap_err().to_string();
    assert!(err.contains("no point 9"), "{err}");
}

#[test]
fn what_is_deleted_leaves_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.space");
    let writer = Writer::create(&path, &recipe(), &Encoders, params()).unwrap();
    let live = Live::start(&path, writer, &Encoders, ctx()).unwrap();
    let marked = |i: u32| vec![12_345.678 + i as f32; DIM];
    let point = |i: u32| Point {
        id: i.to_string(),
        vectors: vec![(String::new(), Given::Dense(marked(i)))],
        ..Point::default()
    };
    live.apply(Op::Upsert((0..2000).map(point).collect())).unwrap();
    live.apply(Op::Delete(Selection::Ids((0..1990).map(|i: u32| i.to_string()).collect()))).unwrap();
    live.apply(Op::Optimize).unwrap();
    assert_eq!(live.space().count(None).unwrap(), 10);
    let needle: [u8; 4] = 12_345.678f32.to_le_bytes();
    let mut rows_bytes = 0;
    for entry in walk(&path.join("segments")) {
        let bytes = fs_err::read(&entry).unwrap();
        rows_bytes += bytes.len();
        assert!(!bytes.windows(4).any(|w| w == needle), "{} still has a deleted vector", entry.display());
    }
    assert!(rows_bytes < 8192, "{rows_bytes} bytes for ten points");
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { out.extend(walk(&path)) } else { out.push(path) }
    }
    out
}
