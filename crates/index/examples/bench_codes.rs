//! Rate and recall of scans over codes and of inverted files:
//! `bench_codes BASE QUERY --metric l2 --factory LVQ8 --factory IVF256,PQ32x4fs,RFlat [--threads 2] [--rerank 0,30,100]`.
//! One JSON line a setting; builds run on `--threads`, searches on one.

use std::time::Instant;

use vectory_core::{Context, Hit, Metric, Vectors, neighbors};
use vectory_index::{Index, Search, SearchParams, factory};

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let all = |name: &str| -> Vec<String> { args.windows(2).filter(|w| w[0] == name).map(|w| w[1].clone()).collect() };
    let option = |name: &str, default: &str| all(name).pop().unwrap_or_else(|| default.to_owned());
    let [base, queries] = [0, 1].map(|i| args.get(i).cloned().unwrap_or_default());
    let (base, queries) = (read(&base)?, read(&queries)?);
    let metric: Metric = option("--metric", "l2").parse()?;
    let ctx = Context::new(1, option("--threads", "2").parse()?)?;
    let reranks: Vec<usize> = option("--rerank", "0").split(',').map(str::parse).collect::<Result<_, _>>()?;
    let truth = neighbors::exact(base.view(), queries.view(), metric, 10, &ctx)?;
    for name in all("--factory") {
        let start = Instant::now();
        let index = Index::build(base.view(), metric, &factory::parse(&name)?, &ctx)?;
        let build = start.elapsed().as_secs_f64();
        let searcher = index.searcher()?;
        let lists = name.to_ascii_lowercase().contains("ivf");
        let probes: &[usize] = if lists { &[1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128] } else { &[0] };
        for &nprobe in probes {
            for &rerank in &reranks {
                let params = SearchParams { nprobe, rerank, ..SearchParams::default() };
                let (mut best, mut found) = (f64::INFINITY, Vec::new());
                for _ in 0..3 {
                    let start = Instant::now();
                    found = queries.iter().map(|q| searcher.search(q, &params)).collect::<Vec<_>>();
                    best = best.min(start.elapsed().as_secs_f64());
                }
                println!(
                    "{}",
                    serde_json::json!({
                        "factory": name, "nprobe": nprobe, "rerank": rerank, "build_s": build, "bytes": index.size(),
                        "recall": recall(&found, &truth), "qps": queries.rows() as f64 / best
                    })
                );
            }
        }
    }
    Ok(())
}

fn recall(found: &[Vec<Hit>], truth: &[Vec<Hit>]) -> f64 {
    let same = |(f, t): (&Vec<Hit>, &Vec<Hit>)| f.iter().filter(|h| t.iter().any(|x| x.id == h.id)).count();
    found.iter().zip(truth).map(same).sum::<usize>() as f64 / (10 * truth.len()) as f64
}

fn read(path: &str) -> Result<Vectors, Error> {
    Ok(vectory_io::vectors::read_all(std::path::Path::new(path))?.rows)
}
