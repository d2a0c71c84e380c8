//! Against the exact scan; saved and opened; filters; edges.

use vectory_core::{Context, Metric, Vectors, VectorsRef, neighbors};

use super::{LowRank, LowRankParams};
use crate::search::{Filter, Search, SearchParams};
use crate::testing::{assert_filters_keep_recall, clusters, recall};

fn params(clusters: usize, rank: usize) -> LowRankParams {
    LowRankParams { clusters, rank, ..LowRankParams::default() }
}

#[test]
fn finds_the_nearest_and_survives_the_disk() {
    let ctx = Context::new(1, 2).unwrap();
    let dir = tempfile::tempdir().unwrap();
    for (metric, dim, rank, least) in [
        (Metric::L2, 24, 24, 0.99),
        (Metric::Dot, 24, 24, 0.98),
        (Metric::Cosine, 24, 24, 0.98),
        (Metric::L2, 24, 12, 0.85),
        (Metric::Cosine, 160, 32, 0.6),
    ] {
        let (rows, queries) = (clusters(3000, dim, 1), clusters(40, dim, 2));
        let truth = neighbors::exact(rows.view(), queries.view(), metric, 10, &ctx).unwrap();
        let index = LowRank::build(rows.view(), metric, &params(30, rank), &ctx).unwrap();
        let path = dir.path().join("x.lowrank");
        index.save(&path).unwrap();
        let opened = LowRank::open(&path).unwrap();
        let search = |index: &LowRank, nprobe| {
            let searcher = index.on(rows.view()).unwrap();
            let params = SearchParams { nprobe, ..SearchParams::default() };
            queries.iter().map(|q| searcher.search(q, &params)).collect::<Vec<_>>()
        };
        let found = search(&index, 30);
        assert_eq!(found, search(&opened, 30));
        let all = recall(&found, &truth);
        assert!(all >= least, "{metric} {dim} {rank}: {all}");
        let few = recall(&search(&index, 4), &truth);
        assert!(few > 0.5 && few <= all + 0.05, "{metric} {dim} {rank}: {few} {all}");
        for (f, t) in found.iter().flatten().zip(truth.iter().flatten()) {
            assert!(f.score <= t.score + 1e-4, "{metric}: {f:?} {t:?}");
        }
    }
}

#[test]
fn a_filter_keeps_recall() {
    let ctx = Context::new(1, 2).unwrap();
    let (rows, queries) = (clusters(12_000, 24, 1), clusters(40, 24, 2));
    let index = LowRank::build(rows.view(), Metric::L2, &params(120, 24), &ctx).unwrap();
    let params = SearchParams { nprobe: 8, ..SearchParams::default() };
    assert_filters_keep_recall(&index.on(rows.view()).unwrap(), (rows.view(), queries.view()), &params, 0.93);
}

#[test]
fn a_filter_never_leaves_fewer_than_there_are() {
    let ctx = Context::new(1, 2).unwrap();
    let rows = clusters(2000, 16, 3);
    let index = LowRank::build(rows.view(), Metric::L2, &params(40, 16), &ctx).unwrap();
    let searcher = index.on(rows.view()).unwrap();
    let rare = |id: u32| id % 150 == 3;
    let params = SearchParams { k: 10, nprobe: 1, filter: Some(Filter::Test(&rare)), ..SearchParams::default() };
    let hits = searcher.search(rows.row(3), &params);
    assert!(hits.len() == 10 && hits.iter().all(|h| rare(h.id)) && hits[0].id == 3);
    assert_eq!(searcher.search(rows.row(3), &SearchParams { k: 5000, ..params }).len(), 14);
}

#[test]
fn any_number_of_threads_builds_the_same() {
    let rows = clusters(1500, 16, 4);
    let dir = tempfile::tempdir().unwrap();
    let build = |threads: usize| {
        let path = dir.path().join(format!("{threads}"));
        let ctx = Context::new(9, threads).unwrap();
        LowRank::build(rows.view(), Metric::Cosine, &params(20, 8), &ctx).unwrap().save(&path).unwrap();
        fs_err::read(path).unwrap()
    };
    assert_eq!(build(1), build(3));
}

#[test]
fn empty_small_equal_and_wrong_sets() {
    let ctx = Context::new(1, 1).unwrap();
    let p = params(8, 32);
    let none = VectorsRef::new(&[], 4).unwrap();
    let index = LowRank::build(none, Metric::L2, &p, &ctx).unwrap();
    assert!(index.on(none).unwrap().search(&[0.0; 4], &SearchParams::default()).is_empty());
    let three = Vectors::from_slice(&[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0], 4).unwrap();
    let index = LowRank::build(three.view(), Metric::L2, &p, &ctx).unwrap();
    assert!(index.on(none).is_none());
    let searcher = index.on(three.view()).unwrap();
    let hits = searcher.search(&[0.0, 1.0, 0.0, 0.0], &SearchParams::default());
    assert_eq!((hits.len(), hits[0].id), (3, 1));
    assert!(searcher.search(&[0.0; 3], &SearchParams::default()).is_empty());
    assert!(searcher.search(&[f32::NAN; 4], &SearchParams::default()).is_empty());
    let equal = Vectors::from_slice(&[1.0; 4000], 4).unwrap();
    for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
        let index = LowRank::build(equal.view(), metric, &p, &ctx).unwrap();
        let hits =
            index.on(equal.view()).unwrap().search(&[1.0; 4], &SearchParams { k: 900, ..SearchParams::default() });
        assert_eq!(hits.len(), 900, "{metric}");
    }
    let nan = VectorsRef::new(&[0.0, f32::NAN, 0.0, 0.0], 4).unwrap();
    let message = LowRank::build(nan, Metric::L2, &p, &ctx).err().unwrap().to_string();
    assert_eq!(message, "row 0 has a value that is not finite at dimension 1");
    assert!(LowRank::build(none, Metric::Jaccard, &p, &ctx).is_err());
    assert!(
        LowRank::build(three.view(), Metric::L2, &params(1, 0), &ctx)
            .err()
            .unwrap()
            .to_string()
            .contains("`rank` is 0")
    );
}
