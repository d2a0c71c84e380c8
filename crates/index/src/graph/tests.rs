use rand::RngExt;
use vectory_core::{Context, Hit, Metric, RowSet, Vectors, rng, simd};

use super::*;
use crate::flat::Flat;
use crate::search::{Filter, Search, SearchParams};

fn context(threads: usize) -> Context {
    Context::new(7, threads).unwrap()
}

/// Points around a few centres, with zeros and repetitions among them.
fn clustered(rows: usize, dim: usize, seed: u64) -> Vectors {
    let mut r = rng::stream(9, "test centres");
    let centres: Vec<f32> = (0..8 * dim).map(|_| r.random::<f32>() * 4.0 - 2.0).collect();
    let mut r = rng::stream(seed, "test rows");
    let mut v = Vectors::zeros(rows, dim);
    for i in 0..rows {
        let c = r.random_range(0..8) * dim;
        for j in 0..dim {
            v.row_mut(i)[j] = centres[c + j] + r.random::<f32>() - 0.5;
        }
    }
    v
}

fn recall(found: &[Hit], exact: &[Hit]) -> f64 {
    let limit = exact.last().map_or(f32::NEG_INFINITY, |h| h.score);
    found.iter().filter(|h| h.score >= limit - limit.abs() * 1e-5).count() as f64 / exact.len() as f64
}

#[test]
fn every_metric_finds_the_nearest() {
    let rows = clustered(3000, 24, 1);
    let queries = clustered(50, 24, 2);
    for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
        let graph = Graph::build(rows.view(), metric, &GraphParams::default(), &context(2)).unwrap();
        graph.assert_validity().unwrap();
        let searcher = graph.on(rows.view()).unwrap();
        let flat = Flat::new(rows.view(), metric);
        let params = SearchParams::default();
        let mean =
            queries.iter().map(|q| recall(&searcher.search(q, &params), &flat.search(q, &params))).sum::<f64>() / 50.0;
        assert!(mean > 0.95, "{metric}: {mean}");
    }
}

#[test]
fn threads_do_not_change_the_graph() {
    let rows = clustered(2500, 12, 3);
    let dir = tempfile::tempdir().unwrap();
    let file = |threads: usize| {
        let path = dir.path().join(format!("{threads}.graph"));
        Graph::build(rows.view(), Metric::L2, &GraphParams::default(), &context(threads)).unwrap().save(&path).unwrap();
        fs_err::read(path).unwrap()
    };
    let one = file(1);
    assert_eq!(one, file(2));
    assert_eq!(one, file(5));
}

#[test]
fn duplicates_and_zeros_are_all_found() {
    let mut rows = clustered(4000, 8, 4);
    for i in 0..3000 {
        let value = if i % 3 == 0 { 0.0 } else { 1.0 };
        rows.row_mut(i).fill(value);
    }
    for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
        let graph = Graph::build(rows.view(), metric, &GraphParams::default(), &context(2)).unwrap();
        graph.assert_validity().unwrap();
        let searcher = graph.on(rows.view()).unwrap();
        let flat = Flat::new(rows.view(), metric);
        let params = SearchParams { k: 2500, ef: 100, ..SearchParams::default() };
        let query = vec![1.0; 8];
        let (found, exact) = (searcher.search(&query, &params), flat.search(&query, &params));
        assert_eq!(found.len(), 2500);
        assert!(recall(&found, &exact) > 0.99, "{metric}");
        let zero = searcher.search(&[0.0; 8], &SearchParams { k: 5, ..SearchParams::default() });
        assert_eq!(zero.len(), 5);
    }
}

#[test]
fn filters_never_return_too_few() {
    let rows = clustered(3000, 8, 5);
    let graph = Graph::build(rows.view(), Metric::L2, &GraphParams::default(), &context(2)).unwrap();
    let searcher = graph.on(rows.view()).unwrap();
    let flat = Flat::new(rows.view(), Metric::L2);
    for step in [1u32, 2, 7, 30, 500, 2999] {
        let filter = move |id: u32| id.is_multiple_of(step);
        let params = SearchParams { k: 20, ef: 64, filter: Some(Filter::Test(&filter)), ..SearchParams::default() };
        let mut mean = 0.0;
        for q in clustered(10, 8, 6).iter() {
            let (found, exact) = (searcher.search(q, &params), flat.search(q, &params));
            assert_eq!(found.len(), exact.len());
            assert!(found.iter().all(|h| filter(h.id)));
            mean += recall(&found, &exact) / 10.0;
        }
        assert!(mean > 0.95, "{step}: {mean}");
    }
}

