//! What replacing rows does to a graph, on files of vectors:
//! `bench_churn BASE QUERY [--metric l2] [--factory-m 16] [--threads 2] [--batches 10]`.
//! The first half of the base is indexed; then half of these rows are replaced by rows of the second half, in random batches.
//! One JSON line for each `ef`: recall@10 of the changed graph and of one built anew of the same rows; before it bytes and
//! processor seconds of both.

use std::time::Instant;

use rand::seq::SliceRandom;
use vectory_core::{Context, Hit, Metric, Vectors, rng};
use vectory_index::flat::Flat;
use vectory_index::graph::{Graph, GraphParams};
use vectory_index::{Search, SearchParams};

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str, default: &str| {
        args.iter().position(|a| a == name).and_then(|i| args.get(i + 1)).cloned().unwrap_or_else(|| default.to_owned())
    };
    let [base, queries] = [0, 1].map(|i| args.get(i).cloned().unwrap_or_default());
    let read = |path: &str| vectory_io::vectors::read_all(path.as_ref()).map(|r| r.rows);
    let (base, queries) = (read(&base)?, read(&queries)?);
    let metric: Metric = option("--metric", "l2").parse()?;
    let params = GraphParams { m: option("--m", "16").parse()?, ..GraphParams::default() };
    let ctx = Context::new(1, option("--threads", "2").parse()?)?;
    let batches: usize = option("--batches", "10").parse()?;
    let half = base.rows() / 2;
    let mut rows = Vectors::from_slice(base.view().slice(0, half).as_slice(), base.dim())?;
    let mut graph = Graph::build(rows.view(), metric, &params, &ctx)?;
    let mut places: Vec<u32> = (0..half as u32).collect();
    places.shuffle(&mut rng::stream(ctx.seed, "churn"));
    let start = Instant::now();
    let replaced = &places[..half / 2];
    for batch in replaced.chunks(replaced.len().div_ceil(batches).max(1)) {
        for id in batch {
            rows.row_mut(*id as usize).copy_from_slice(base.row(half + *id as usize));
        }
        graph.replace(batch, rows.view(), &ctx)?;
    }
    let (changed, start) = (start.elapsed().as_secs_f64(), Instant::now());
    let anew = Graph::build(rows.view(), metric, &params, &ctx)?;
    let built = start.elapsed().as_secs_f64();
    println!(
        "{}",
        serde_json::json!({"replaced": replaced.len(), "change_s": changed, "build_s": built, "bytes": graph.size(), "bytes_anew": anew.size()})
    );
    let truth = Flat::new(rows.view(), metric).search_all(queries.view(), 10, &ctx)?;
    for ef in [10, 20, 40, 80, 160] {
        let params = SearchParams { k: 10, ef, ..SearchParams::default() };
        let (changed, anew) = (graph.on(rows.view())?, anew.on(rows.view())?);
        let [a, b] = [&changed, &anew].map(|s| recall(s, &queries, &truth, &params));
        println!("{}", serde_json::json!({"ef": ef, "changed": a, "anew": b}));
    }
    Ok(())
}

/// A found row counts when it is as near as the exact k-th.
fn recall(searcher: &dyn Search, queries: &Vectors, truth: &[Vec<Hit>], params: &SearchParams<'_>) -> f64 {
    let one = |(query, exact): (&[f32], &Vec<Hit>)| {
        let limit = exact.last().map_or(f32::NEG_INFINITY, |h| h.score);
        let found = searcher.search(query, params);
        found.iter().filter(|h| h.score >= limit - limit.abs() * 1e-6).count() as f64 / exact.len().max(1) as f64
    };
    queries.iter().zip(truth).map(one).sum::<f64>() / truth.len().max(1) as f64
}
