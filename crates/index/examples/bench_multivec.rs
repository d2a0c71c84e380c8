//! Rates and recall of late interaction on files of token vectors:
//! `bench_multivec DOCS.npz QUERIES.npz [--threads 2] [--repeat 3] [--k 10] [--out DIR] [FACTORY …]`.
//! One JSON line a setting; one query a call: queries a second, and a second of processor time (for a machine that is not alone).
//! Recall is against the exact scan of f32. With `--out`, the found ids of each line go
//! there as `.ivecs`.

use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use vectory_core::repr::MultiRef;
use vectory_core::{Context, Hit, neighbors};
use vectory_index::multivector::{MultiFactory, MultiIndex, MultiSearchParams};
use vectory_io::vectors::{multi, write_ids};

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str, default: &str| {
        args.iter().position(|a| a == name).and_then(|i| args.get(i + 1)).cloned().unwrap_or_else(|| default.to_owned())
    };
    let [documents, queries] = [0, 1].map(|i| args.get(i).cloned().unwrap_or_default());
    let (documents, queries) = (multi::read(Path::new(&documents))?, multi::read(Path::new(&queries))?);
    let (threads, repeat, k): (usize, usize, usize) =
        (option("--threads", "2").parse()?, option("--repeat", "3").parse()?, option("--k", "10").parse()?);
    let (ctx, out) = (Context::new(1, threads)?, option("--out", ""));
    let mut named: Vec<String> = Vec::new();
    let mut rest = args.iter().skip(2);
    while let Some(a) = rest.next() {
        if a.starts_with("--") {
            rest.next();
        } else {
            named.push(a.clone());
        }
    }
    if named.is_empty() {
        named = ["MaxSim", "MaxSim,BF16", "MaxSim,SQ8", "MaxSim,R4", "PLAID", "MUVERA"].map(String::from).to_vec();
    }
    let exact = MultiIndex::build(documents.view(), &"MaxSim".parse()?, &ctx)?;
    let truth = exact.search_all(queries.view(), &MultiSearchParams { k, ..Default::default() }, &ctx)?;
    drop(exact);
    for name in named {
        let factory: MultiFactory = name.parse()?;
        let start = Instant::now();
        let index = MultiIndex::build(documents.view(), &factory, &ctx)?;
        let build = start.elapsed().as_secs_f64();
        let settings: Vec<(usize, usize)> = match factory {
            MultiFactory::MaxSim(_) => vec![(0, 0)],
            MultiFactory::Muvera(_) => [50, 100, 200, 400].map(|c| (0, c)).to_vec(),
            MultiFactory::Plaid(_) => vec![(1, 64), (2, 64), (2, 256), (4, 256), (4, 1024), (8, 1024)],
        };
        for (nprobe, candidates) in settings {
            let params = MultiSearchParams { k, nprobe, candidates, ..Default::default() };
            let (mut rates, before): (Vec<f64>, _) = (Vec::new(), processor());
            let mut found = Vec::new();
            for _ in 0..repeat {
                let start = Instant::now();
                found = ask(&index, queries.view(), &params, &ctx, matches!(factory, MultiFactory::MaxSim(_)))?;
                rates.push(queries.len() as f64 / start.elapsed().as_secs_f64());
            }
            rates.sort_by(f64::total_cmp);
            let ran = processor() - before;
            if !out.is_empty() {
                let rows: Vec<Vec<u32>> = found.iter().map(|h| h.iter().map(|h| h.id).collect()).collect();
                let path = format!("{out}/{}-{nprobe}-{candidates}.ivecs", name.replace(',', "-"));
                write_ids(Path::new(&path), rows.iter().map(Vec::as_slice), k)?;
            }
            println!(
                "{}",
                serde_json::json!({
                    "factory": name, "nprobe": nprobe, "candidates": candidates, "threads": threads, "documents": documents.len(),
                    "tokens": documents.rows().rows(), "dim": documents.rows().dim(), "qps": rates[rates.len() / 2].round(),
                    "cpu_qps": ((repeat * queries.len()) as f64 / ran.max(1e-9)).round(),
                    "recall": neighbors::recall(&found, &truth, k), "build_s": build,
                    "bytes_token": index.size() as f64 / documents.rows().rows() as f64
                })
            );
        }
    }
    Ok(())
}

/// Seconds that all threads of this process have run; 0 where the system does not say.
fn processor() -> f64 {
    let text = fs_err::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // In hundredths of a second, user and system.
    [11, 12].iter().filter_map(|i| fields.get(*i)?.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// One query a call: the scan divides its documents among threads, the others answer queries side by side.
fn ask(
    index: &MultiIndex,
    queries: MultiRef<'_>,
    params: &MultiSearchParams<'_>,
    ctx: &Context,
    scan: bool,
) -> Result<Vec<Vec<Hit>>, Error> {
    let one = |q: usize, ctx: &Context| {
        let item = queries.item(q);
        let offsets = [0, item.rows() as u64];
        let mut hits =
            index.search_all(MultiRef { offsets: &offsets, rows: item }, params, ctx).map_err(|e| e.to_string())?;
        Ok::<_, String>(hits.pop().unwrap_or_default())
    };
    let all: Result<Vec<_>, String> = if scan {
        (0..queries.len()).map(|q| one(q, ctx)).collect()
    } else {
        ctx.pool().install(|| (0..queries.len()).into_par_iter().map(|q| one(q, ctx)).collect())
    };
    Ok(all?)
}
