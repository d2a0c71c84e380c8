//! Filtered search beside post-filtering, on files of vectors:
//! `bench_filter BASE QUERY [--metric l2] [--factory HNSW16] [--threads 2] [--k 10] [--recall 0.95]`.
//! A random 1, 10 and 50 of 100 rows pass. Post-filtering asks the same index for as many hits as it takes and drops what does
//! not pass. One JSON line each: recall and rate of the first setting whose recall@k among the rows that pass reaches the
//! target.

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::{Context, Hit, Metric, Vectors, rng};
use vectory_index::curve::rate;
use vectory_index::flat::Flat;
use vectory_index::{Index, Search, SearchParams};

type Error = Box<dyn std::error::Error>;

struct Task<'a> {
    searcher: &'a dyn Search,
    queries: &'a Vectors,
    exact: Vec<Vec<Hit>>,
    passes: &'a [bool],
    k: usize,
    target: f64,
}

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str, default: &str| {
        args.iter().position(|a| a == name).and_then(|i| args.get(i + 1)).cloned().unwrap_or_else(|| default.to_owned())
    };
    let [base, queries] = [0, 1].map(|i| args.get(i).cloned().unwrap_or_default());
    let read = |path: &str| vectory_io::vectors::read_all(path.as_ref()).map(|r| r.rows);
    let (base, queries) = (read(&base)?, read(&queries)?);
    let metric: Metric = option("--metric", "l2").parse()?;
    let (k, target): (usize, f64) = (option("--k", "10").parse()?, option("--recall", "0.95").parse()?);
    let ctx = Context::new(1, option("--threads", "2").parse()?)?;
    let name = option("--factory", "HNSW16");
    let index = Index::build(base.view(), metric, &name.parse()?, &ctx)?;
    let searcher = index.searcher()?;
    let flat = Flat::new(base.view(), metric);
    for percent in [1usize, 10, 50] {
        let mut draws = rng::stream(percent as u64, "filter bench");
        let passes: Vec<bool> = (0..base.rows()).map(|_| draws.random_range(0..100) < percent).collect();
        let filter = |id: u32| passes[id as usize];
        let params = SearchParams { k, filter: Some(&filter), ..SearchParams::default() };
        let rows: Vec<&[f32]> = queries.iter().collect();
        let exact = ctx.pool().install(|| rows.par_iter().map(|q| flat.search(q, &params)).collect());
        let task = Task { searcher: &searcher, queries: &queries, exact, passes: &passes, k, target };
        let inside: Vec<SearchParams<'_>> =
            index.settings(k).into_iter().map(|s| SearchParams { filter: Some(&filter), ..s }).collect();
        let after = [1.0, 1.2, 1.5, 2.0, 3.0, 5.0].map(|more| {
            let many = (((k * 100 / percent) as f64 * more) as usize).min(base.rows());
            SearchParams { k: many, ef: many, nprobe: many, rerank: many, ..SearchParams::default() }
        });
        let (inside, after) = (task.first(&inside), task.first(&after));
        let times = inside.zip(after).map(|(a, b)| a.1 / b.1);
        println!(
            "{}",
            serde_json::json!({"index": name, "percent": percent, "filtered": inside, "post": after, "times": times})
        );
    }
    Ok(())
}

impl Task<'_> {
    /// Recall and rate of the first setting that reaches the target.
    fn first(&self, settings: &[SearchParams<'_>]) -> Option<(f64, f64)> {
        settings.iter().find_map(|s| {
            let recall = self.recall(s);
            (recall >= self.target).then(|| (recall, rate(self.searcher, self.queries.view(), s, 3).qps))
        })
    }

    fn recall(&self, params: &SearchParams<'_>) -> f64 {
        let one = |(q, exact): (&[f32], &Vec<Hit>)| {
            let limit = exact.last().map_or(f32::NEG_INFINITY, |h| h.score);
            let found = self.searcher.search(q, params);
            let found = found.iter().filter(|h| self.passes[h.id as usize]).take(self.k);
            found.filter(|h| h.score >= limit - limit.abs() * 1e-6).count() as f64 / exact.len().max(1) as f64
        };
        self.queries.iter().zip(&self.exact).map(one).sum::<f64>() / self.queries.rows().max(1) as f64
    }
}
