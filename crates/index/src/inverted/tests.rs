use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use vectory_core::Hit;

use super::*;

type Texts = Vec<Vec<u8>>;

fn name(t: u8) -> String {
    format!("t{t}")
}

fn index(texts: &Texts, first: u32, params: Bm25Params) -> InvertedIndex {
    let mut b = InvertedBuilder::new(params);
    for (doc, text) in (first..).zip(texts) {
        let terms: Vec<String> = text.iter().map(|t| name(*t)).collect();
        b.add(doc, terms.iter().map(String::as_str)).unwrap();
    }
    b.finish().unwrap()
}

/// What every search must give: a loop over all documents, straight from the formula, in the same f32 steps.
fn plain(texts: &Texts, query: &[(String, f32)], k: usize, p: Bm25Params, filter: impl Fn(u32) -> bool) -> Vec<Hit> {
    let total: usize = texts.iter().map(Vec::len).sum();
    let average = total as f64 / texts.len() as f64;
    let mut weights: Vec<(String, f32)> = Vec::new();
    for (t, w) in query {
        match weights.iter_mut().find(|(known, _)| known == t) {
            Some((_, sum)) => *sum += w,
            None => weights.push((t.clone(), *w)),
        }
    }
    let mut hits = Vec::new();
    for (doc, text) in (0..).zip(texts).filter(|(d, _)| filter(*d)) {
        let mut score = None;
        for (term, weight) in &weights {
            let tf = text.iter().filter(|t| name(**t) == *term).count();
            if tf > 0 {
                let df = texts.iter().filter(|x| x.iter().any(|t| name(*t) == *term)).count();
                let weight = weight * p.idf(texts.len() as u64, df as u64) as f32;
                let value = weight * p.saturation().at(tf as f32, p.norm(text.len() as u32, average));
                score = Some(score.map_or(value, |s: f32| s + value));
            }
        }
        hits.extend(score.map(|s| Hit { id: doc, score: s + 0.0 }));
    }
    hits.sort_by(Hit::best_first);
    hits.truncate(k);
    hits
}

fn bits(hits: &[Hit]) -> Vec<(u32, u32)> {
    hits.iter().map(|h| (h.id, h.score.to_bits())).collect()
}

fn variant() -> impl Strategy<Value = Bm25Params> {
    use Bm25Variant::{Atire, Bm25L, Bm25Plus, Lucene, Robertson};
    (proptest::sample::select(vec![Lucene, Robertson, Atire, Bm25L, Bm25Plus]), 0.0f32..2.0, 0.0f32..=1.0)
        .prop_map(|(variant, k1, b)| Bm25Params { k1, b, delta: 0.5, variant })
}

/// Few frequent terms and many rare ones, so that lists of one, some and many blocks occur.
fn texts() -> impl Strategy<Value = Texts> {
    let term = prop_oneof![4 => 0u8..4, 1 => any::<u8>()];
    proptest::collection::vec(proptest::collection::vec(term, 0..12), 1..600)
}

