//! The graph on real word vectors: 50,000 × 100, cosine.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::path::PathBuf;

use vectory_core::{Context, Hit, Metric, Vectors};
use vectory_index::flat::Flat;
use vectory_index::graph::{Graph, GraphParams};
use vectory_index::{Filter, Search, SearchParams};

fn read(name: &str) -> Option<Vectors> {
    let data = std::env::var_os("VECTORY_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = data.join("ann/glove100-50k").join(name);
    if !path.exists() {
        eprintln!("skipped: no vectors at {}", path.display());
        return None;
    }
    Some(vectory_io::vectors::read_all(&path).unwrap().rows)
}

fn recall(found: &[Hit], exact: &[Hit]) -> f64 {
    found.iter().filter(|f| exact.iter().any(|e| e.id == f.id)).count() as f64 / exact.len() as f64
}

#[test]
fn nine_and_a_half_of_ten_neighbours() {
    let (Some(base), Some(queries)) = (read("glove100_base.f16.npy.zst"), read("glove100_query.fvecs")) else { return };
    let ctx = Context::new(1, 2).unwrap();
    let graph = Graph::build(base.view(), Metric::Cosine, &GraphParams::default(), &ctx).unwrap();
    graph.assert_validity().unwrap();
    let searcher = graph.on(base.view()).unwrap();
    let exact = Flat::new(base.view(), Metric::Cosine).search_all(queries.view(), 10, &ctx).unwrap();
    let mean = |ef: usize| {
        let params = SearchParams { k: 10, ef, ..SearchParams::default() };
        let found = queries.iter().map(|q| searcher.search(q, &params));
        found.zip(&exact).map(|(f, e)| recall(&f, e)).sum::<f64>() / exact.len() as f64
    };
    let (narrow, wide) = (mean(32), mean(1000));
    assert!(narrow >= 0.95, "ef 32: {narrow}");
    assert!(wide >= 0.999, "ef 1000: {wide}");
    // A tenth of the rows pass: what passes is found, and nothing else.
    let filter = |id: u32| id.is_multiple_of(10);
    let params = SearchParams { k: 10, ef: 64, filter: Some(Filter::Test(&filter)), ..SearchParams::default() };
    let flat = Flat::new(base.view(), Metric::Cosine);
    let some: Vec<&[f32]> = queries.iter().take(100).collect();
    let filtered = some.iter().map(|q| {
        let found = searcher.search(q, &params);
        assert!(found.len() == 10 && found.iter().all(|h| filter(h.id)));
        recall(&found, &flat.search(q, &params))
    });
    let mean = filtered.sum::<f64>() / some.len() as f64;
    assert!(mean >= 0.9, "filtered: {mean}");
}