/// Filters that have to do with where rows lie: one or some of the clusters, one side, what is far from the query.
#[test]
fn filters_of_regions_find_what_passes() {
    let rows = clustered(12_000, 8, 5);
    let graph = Graph::build(rows.view(), Metric::L2, &GraphParams::default(), &context(2)).unwrap();
    let (searcher, flat) = (graph.on(rows.view()).unwrap(), Flat::new(rows.view(), Metric::L2));
    let centre = |id: u32| rows.row(id as usize).to_vec();
    let near = |id: u32, to: u32, limit: f32| simd::l2_sq(rows.row(id as usize), &centre(to)) < limit;
    let filters: [&(dyn Fn(u32) -> bool + Sync); 6] = [
        &|id| near(id, 0, 20.0) && id % 2 == 0,
        &|id| near(id, 0, 12.0) || near(id, 1, 12.0) || near(id, 2, 12.0),
        &|id| rows.row(id as usize)[0] > 1.0,
        &|id| !near(id, 5, 15.0) && id % 7 == 0,
        &|id| id % 9 == 0,
        &|id| id % 10 != 3,
    ];
    for (i, test) in filters.into_iter().enumerate() {
        let set = RowSet::that(rows.rows(), test);
        for (ef, least) in [(8, 0.7), (24, 0.9), (200, 0.99)] {
            let mut mean = 0.0;
            for q in clustered(20, 8, 6).iter().chain(rows.iter().take(20)) {
                let params = SearchParams { k: 10, ef, filter: Some(Filter::Rows(&set)), ..SearchParams::default() };
                let (found, exact) = (searcher.search(q, &params), flat.search(q, &params));
                assert!(found.len() == exact.len() && found.iter().all(|h| test(h.id)));
                mean += recall(&found, &exact) / 40.0;
                let tested = SearchParams { filter: Some(Filter::Test(test)), ..params };
                assert_eq!(searcher.search(q, &tested).len(), exact.len());
                assert_eq!(flat.search(q, &tested), exact);
            }
            assert!(mean > least, "filter {i}, {} rows, ef {ef}: {mean}", set.len());
        }
    }
}

#[test]
fn inserted_rows_are_found_and_files_reopen() {
    let rows = clustered(2000, 8, 8);
    let mut graph =
        Graph::build(rows.view().slice(0, 1200), Metric::Cosine, &GraphParams::default(), &context(2)).unwrap();
    graph.insert(rows.view(), &context(2)).unwrap();
    graph.assert_validity().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.graph");
    graph.save(&path).unwrap();
    let opened = Graph::open(&path).unwrap();
    let (memory, mapped) = (graph.on(rows.view()).unwrap(), opened.on(rows.view()).unwrap());
    for i in (0..2000).step_by(37) {
        let hits = memory.search(rows.row(i), &SearchParams::default());
        assert_eq!(hits[0].id, i as u32);
        assert_eq!(hits, mapped.search(rows.row(i), &SearchParams::default()));
    }
    assert!(matches!(opened.on(rows.view().slice(0, 5)), Err(GraphError::Rows { .. })));
    assert!(graph.insert(rows.view().slice(0, 5), &context(1)).is_err());
}

