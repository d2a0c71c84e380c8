//! Recall and rate of the graph on files of vectors:
//! `bench_graph BASE QUERY [--metric cosine] [--m 16] [--efc 100] [--alpha 1.2] [--threads 2] [--k 10] [--repeat 3]`.
//! One JSON line for each `ef`; the build runs on `--threads`, searches on one. With `--factory LoRANN224` that index is
//! measured, at the settings that it proposes.

use std::time::Instant;

use vectory_core::{Context, Hit, Metric, Vectors};
use vectory_index::flat::Flat;
use vectory_index::graph::{Graph, GraphParams};
use vectory_index::{Index, Search, SearchParams};

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str, default: &str| {
        args.iter().position(|a| a == name).and_then(|i| args.get(i + 1)).cloned().unwrap_or_else(|| default.to_owned())
    };
    let [base, queries] = [0, 1].map(|i| args.get(i).cloned().unwrap_or_default());
    let (base, queries) = (read(&base)?, read(&queries)?);
    let metric: Metric = option("--metric", "cosine").parse()?;
    let rerank: usize = option("--rerank", "0").parse()?;
    let params = GraphParams {
        m: option("--m", "16").parse()?,
        ef_construct: option("--efc", "100").parse()?,
        alpha: option("--alpha", "1.2").parse()?,
    };
    let (k, repeat): (usize, usize) = (option("--k", "10").parse()?, option("--repeat", "3").parse()?);
    let context = Context::new(1, option("--threads", "2").parse()?)?;
    let exact = Flat::new(base.view(), metric).search_all(queries.view(), k, &context)?;
    let (start, clock) = (Instant::now(), cpu_seconds());
    let built = |bytes: u64| {
        let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - clock);
        println!("{}", serde_json::json!({"build_s": wall, "build_cpu_s": cpu, "bytes": bytes}));
    };
    let name = option("--factory", "");
    if !name.is_empty() {
        let index = Index::build(base.view(), metric, &name.parse()?, &context)?;
        built(index.size());
        let settings = index.settings(k);
        curve(&name, &index.searcher()?, &settings, (&queries, &exact), repeat);
        return Ok(());
    }
    // `--graph F` keeps the graph for the next run.
    let kept = std::path::PathBuf::from(option("--graph", ""));
    let graph = if kept.exists() { Graph::open(&kept)? } else { Graph::build(base.view(), metric, &params, &context)? };
    if !kept.as_os_str().is_empty() && !kept.exists() {
        graph.save(&kept)?;
    }
    built(graph.size());
    let settings = [6, 8, 10, 12, 14, 17, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448, 640, 1000]
        .map(|ef| SearchParams { k, ef, rerank, ..SearchParams::default() });
    curve("graph", &graph.on(base.view())?, &settings, (&queries, &exact), repeat);
    Ok(())
}

/// A line for each setting.
fn curve(
    name: &str,
    searcher: &dyn Search,
    settings: &[SearchParams<'_>],
    (queries, exact): (&Vectors, &[Vec<Hit>]),
    repeat: usize,
) {
    let passes = (5000 / queries.rows().max(1)).max(1);
    let limit = if name == "graph" { 0.997 } else { 1.1 };
    for params in settings {
        let found: Vec<Vec<Hit>> = queries.iter().map(|q| searcher.search(q, params)).collect();
        let recall = found.iter().zip(exact).map(|(f, e)| recall(f, e)).sum::<f64>() / found.len() as f64;
        let mut best = f64::INFINITY;
        for _ in 0..repeat {
            // The clock ticks every few milliseconds: a pass is some thousand queries.
            let clock = cpu_seconds();
            for _ in 0..passes {
                queries.iter().for_each(|q| drop(std::hint::black_box(searcher.search(q, params))));
            }
            best = best.min((cpu_seconds() - clock) / passes as f64);
        }
        let setting = if name == "graph" {
            format!("ef {}", params.ef)
        } else {
            format!("nprobe {}, rerank {}", params.nprobe, params.rerank)
        };
        let qps = (queries.rows() as f64 / best).round();
        println!(
            "{}",
            serde_json::json!({"lib": name, "setting": setting, "recall": (recall * 1e4).round() / 1e4, "qps": qps})
        );
        if recall > limit {
            break;
        }
    }
}

/// A found row counts when it is as near as the exact k-th.
fn recall(found: &[Hit], exact: &[Hit]) -> f64 {
    let limit = exact.last().map_or(f32::NEG_INFINITY, |h| h.score);
    found.iter().filter(|h| h.score >= limit - limit.abs() * 1e-6).count() as f64 / exact.len() as f64
}

fn read(path: &str) -> Result<Vectors, Error> {
    Ok(vectory_io::vectors::read_all(path.as_ref())?.rows)
}

/// Processor time of all threads of this process in seconds.
fn cpu_seconds() -> f64 {
    let tasks = fs_err::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let times = tasks.filter_map(|t| {
        let stat = fs_err::read_to_string(t.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<f64>().ok()
    });
    times.sum::<f64>() / 1e9
}
