//! All rows within a radius: every kind of index against the exact scan.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use rand::RngExt;
use vectory_core::{Context, Hit, Metric, Vectors, VectorsRef, rng};
use vectory_index::flat::Flat;
use vectory_index::{Filter, Index, Search, SearchParams, factory};

const ROWS: usize = 2500;

/// Rows around thirty centres, the first hundred of them twice.
fn rows() -> Vectors {
    let mut r = rng::stream(5, "range test");
    let centres: Vec<f32> = (0..30 * 16).map(|_| r.random_range(-1.0..1.0)).collect();
    let mut out = Vectors::zeros(ROWS, 16);
    for i in 0..ROWS {
        let centre = r.random_range(0..30usize) * 16;
        out.row_mut(i).iter_mut().enumerate().for_each(|(j, v)| *v = centres[centre + j] + r.random_range(-0.5..0.5));
    }
    for i in 0..100 {
        let row = out.row(i).to_vec();
        out.row_mut(ROWS - 1 - i).copy_from_slice(&row);
    }
    out
}

/// The score of the row that `n` rows are nearer than.
fn floor(rows: VectorsRef<'_>, metric: Metric, query: &[f32], n: usize) -> f32 {
    let hits = Flat::new(rows, metric).search(query, &SearchParams { k: n, ..SearchParams::default() });
    hits.last().unwrap().score
}

fn ids(hits: &[Hit]) -> Vec<u32> {
    hits.iter().map(|h| h.id).collect()
}

#[test]
fn the_exact_scan_finds_what_is_within_and_nothing_else() {
    let rows = rows();
    for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
        let flat = Flat::new(rows.view(), metric);
        let all = flat.search(rows.row(3), &SearchParams { k: ROWS, ..SearchParams::default() });
        for n in [1, 40, 700] {
            let floor = all[n - 1].score;
            let found = flat.range(rows.row(3), floor, &SearchParams::default());
            assert!(found.len() >= n && found == all[..found.len()], "{metric} {n}");
            assert!(all.get(found.len()).is_none_or(|next| next.score < floor));
        }
        assert!(flat.range(rows.row(3), f32::INFINITY, &SearchParams::default()).is_empty());
        assert_eq!(flat.range(rows.row(3), f32::NEG_INFINITY, &SearchParams::default()).len(), ROWS);
    }
    let flat = Flat::new(rows.view(), Metric::L2);
    assert!(flat.range(&[0.0; 3], -1e9, &SearchParams::default()).is_empty());
    assert!(flat.range(&[f32::NAN; 16], -1e9, &SearchParams::default()).is_empty());
}

#[test]
fn every_index_finds_what_is_within() {
    let (rows, ctx) = (rows(), Context::new(1, 2).unwrap());
    let third = |id: u32| id.is_multiple_of(3);
    // The part of the rows within that is found at least (the row at the border may be off by the last bit of its score); whether scores
    // are those of full rows.
    let cases = [
        ("HNSW12", 0.99, true),
        ("IVF20,Flat", 0.99, true),
        ("LVQ8,RFlat", 0.998, true),
        ("PQ8x4fs,RFlat", 0.97, true),
        ("RaBitQ,RFlat", 0.97, true),
        ("IVF20,PQ8,RFlat", 0.97, true),
        ("SQ8", 0.97, false),
        ("LVQ4x8", 0.98, false),
        ("IVF20,LVQ8", 0.97, false),
        ("HNSW12,LVQ8", 0.97, false),
    ];
    for (name, least, full) in cases {
        for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
            let index = Index::build(rows.view(), metric, &factory::parse(name).unwrap(), &ctx).unwrap();
            let (searcher, exact) = (index.searcher().unwrap(), Flat::new(rows.view(), metric));
            let params = SearchParams { nprobe: 6, ..SearchParams::default() };
            let (mut there, mut met, mut wrong) = (0, 0, 0);
            for q in rows.view().slice(0, 24).iter() {
                for (n, filter) in [(5, None), (120, None), (600, None), (300, Some(&third))] {
                    let params = SearchParams { filter: filter.map(|f| Filter::Test(f)), ..params };
                    let floor = floor(rows.view(), metric, q, n);
                    let (want, got) = (exact.range(q, floor, &params), searcher.range(q, floor, &params));
                    let want = ids(&want);
                    there += want.len();
                    met += got.iter().filter(|h| want.contains(&h.id)).count();
                    wrong += got.iter().filter(|h| !want.contains(&h.id)).count();
                    assert!(got.iter().all(|h| h.score >= floor && filter.is_none_or(|f| f(h.id))), "{name} {metric}");
                    assert!(
                        got.is_sorted_by(|a, b| Hit::best_first(a, b).is_lt()),
                        "{name} {metric}: order, or a row twice"
                    );
                }
            }
            assert!(met as f64 >= least * there as f64, "{name} {metric}: {met} of {there}");
            let allowed = if full { 0.002 } else { 0.03 };
            assert!(wrong as f64 <= allowed * there as f64, "{name} {metric}: {wrong} are not within, of {there}");
            assert!(searcher.range(rows.row(0), f32::INFINITY, &params).is_empty(), "{name}");
            let all = searcher.range(rows.row(0), f32::NEG_INFINITY, &SearchParams { nprobe: 20, ..params });
            assert_eq!(all.len(), ROWS, "{name} {metric}");
        }
    }
}
