//! Filtered search beside post-filtering, on files of vectors:
//! `bench_filter BASE QUERY [--metric l2] [--factory HNSW16] [--threads 2] [--k 10] [--recall 0.95] [--percents 1,10,50]`.
//! A random 1, 10 and 50 of 100 rows pass, given as a set and as a test. Post-filtering asks the same index for as many hits as
//! it takes (`k` divided by the share that passes, up to five times that) and drops what does not pass; in its tuned form it
//! looks around from fewer rows than it asks for, too. One JSON line each: recall and rate of the quickest setting whose
//! recall@k among the rows that pass reaches the target; `times`: the set beside post-filtering, usual and tuned. `--post no` leaves
//! post-filtering out.

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::{Context, Hit, Metric, RowSet, Vectors, rng};
use vectory_index::curve::rate;
use vectory_index::flat::Flat;
use vectory_index::{Filter, Index, Search, SearchParams};

type Error = Box<dyn std::error::Error>;

struct Task<'a> {
    searcher: &'a dyn Search,
    queries: &'a Vectors,
    exact: Vec<Vec<Hit>>,
    passes: &'a RowSet,
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
    for percent in option("--percents", "1,10,50").split(',').map(str::parse::<usize>) {
        let percent = percent?;
        let mut draws = rng::stream(percent as u64, "filter bench");
        let passes = RowSet::that(base.rows(), |_| draws.random_range(0..100) < percent);
        let test = |id: u32| passes.has(id);
        let params = SearchParams { k, filter: Some(Filter::Rows(&passes)), ..SearchParams::default() };
        let rows: Vec<&[f32]> = queries.iter().collect();
        let exact = ctx.pool().install(|| rows.par_iter().map(|q| flat.search(q, &params)).collect());
        let task = Task { searcher: &searcher, queries: &queries, exact, passes: &passes, k, target };
        let inside = |filter| -> Vec<SearchParams<'_>> {
            index.settings(k).into_iter().map(|s| SearchParams { filter: Some(filter), ..s }).collect()
        };
        let many =
            [1.0, 1.2, 1.5, 2.0, 3.0, 5.0].map(|more| (((k * 100 / percent) as f64 * more) as usize).min(base.rows()));
        let many = if option("--post", "yes") == "no" { Vec::new() } else { many.to_vec() };
        let usual = many.iter().map(|&k| SearchParams { k, ef: k, nprobe: k, rerank: k, ..SearchParams::default() });
        let tuned = many.iter().map(|&k| {
            let narrower = index.settings(k).into_iter().filter(|s| s.ef <= k);
            narrower.map(|s| SearchParams { rerank: k, ..s }).collect::<Vec<_>>()
        });
        let set = task.first(&inside(Filter::Rows(&passes)));
        let test = task.first(&inside(Filter::Test(&test)));
        let post = task.first(&usual.collect::<Vec<_>>());
        let tuned = tuned.filter_map(|s| task.first(&s)).chain(post).max_by(|a, b| a.1.total_cmp(&b.1));
        let times = [post, tuned].map(|post| set.zip(post).map(|(a, b)| a.1 / b.1));
        println!(
            "{}",
            serde_json::json!({"index": name, "percent": percent, "set": set, "test": test, "post": post, "tuned": tuned,
                "times": times})
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
            let found = found.iter().filter(|h| self.passes.has(h.id)).take(self.k);
            found.filter(|h| h.score >= limit - limit.abs() * 1e-6).count() as f64 / exact.len().max(1) as f64
        };
        self.queries.iter().zip(&self.exact).map(one).sum::<f64>() / self.queries.rows().max(1) as f64
    }
}
