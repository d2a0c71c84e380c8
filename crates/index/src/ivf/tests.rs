//! Against the exact scan; saved and opened; filters; edges.

use vectory_core::{Context, Metric, Vectors, VectorsRef, neighbors};

use super::{Ivf, IvfParams};
use crate::search::{Filter, Search, SearchParams};
use crate::testing::{assert_filters_keep_recall, clusters, recall};

fn params(lists: usize, codec: Option<&str>) -> IvfParams {
    IvfParams { lists, codec: codec.map(|c| c.parse().unwrap()), ..IvfParams::default() }
}

#[test]
fn all_lists_of_full_rows_are_the_exact_scan() {
    let ctx = Context::new(1, 2).unwrap();
    let (rows, queries) = (clusters(900, 12, 1), clusters(20, 12, 2));
    for metric in [Metric::L2, Metric::Dot, Metric::Cosine] {
        let truth = neighbors::exact(rows.view(), queries.view(), metric, 10, &ctx).unwrap();
        let ivf = Ivf::build(rows.view(), metric, &params(16, None), &ctx).unwrap();
        let searcher = ivf.searcher(None);
        let all = SearchParams { nprobe: 16, ..SearchParams::default() };
        let found: Vec<_> = queries.iter().map(|q| searcher.search(q, &all)).collect();
        assert_eq!(recall(&found, &truth), 1.0, "{metric}");
        for (f, t) in found.iter().flatten().zip(truth.iter().flatten()) {
            assert!((f.score - t.score).abs() < 1e-4, "{metric}: {f:?} {t:?}");
        }
    }
}

#[test]
fn codes_find_what_they_should_and_survive_the_disk() {
    let ctx = Context::new(1, 2).unwrap();
    let (rows, queries) = (clusters(3000, 32, 1), clusters(40, 32, 2));
    let dir = tempfile::tempdir().unwrap();
    for metric in [Metric::L2, Metric::Dot, Metric::Cosine] {
        let truth = neighbors::exact(rows.view(), queries.view(), metric, 10, &ctx).unwrap();
        for (codec, alone, ranked) in [
            ("LVQ8", 0.95, 0.99),
            ("LVQ4x8", 0.95, 0.99),
            ("SQ8", 0.95, 0.99),
            ("PQ16x4fs", 0.45, 0.93),
            ("PQ16", 0.75, 0.98),
            ("RaBitQ", 0.25, 0.9),
            ("RaBitQ5", 0.85, 0.95),
        ] {
            let ivf = Ivf::build(rows.view(), metric, &params(24, Some(codec)), &ctx).unwrap();
            let path = dir.path().join("x.ivf");
            ivf.save(&path).unwrap();
            let opened = Ivf::open(&path).unwrap();
            let search = |ivf: &Ivf, full: Option<VectorsRef<'_>>, nprobe| {
                let searcher = ivf.searcher(full);
                let params = SearchParams { nprobe, ..SearchParams::default() };
                queries.iter().map(|q| searcher.search(q, &params)).collect::<Vec<_>>()
            };
            let (a, b) = (search(&ivf, None, 24), search(&ivf, Some(rows.view()), 24));
            assert_eq!(a, search(&opened, None, 24));
            let (a, b) = (recall(&a, &truth), recall(&b, &truth));
            assert!(a >= alone && b >= ranked, "{codec} {metric}: {a} {b}");
            let few = recall(&search(&ivf, Some(rows.view()), 4), &truth);
            assert!(few > 0.5 && few <= 1.0, "{codec} {metric}: {few}");
        }
    }
}

#[test]
fn a_filter_never_leaves_fewer_than_there_are() {
    let ctx = Context::new(1, 2).unwrap();
    let rows = clusters(2000, 16, 3);
    for codec in [None, Some("PQ8x4fs"), Some("LVQ8")] {
        let ivf = Ivf::build(rows.view(), Metric::L2, &params(40, codec), &ctx).unwrap();
        let rare = |id: u32| id % 150 == 3;
        let params = SearchParams { k: 10, nprobe: 1, filter: Some(Filter::Test(&rare)), ..SearchParams::default() };
        let hits = ivf.searcher(Some(rows.view())).search(rows.row(3), &params);
        assert_eq!(hits.len(), 10, "{codec:?}");
        assert!(hits.iter().all(|h| rare(h.id)) && hits[0].id == 3);
        assert_eq!(ivf.searcher(None).search(rows.row(3), &SearchParams { k: 5000, ..params }).len(), 14);
    }
}

#[test]
fn a_filter_keeps_recall() {
    let ctx = Context::new(1, 2).unwrap();
    let (rows, queries) = (clusters(12_000, 24, 1), clusters(40, 24, 2));
    for (codec, least) in [(None, 0.93), (Some("LVQ8"), 0.93), (Some("PQ12x4fs"), 0.9)] {
        let ivf = Ivf::build(rows.view(), Metric::L2, &params(120, codec), &ctx).unwrap();
        let searcher = ivf.searcher(Some(rows.view()));
        let params = SearchParams { nprobe: 8, ..SearchParams::default() };
        assert_filters_keep_recall(&searcher, (rows.view(), queries.view()), &params, least);
    }
}

#[test]
fn any_number_of_threads_builds_the_same() {
    let rows = clusters(1500, 16, 4);
    let dir = tempfile::tempdir().unwrap();
    let build = |threads: usize| {
        let path = dir.path().join(format!("{threads}"));
        let ctx = Context::new(9, threads).unwrap();
        Ivf::build(rows.view(), Metric::Cosine, &params(20, Some("LVQ4")), &ctx).unwrap().save(&path).unwrap();
        fs_err::read(path).unwrap()
    };
    assert_eq!(build(1), build(3));
}

#[test]
fn empty_small_equal_and_wrong_sets() {
    let ctx = Context::new(1, 1).unwrap();
    let none = VectorsRef::new(&[], 4).unwrap();
    for codec in [None, Some("LVQ8"), Some("PQ2x4fs"), Some("RaBitQ")] {
        let p = params(8, codec);
        let ivf = Ivf::build(none, Metric::L2, &p, &ctx).unwrap();
        assert!(ivf.searcher(None).search(&[0.0; 4], &SearchParams::default()).is_empty());
        let three = Vectors::from_slice(&[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0], 4).unwrap();
        let ivf = Ivf::build(three.view(), Metric::L2, &p, &ctx).unwrap();
        let hits = ivf.searcher(None).search(&[0.0, 1.0, 0.0, 0.0], &SearchParams::default());
        assert_eq!((hits.len(), hits[0].id), (3, 1), "{codec:?}");
        let equal = Vectors::from_slice(&[1.0; 4000], 4).unwrap();
        let ivf = Ivf::build(equal.view(), Metric::Cosine, &p, &ctx).unwrap();
        let hits = ivf.searcher(None).search(&[1.0; 4], &SearchParams::default());
        assert!(hits.len() == 10 && hits.iter().all(|h| (h.score - 1.0).abs() < 0.01), "{codec:?} {hits:?}");
        let nan = VectorsRef::new(&[f32::NAN, 0.0, 0.0, 0.0], 4).unwrap();
        assert!(Ivf::build(nan, Metric::L2, &p, &ctx).is_err());
        assert!(Ivf::build(none, Metric::Jaccard, &p, &ctx).is_err());
    }
}
