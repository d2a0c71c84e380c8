use proptest::prelude::*;
use rand::RngExt;
use vectory_core::repr::SparseSet;
use vectory_core::{Context, neighbors, rng};

use super::*;

fn ctx(threads: usize) -> Context {
    Context::new(9, threads).unwrap()
}

/// Items around topics, weights falling from the topic's dimensions outward.
fn items(n: usize, width: u32, seed: u64) -> SparseSet {
    let mut r = rng::stream(seed, "sparse tests");
    let mut set = SparseSet::new();
    for i in 0..n {
        let topic = (i % 17) as u32 * 29;
        let mut entries: Vec<(u32, f32)> =
            (0..12).map(|j| ((topic + j * j) % width, 3.0 / (1.0 + j as f32) * r.random_range(0.5..1.5))).collect();
        entries.extend((0..8).map(|_| (r.random_range(0..width), r.random_range(0.05..0.6))));
        set.push(&mut entries);
    }
    set
}

fn truth(set: &SparseSet, queries: &SparseSet, k: usize) -> Vec<Vec<vectory_core::Hit>> {
    queries
        .iter()
        .map(|q| {
            let mut top = vectory_core::TopK::new(k);
            for (i, item) in (0..).zip(set.iter()) {
                let score = q.dot(item);
                if score > 0.0 {
                    top.push(i, score);
                }
            }
            top.into_sorted()
        })
        .collect()
}

#[test]
fn exact_weights_are_found_exactly() {
    let (set, asked) = (items(500, 300, 1), items(20, 300, 2));
    let index = SparseIndex::build(&set, &"Sparse,F32".parse().unwrap(), &ctx(1)).unwrap();
    let found = index.search_all(&asked, &SparseSearchParams::default(), &ctx(2)).unwrap();
    for (a, b) in found.iter().zip(&truth(&set, &asked, 10)) {
        assert!(
            a.iter().zip(b).all(|(x, y)| x.id == y.id && (x.score - y.score).abs() < 1e-4 * y.score),
            "{a:?} {b:?}"
        );
    }
    let coarse = SparseIndex::build(&set, &"Sparse".parse().unwrap(), &ctx(1)).unwrap();
    let found = coarse.search_all(&asked, &SparseSearchParams::default(), &ctx(2)).unwrap();
    assert!(neighbors::recall(&found, &truth(&set, &asked, 10), 10) > 0.9);
}

#[test]
fn reading_everything_is_exact_and_reading_less_nearly_so() {
    let (set, asked) = (items(800, 70_000, 3), items(30, 70_000, 4));
    let index = SparseIndex::build(&set, &"Seismic".parse().unwrap(), &ctx(2)).unwrap();
    let all = SparseSearchParams { query_cut: 100, heap_factor: 0.0, ..Default::default() };
    let truth = truth(&set, &asked, 10);
    let found = index.search_all(&asked, &all, &ctx(1)).unwrap();
    for (a, b) in found.iter().zip(&truth) {
        assert!(a.len() == b.len() && a.iter().zip(b).all(|(x, y)| (x.score - y.score).abs() < 1e-3 * y.score));
    }
    let some = index.search_all(&asked, &SparseSearchParams { query_cut: 5, ..Default::default() }, &ctx(1)).unwrap();
    let recall = neighbors::recall(&some, &truth, 10);
    assert!(recall > 0.85, "{recall}");
    let even = |i: u32| i.is_multiple_of(2);
    let filtered = index.search_all(&asked, &SparseSearchParams { filter: Some(&even), ..all }, &ctx(1)).unwrap();
    assert!(filtered.iter().flatten().all(|h| h.id % 2 == 0) && filtered[0].len() == 10);
}

#[test]
fn memory_map_and_threads_agree() {
    let dir = tempfile::tempdir().unwrap();
    for width in [400, 70_000] {
        let (set, asked) = (items(300, width, 5), items(10, width, 6));
        for factory in ["Sparse", "Sparse,F32", "Seismic", "Seismic20"] {
            let build = |t| SparseIndex::build(&set, &factory.parse().unwrap(), &ctx(t)).unwrap();
            let (a, b) = (dir.path().join("a.idx"), dir.path().join("b.idx"));
            build(1).save(&a).unwrap();
            build(3).save(&b).unwrap();
            assert_eq!(fs_err::read(&a).unwrap(), fs_err::read(&b).unwrap(), "{factory}: threads");
            let (built, opened) = (build(1), SparseIndex::open(&a).unwrap());
            assert_eq!((built.len(), opened.len()), (300, 300));
            let all = |i: &SparseIndex, t| i.search_all(&asked, &SparseSearchParams::default(), &ctx(t)).unwrap();
            assert_eq!(all(&built, 1), all(&opened, 2), "{factory}");
        }
    }
}

#[test]
fn odd_sets_are_answered_or_refused() {
    let mut set = SparseSet::new();
    set.push(&mut Vec::new());
    set.push(&mut vec![(3, 1.0)]);
    set.push(&mut vec![(3, 1.0), (5, 0.5)]);
    for factory in ["Sparse", "Sparse,F32", "Seismic"] {
        let index = SparseIndex::build(&set, &factory.parse().unwrap(), &ctx(1)).unwrap();
        let ask = |entries: &[(u32, f32)]| {
            let mut q = SparseSet::new();
            q.push(&mut entries.to_vec());
            let hits =
                index.search_all(&q, &SparseSearchParams { k: 9, ..Default::default() }, &ctx(1)).unwrap().remove(0);
            hits.iter().map(|h| h.id).collect::<Vec<_>>()
        };
        assert_eq!(ask(&[(3, 2.0)]), [1, 2], "{factory}: ties by number, all that share a dimension");
        assert_eq!(ask(&[(5, 1.0), (900_000, 7.0)]), [2], "{factory}");
        assert!(ask(&[]).is_empty() && ask(&[(4, 1.0)]).is_empty());
        let none = SparseIndex::build(&SparseSet::new(), &factory.parse().unwrap(), &ctx(1)).unwrap();
        assert!(none.search_all(&set, &SparseSearchParams::default(), &ctx(1)).unwrap().iter().all(Vec::is_empty));
    }
    set.push(&mut vec![(2, -1.0)]);
    for factory in ["Sparse", "Seismic"] {
        let message = SparseIndex::build(&set, &factory.parse().unwrap(), &ctx(1)).err().map(|e| e.to_string());
        assert!(message.as_ref().is_some_and(|m| m.contains("-1")), "{factory}: {message:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn damage_is_refused(place in any::<u32>(), bit in 0u8..8) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("d.idx");
        SparseIndex::build(&items(30, 90, 7), &"Seismic".parse().unwrap(), &ctx(1)).unwrap().save(&path).unwrap();
        let mut bytes = fs_err::read(&path).unwrap();
        let place = place as usize % bytes.len();
        bytes[place] ^= 1 << bit;
        fs_err::write(&path, &bytes).unwrap();
        prop_assert!(SparseIndex::open(&path).is_err());
        fs_err::write(&path, &bytes[..place]).unwrap();
        prop_assert!(SparseIndex::open(&path).is_err());
    }
}