#[test]
fn small_and_wrong_inputs() {
    let none = Vectors::zeros(0, 4);
    let graph = Graph::build(none.view(), Metric::L2, &GraphParams::default(), &context(1)).unwrap();
    graph.assert_validity().unwrap();
    assert!(graph.on(none.view()).unwrap().search(&[0.0; 4], &SearchParams::default()).is_empty());
    let one = Vectors::from_slice(&[1.0, 2.0], 2).unwrap();
    let graph = Graph::build(one.view(), Metric::Dot, &GraphParams::default(), &context(1)).unwrap();
    let searcher = graph.on(one.view()).unwrap();
    assert_eq!(searcher.search(&[1.0, 1.0], &SearchParams::default()), [Hit { id: 0, score: 3.0 }]);
    assert!(searcher.search(&[1.0], &SearchParams::default()).is_empty());
    let bad = Vectors::from_slice(&[1.0, f32::NAN], 2).unwrap();
    let build = |v: &Vectors, m, p: GraphParams| {
        Graph::build(v.view(), m, &p, &context(1)).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(build(&bad, Metric::L2, GraphParams::default()), "row 0, column 1: value is not finite");
    assert!(build(&one, Metric::Hamming, GraphParams::default()).contains("hamming"));
    assert!(build(&one, Metric::L2, GraphParams { m: 0, ..GraphParams::default() }).contains("`m` is 0"));
}

/// Graphs stay whole through any run of insertions, removals, replacements and reopenings.
#[test]
fn changes_keep_the_graph_whole() {
    for seed in 0..6u64 {
        let mut r = rng::stream(seed, "graph changes");
        let metric = [Metric::L2, Metric::Cosine, Metric::Dot][seed as usize % 3];
        let pool = clustered(3000, 6, 20 + seed);
        let mut rows = Vectors::from_slice(&pool.as_slice()[..600 * 6], 6).unwrap();
        let mut graph =
            Graph::build(rows.view(), metric, &GraphParams { m: 6, ..GraphParams::default() }, &context(2)).unwrap();
        let mut alive = vec![true; 600];
        let dir = tempfile::tempdir().unwrap();
        for step in 0..6 {
            let some: Vec<u32> = (0..rows.rows() as u32).filter(|_| r.random_range(0..4) == 0).collect();
            match r.random_range(0..3) {
                0 => {
                    let before = alive.iter().filter(|a| **a).count();
                    let removed = graph.remove(&some, rows.view(), &context(2)).unwrap();
                    some.iter().for_each(|id| alive[*id as usize] = false);
                    assert_eq!(before - removed, alive.iter().filter(|a| **a).count());
                }
                1 => {
                    for id in &some {
                        // One of a few values for some, so that chains of equal rows come and go.
                        let from = if *id % 3 == 0 { *id as usize % 7 } else { r.random_range(0..3000) };
                        rows.row_mut(*id as usize).copy_from_slice(pool.row(from));
                        alive[*id as usize] = true;
                    }
                    graph.replace(&some, rows.view(), &context(1 + step % 3)).unwrap();
                }
                _ => {
                    let more = rows.rows() + 200;
                    let mut values = rows.as_slice().to_vec();
                    values.extend((rows.rows()..more).flat_map(|i| pool.row(i % 3000)).copied());
                    rows = Vectors::from_slice(&values, 6).unwrap();
                    alive.resize(more, true);
                    graph.insert(rows.view(), &context(2)).unwrap();
                }
            }
            graph.assert_validity().unwrap();
            let path = dir.path().join("changed.graph");
            graph.save(&path).unwrap();
            graph = Graph::open(&path).unwrap();
            assert_eq!(graph.alive(), alive.iter().filter(|a| **a).count());
            let searcher = graph.on(rows.view()).unwrap();
            let flat = Flat::new(rows.view(), metric);
            let filter = |id: u32| alive[id as usize];
            let mut mean = 0.0;
            for q in clustered(20, 6, 99).iter() {
                let found = searcher.search(q, &SearchParams { k: 10, ef: 60, ..SearchParams::default() });
                let exact = flat
                    .search(q, &SearchParams { k: 10, filter: Some(Filter::Test(&filter)), ..SearchParams::default() });
                assert!(found.len() == exact.len() && found.iter().all(|h| filter(h.id)));
                mean += recall(&found, &exact) / 20.0;
            }
            assert!(mean > 0.95, "seed {seed}, step {step}, {metric}: {mean}");
        }
    }
}

#[test]
fn half_replaced_in_batches_is_as_good_as_new() {
    let (old, new, queries) = (clustered(4000, 16, 31), clustered(4000, 16, 32), clustered(60, 16, 33));
    let mut rows = old.clone();
    let mut graph = Graph::build(rows.view(), Metric::L2, &GraphParams::default(), &context(2)).unwrap();
    let before = graph.size();
    for batch in 0..8 {
        let ids: Vec<u32> = (0..4000).filter(|id| id % 16 == 2 * batch).collect();
        ids.iter().for_each(|id| rows.row_mut(*id as usize).copy_from_slice(new.row(*id as usize)));
        graph.replace(&ids, rows.view(), &context(2)).unwrap();
    }
    graph.assert_validity().unwrap();
    assert!(graph.size() as f64 <= 1.1 * before as f64);
    let fresh = Graph::build(rows.view(), Metric::L2, &GraphParams::default(), &context(2)).unwrap();
    let flat = Flat::new(rows.view(), Metric::L2);
    let params = SearchParams { k: 10, ef: 12, ..SearchParams::default() };
    let mean = |g: &Graph| {
        let searcher = g.on(rows.view()).unwrap();
        queries.iter().map(|q| recall(&searcher.search(q, &params), &flat.search(q, &params))).sum::<f64>() / 60.0
    };
    let (churned, fresh) = (mean(&graph), mean(&fresh));
    assert!(churned >= fresh - 0.01, "{churned} after the churn, {fresh} fresh");
}
