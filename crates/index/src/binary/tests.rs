//! Bits against plain counting.

use rand::RngExt;
use vectory_core::bits::{BitRows, BitRowsRef};
use vectory_core::repr::BinaryRef;
use vectory_core::{Context, Hit, Metric, rng};

use super::{BinaryError, BinaryFactory, BinaryIndex};
use crate::search::{Filter, SearchParams};

/// Rows of `bytes` bytes near some forty others; every tenth is there twice or more.
fn rows(n: usize, bytes: usize, seed: u64) -> BitRows {
    let mut r = rng::stream(9, "binary test centres");
    let centres: Vec<Vec<u8>> =
        (0..40).map(|_| (0..bytes).map(|_| r.random::<u8>() & r.random::<u8>()).collect()).collect();
    let mut r = rng::stream(seed, "binary test rows");
    let mut out: Vec<u8> = Vec::new();
    for i in 0..n {
        if i > 50 && i % 10 == 0 {
            let from = r.random_range(0..50usize) * bytes;
            out.extend_from_within(from..from + bytes);
            continue;
        }
        let mut row = centres[r.random_range(0..40usize)].clone();
        (0..bytes).for_each(|_| row[r.random_range(0..bytes)] ^= 1 << r.random_range(0..8u32));
        out.extend(row);
    }
    BitRows::from_bytes(&out, bytes).unwrap()
}

/// All rows, best first, by the plain metric.
fn exact(rows: BitRowsRef<'_>, query: &[u64], metric: Metric) -> Vec<Hit> {
    let query = BinaryRef { words: query };
    let score = |words| match metric {
        Metric::Jaccard => query.jaccard(BinaryRef { words }),
        _ => -(query.hamming(BinaryRef { words }) as f32),
    };
    let mut all: Vec<Hit> = (0..).zip(rows.iter()).map(|(id, row)| Hit { id, score: score(row) }).collect();
    all.sort_by(Hit::best_first);
    all
}

fn build(rows: &BitRows, metric: Metric, factory: &str) -> BinaryIndex {
    BinaryIndex::build(rows.view(), metric, &factory.parse().unwrap(), &Context::new(1, 2).unwrap()).unwrap()
}

#[test]
fn the_scan_is_the_plain_metric() {
    let odd = |id: u32| id % 2 == 1;
    for bytes in [1, 8, 13, 16, 32, 100, 256] {
        let (base, queries) = (rows(700, bytes, 1), rows(10, bytes, 2));
        for metric in [Metric::Hamming, Metric::Jaccard] {
            let index = build(&base, metric, "BFlat");
            for q in queries.view().iter() {
                let want = exact(base.view(), q, metric);
                assert_eq!(
                    index.search(q, &SearchParams { k: 25, ..SearchParams::default() }),
                    want[..25],
                    "{metric} {bytes}"
                );
                let within: Vec<Hit> = want.iter().copied().filter(|h| h.score >= want[30].score).collect();
                assert_eq!(index.range(q, want[30].score, &SearchParams::default()), within);
                let some = index
                    .search(q, &SearchParams { k: 9, filter: Some(Filter::Test(&odd)), ..SearchParams::default() });
                assert_eq!(some, want.iter().copied().filter(|h| odd(h.id)).take(9).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn the_graph_finds_nearly_all() {
    let (base, queries) = (rows(4000, 32, 1), rows(60, 32, 2));
    let third = |id: u32| id.is_multiple_of(3);
    for metric in [Metric::Hamming, Metric::Jaccard] {
        let index = build(&base, metric, "BHNSW12");
        let (mut met, mut within, mut there, mut passing) = (0, 0, 0, 0);
        for q in queries.view().iter() {
            let want = exact(base.view(), q, metric);
            // Ties are many: what counts is how near the hits are.
            let params = SearchParams { k: 10, ef: 80, ..SearchParams::default() };
            met += index.search(q, &params).iter().filter(|h| h.score >= want[9].score).count();
            // Two groups and a part of others, which no link leads to from the first.
            let found = index.range(q, want[200].score, &SearchParams { ef: 300, ..params });
            assert!(found.iter().all(|h| h.score >= want[200].score));
            within += found.len();
            there += want.iter().filter(|h| h.score >= want[200].score).count();
            let pass: Vec<Hit> = want.into_iter().filter(|h| third(h.id)).collect();
            let some = index.search(q, &SearchParams { filter: Some(Filter::Test(&third)), ..params });
            assert!(some.len() == 10 && some.iter().all(|h| third(h.id)));
            passing += some.iter().filter(|h| h.score >= pass[9].score).count();
        }
        assert!(met >= 590 && passing >= 580, "{metric}: {met} and {passing} of 600");
        assert!(within as f64 >= 0.9 * there as f64, "{metric}: {within} of {there}");
    }
}

#[test]
fn saved_is_opened_and_threads_do_not_matter() {
    let base = rows(900, 16, 3);
    let dir = tempfile::tempdir().unwrap();
    for (name, metric) in [("BFlat", Metric::Jaccard), ("BHNSW8", Metric::Hamming)] {
        let index = build(&base, metric, name);
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        index.save(&a).unwrap();
        let one =
            BinaryIndex::build(base.view(), metric, &name.parse().unwrap(), &Context::new(1, 1).unwrap()).unwrap();
        one.save(&b).unwrap();
        assert_eq!(fs_err::read(&a).unwrap(), fs_err::read(&b).unwrap());
        let opened = BinaryIndex::open(&a).unwrap();
        assert_eq!((opened.len(), opened.metric(), opened.rows()), (900, metric, base.view()));
        for q in base.view().iter().take(20) {
            assert_eq!(opened.search(q, &SearchParams::default()), index.search(q, &SearchParams::default()));
        }
    }
}

#[test]
fn wrong_and_extreme_input() {
    let ctx = Context::new(1, 2).unwrap();
    let base = rows(30, 8, 1);
    let wrong = BinaryIndex::build(base.view(), Metric::L2, &BinaryFactory::Flat, &ctx);
    assert!(matches!(wrong, Err(BinaryError::Metric(Metric::L2))));
    let none = BitRowsRef::new(&[], 64).unwrap();
    let same = BitRows::from_bytes(&[7; 8 * 3000], 8).unwrap();
    for name in ["BFlat", "BHNSW4"] {
        let factory = name.parse().unwrap();
        let empty = BinaryIndex::build(none, Metric::Hamming, &factory, &ctx).unwrap();
        assert!(
            empty.search(&[1], &SearchParams::default()).is_empty()
                && empty.range(&[1], -9.0, &SearchParams::default()).is_empty()
        );
        let index = build(&base, Metric::Jaccard, name);
        assert!(index.search(&[1, 2], &SearchParams::default()).is_empty());
        assert_eq!(index.search(&[1], &SearchParams { k: 99, ..SearchParams::default() }).len(), 30);
        // Three thousand equal rows: the first ten are the answer, and all are within.
        let index = build(&same, Metric::Hamming, name);
        let ids: Vec<u32> = index.search(&[0], &SearchParams::default()).iter().map(|h| h.id).collect();
        assert_eq!(ids, (0..10).collect::<Vec<_>>());
        assert_eq!(index.range(&[u64::MAX], -64.0, &SearchParams::default()).len(), 3000);
        // Empty sets are the same set.
        let zero = BitRows::from_bytes(&[0; 16], 8).unwrap();
        assert_eq!(build(&zero, Metric::Jaccard, name).search(&[0], &SearchParams::default())[1].score, 1.0);
    }
}
