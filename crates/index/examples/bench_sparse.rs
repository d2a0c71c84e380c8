//! Rates and recall of sparse search on files of sparse vectors:
//! `bench_sparse DOCS.npz QUERIES.npz [--repeat 3] [--k 10] [--postings 4000]`. One JSON line a setting, one thread.
//!
//! The yardstick is MaxScore (Turtle and Flood 1995) in plain scalar code over lists of (item, f32 weight), an item at a time.

use std::path::Path;
use std::time::Instant;

use vectory_core::repr::{SparseRef, SparseSet};
use vectory_core::{Context, Hit, TopK, neighbors};
use vectory_index::sparse::seismic::SeismicParams;
use vectory_index::sparse::{SparseFactory, SparseIndex, SparseSearchParams};
use vectory_io::vectors::sparse;

type Error = Box<dyn std::error::Error>;

/// Lists of (item, weight) by dimension, and the largest weight of each.
struct MaxScore {
    lists: Vec<Vec<(u32, f32)>>,
    largest: Vec<f32>,
}

impl MaxScore {
    fn build(set: &SparseSet) -> Self {
        let mut lists = vec![Vec::new(); set.width() as usize];
        for (i, item) in (0..).zip(set.iter()) {
            item.dims.iter().zip(item.weights).for_each(|(d, w)| lists[*d as usize].push((i, *w)));
        }
        let largest = lists.iter().map(|l: &Vec<(u32, f32)>| l.iter().fold(0.0f32, |m, p| m.max(p.1))).collect();
        Self { lists, largest }
    }

    fn search(&self, query: SparseRef<'_>, k: usize) -> Vec<Hit> {
        struct Cursor<'a> {
            list: &'a [(u32, f32)],
            at: usize,
            weight: f32,
            bound: f32,
        }
        let mut cursors: Vec<Cursor> = query
            .dims
            .iter()
            .zip(query.weights)
            .filter(|(d, _)| (**d as usize) < self.lists.len())
            .map(|(d, w)| Cursor {
                list: &self.lists[*d as usize],
                at: 0,
                weight: *w,
                bound: w * self.largest[*d as usize],
            })
            .collect();
        cursors.sort_by(|a, b| a.bound.total_cmp(&b.bound));
        let sums: Vec<f32> = cursors
            .iter()
            .scan(0.0, |s, c| {
                *s += c.bound;
                Some(*s)
            })
            .collect();
        let (mut top, mut first) = (TopK::new(k), 0);
        loop {
            let next = cursors[first..].iter().filter_map(|c| c.list.get(c.at)).map(|p| p.0).min();
            let Some(item) = next else { break };
            let mut score = 0.0;
            for c in &mut cursors[first..] {
                if let Some(p) = c.list.get(c.at).filter(|p| p.0 == item) {
                    score += c.weight * p.1;
                    c.at += 1;
                }
            }
            for i in (0..first).rev() {
                if score + sums[i] < top.threshold() {
                    break;
                }
                let c = &mut cursors[i];
                c.at += c.list[c.at..].partition_point(|p| p.0 < item);
                if let Some(p) = c.list.get(c.at).filter(|p| p.0 == item) {
                    score += c.weight * p.1;
                }
            }
            if top.push(item, score) {
                while first < sums.len() && sums[first] < top.threshold() {
                    first += 1;
                }
            }
        }
        top.into_sorted()
    }
}

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str, default: &str| {
        args.iter().position(|a| a == name).and_then(|i| args.get(i + 1)).cloned().unwrap_or_else(|| default.to_owned())
    };
    let [documents, queries] = [0, 1].map(|i| args.get(i).cloned().unwrap_or_default());
    let (documents, queries) = (sparse::read(Path::new(&documents))?, sparse::read(Path::new(&queries))?);
    let (repeat, k): (usize, usize) = (option("--repeat", "3").parse()?, option("--k", "10").parse()?);
    let (ctx, one) = (Context::new(1, 2)?, Context::new(1, 1)?);
    let maxscore = MaxScore::build(&documents);
    let mut truth = Vec::new();
    let line = |name: &str,
                setting: serde_json::Value,
                rate: f64,
                found: &[Vec<Hit>],
                truth: &[Vec<Hit>],
                build: f64,
                bytes: u64| {
        println!(
            "{}",
            serde_json::json!({
                "index": name, "setting": setting, "qps": rate.round(), "recall": neighbors::recall(found, truth, k), "build_s": build,
                "bytes": bytes, "documents": documents.len(), "entries": documents.entries()
            })
        );
    };
    let rate = median(repeat, queries.len(), || truth = queries.iter().map(|q| maxscore.search(q, k)).collect());
    line("maxscore (scalar)", serde_json::Value::Null, rate, &truth.clone(), &truth, 0.0, 0);
    let seismic = SeismicParams { postings: option("--postings", "4000").parse()?, ..SeismicParams::default() };
    for (name, factory) in [
        ("Sparse,F32", SparseFactory::Exact { bits: 32 }),
        ("Sparse", SparseFactory::Exact { bits: 8 }),
        ("Seismic", SparseFactory::Seismic(seismic)),
    ] {
        let start = Instant::now();
        let index = SparseIndex::build(&documents, &factory, &ctx)?;
        let build = start.elapsed().as_secs_f64();
        let settings: Vec<(usize, f32)> = match factory {
            SparseFactory::Exact { .. } => vec![(0, 0.0)],
            SparseFactory::Seismic(_) => {
                [2, 3, 4, 6, 8, 10, 15].iter().flat_map(|c| [0.7, 0.8, 0.9, 1.0].map(|h| (*c, h))).collect()
            }
        };
        for (query_cut, heap_factor) in settings {
            let params = SparseSearchParams { k, query_cut, heap_factor, filter: None };
            let mut found = index.search_all(&queries, &params, &one)?;
            let rate =
                median(repeat, queries.len(), || found = index.search_all(&queries, &params, &one).unwrap_or_default());
            line(
                name,
                serde_json::json!({"query_cut": query_cut, "heap_factor": heap_factor}),
                rate,
                &found,
                &truth,
                build,
                index.size(),
            );
        }
    }
    Ok(())
}

/// Queries a second: the median of some passes.
fn median(repeat: usize, queries: usize, mut pass: impl FnMut()) -> f64 {
    let mut rates: Vec<f64> = (0..repeat)
        .map(|_| {
            let start = Instant::now();
            pass();
            queries as f64 / start.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