fn query() -> impl Strategy<Value = Vec<(String, f32)>> {
    proptest::collection::vec((prop_oneof![0u8..4, any::<u8>()].prop_map(name), 0.1f32..3.0), 0..7)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn search_is_the_plain_loop_bit_for_bit(texts in texts(), query in query(), k in 1usize..40, p in variant(), step in 1u32..5) {
        let index = index(&texts, 0, p);
        let filter = |d: u32| d.is_multiple_of(step);
        prop_assert_eq!(bits(&index.search(&query, k, None)), bits(&plain(&texts, &query, k, p, |_| true)));
        let hits = index.search(&query, k, Some(&filter));
        prop_assert_eq!(bits(&hits), bits(&plain(&texts, &query, k, p, filter)));
        let docs: Vec<u32> = hits.iter().rev().map(|h| h.id).collect();
        let scores: Vec<u32> = index.score_docs(&query, &docs, None).iter().rev().map(|s| s.to_bits()).collect();
        prop_assert_eq!(scores, hits.iter().map(|h| h.score.to_bits()).collect::<Vec<_>>());
        for hit in &hits {
            let matched = index.matched_terms(&query, hit.id, None);
            let sum: f32 = matched.iter().map(|m| m.score).sum();
            prop_assert!((sum - hit.score).abs() <= 1e-5 * hit.score.abs().max(1.0));
            for m in matched {
                let tf = texts[hit.id as usize].iter().filter(|t| name(**t) == query[m.term].0).count();
                prop_assert_eq!(m.frequency, tf as f32);
            }
        }
    }

    #[test]
    fn counting_finds_the_same_and_sums_every_score(texts in texts(), query in query(), k in 0usize..40, p in variant(), step in 1u32..5) {
        let index = index(&texts, 0, p);
        let filter = |d: u32| d.is_multiple_of(step);
        let options = SearchOptions { k, filter: Some(&filter), ..SearchOptions::default() };
        let (hits, moments) = index.search_counting(&query, &options);
        prop_assert_eq!(bits(&hits), bits(&index.search_with(&query, &options)));
        let all: Vec<f64> = plain(&texts, &query, texts.len(), p, |_| true).iter().map(|h| f64::from(h.score)).collect();
        let (sum, squares) = (all.iter().sum::<f64>(), all.iter().map(|x| x * x).sum::<f64>());
        prop_assert!((moments.sum - sum).abs() <= 1e-9 * sum.abs().max(1.0), "{} {}", moments.sum, sum);
        prop_assert!((moments.squares - squares).abs() <= 1e-9 * squares.max(1.0), "{} {}", moments.squares, squares);
    }

    #[test]
    fn segments_score_as_one_collection(texts in texts(), query in query(), cut in 0usize..600, p in variant()) {
        let (left, right) = texts.split_at(cut.min(texts.len()));
        let parts = [index(&left.to_vec(), 0, p), index(&right.to_vec(), 0, p)];
        let stats = CollectionStats::of(&parts, &query);
        let mut hits = Vec::new();
        for (part, first) in parts.iter().zip([0, left.len() as u32]) {
            let found = part.search_with(&query, &SearchOptions { k: 10, stats: Some(&stats), ..SearchOptions::default() });
            hits.extend(found.iter().map(|h| Hit { id: h.id + first, score: h.score }));
        }
        hits.sort_by(Hit::best_first);
        hits.truncate(10);
        prop_assert_eq!(bits(&hits), bits(&plain(&texts, &query, 10, p, |_| true)));
    }

    #[test]
    fn memory_is_disk(texts in texts(), query in query()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("words.idx");
        let memory = index(&texts, 0, Bm25Params::default());
        memory.save(&path).unwrap();
        let mapped = InvertedIndex::open(&path).unwrap();
        prop_assert_eq!(bits(&memory.search(&query, 9, None)), bits(&mapped.search(&query, 9, None)));
        prop_assert_eq!(memory.term_count(), mapped.term_count());
        let bytes = fs_err::read(&path).unwrap();
        mapped.save(&path).unwrap();
        prop_assert_eq!(fs_err::read(&path).unwrap(), bytes);
    }

    #[test]
    fn sparse_vectors_score_by_inner_product(
        rows in proptest::collection::vec(proptest::collection::btree_map(0u8..30, -4.0f32..4.0, 0..8), 1..400),
        query in proptest::collection::btree_map(0u8..30, -2.0f32..2.0, 0..6),
    ) {
        let mut exact = InvertedBuilder::with(Weighting::Impacts(ImpactParams { bits: 32 }));
        let mut coarse = InvertedBuilder::impacts();
        for (doc, row) in (0..).zip(&rows) {
            let names: Vec<(String, f32)> = row.iter().map(|(t, w)| (name(*t), *w)).collect();
            exact.add_weighted(doc, names.iter().map(|(t, w)| (t.as_str(), *w))).unwrap();
            coarse.add_weighted(doc, names.iter().map(|(t, w)| (t.as_str(), w.abs()))).unwrap();
        }
        let terms: Vec<(String, f32)> = query.iter().map(|(t, w)| (name(*t), *w)).collect();
        let dot = |row: &BTreeMap<u8, f32>, f: fn(f32) -> f32| query.iter().map(|(t, w)| w * row.get(t).map_or(0.0, |v| f(*v))).sum::<f32>();
        let matching: BTreeSet<u32> = (0..).zip(&rows).filter(|(_, r)| r.iter().any(|(t, w)| *w != 0.0 && query.contains_key(t))).map(|(d, _)| d).collect();
        let (exact, coarse) = (exact.finish().unwrap(), coarse.finish().unwrap());
        let hits = exact.search(&terms, rows.len(), None);
        prop_assert_eq!(hits.iter().map(|h| h.id).collect::<BTreeSet<_>>(), matching);
        for h in hits {
            prop_assert!((h.score - dot(&rows[h.id as usize], |v| v)).abs() < 1e-4);
        }
        for h in coarse.search(&terms, rows.len(), None) {
            prop_assert!((h.score - dot(&rows[h.id as usize], f32::abs)).abs() < 0.1);
        }
    }
}

#[test]
fn wrong_items_are_refused_and_leave_nothing() {
    let mut b = InvertedBuilder::impacts();
    b.add_weighted(3, [("a", 1.0)]).unwrap();
    assert!(matches!(b.add_weighted(3, [("a", 1.0)]), Err(BuildError::Order { doc: 3, last: 3 })));
    assert!(matches!(b.add_weighted(4, [("b", 1.0), ("a", f32::NAN)]), Err(BuildError::Weight { .. })));
    assert!(matches!(b.add_weighted(4, [("a", -1.0)]), Err(BuildError::Weight { .. })));
    b.add_weighted(5, [("b", 2.0)]).unwrap();
    let index = b.finish().unwrap();
    assert_eq!((index.documents(), index.rows(), index.doc_freq("a"), index.doc_freq("b")), (2, 6, 1, 1));
    assert_eq!(index.search(&[("b", 1.0)], 5, None), [Hit { id: 5, score: 2.0 }]);
    let mut counts = InvertedBuilder::new(Bm25Params::default());
    assert!(matches!(counts.add_weighted(0, [("a", 0.5)]), Err(BuildError::Weight { .. })));
    let wrong = Bm25Params { k1: -1.0, ..Bm25Params::default() };
    assert!(matches!(InvertedBuilder::new(wrong).finish(), Err(BuildError::Params(_))));
}

#[test]
fn empty_things_are_searched() {
    let empty = InvertedBuilder::new(Bm25Params::default()).finish().unwrap();
    assert!(empty.search(&[("a", 1.0)], 10, None).is_empty());
    let index = index(&vec![vec![1, 2], vec![]], 0, Bm25Params::default());
    assert!(index.search::<&str>(&[], 10, None).is_empty());
    assert!(index.search(&[("t1", 1.0)], 0, None).is_empty());
    assert_eq!(index.score_docs(&[("t1", 1.0)], &[1, 77], None), [0.0, 0.0]);
    assert!(index.matched_terms(&[("t1", 1.0)], 77, None).is_empty());
}
