//! `vectory index`: an index over a vector file.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::output::{self, Failure};
use super::{Global, multi, sparse};
use crate::core::Metric;
use crate::index::factory::{self, Factory};
use crate::index::{Index, multivector, sparse as sparse_index};
use crate::io::vectors;

#[derive(Args)]
pub(super) struct IndexArgs {
    /// Rows: .npy, .fvecs, .safetensors, …; token vectors: .npz, or .npy with .lengths.npy; sparse vectors: .npz (CSR), .jsonl
    #[arg(value_name = "V")]
    pub(super) vectors: PathBuf,
    /// What to build, as FAISS spells it: Flat, HNSW32; for token vectors MaxSim, MUVERA20x5x16, PLAID, ESPN; for sparse ones Sparse, Seismic
    #[arg(long, value_name = "STRING", default_value = "HNSW32")]
    pub(super) factory: String,
    /// How rows compare: l2, cosine, dot
    #[arg(long, default_value = "l2")]
    metric: String,
    /// Token vectors: each document's are pooled to 1/N of their number (2 costs next to nothing)
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(super) pool_factor: usize,
    /// Token vectors: how they are grouped: hierarchical, kmeans, sequential
    #[arg(long, default_value = "hierarchical", value_name = "HOW")]
    pub(super) pool_method: String,
    /// Token vectors: the first N of a document are not pooled
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(super) protect: usize,
    /// Width of the search while building
    #[arg(long, default_value_t = 100)]
    ef_construct: usize,
    /// Where the index goes
    #[arg(short, long, value_name = "F")]
    pub(super) output: PathBuf,
}

pub(super) fn run(args: &IndexArgs, g: &Global) -> Result<(), Failure> {
    if multivector::is_multi(&args.factory) {
        return multi::index(args, g);
    }
    if multivector::disk::is_on_disk(&args.factory) {
        return multi::index_on_disk(args, g);
    }
    if sparse_index::is_sparse(&args.factory) {
        return sparse::index(args, g);
    }
    let metric: Metric = args.metric.parse().map_err(Failure::usage)?;
    if !matches!(metric, Metric::L2 | Metric::Cosine | Metric::Dot) {
        return Err(Failure::usage(format!("--metric {metric} is not for dense rows here (give l2, cosine or dot)")));
    }
    let mut factory = factory::parse(&args.factory).map_err(Failure::usage)?;
    if let Factory::Graph(params) = &mut factory {
        params.ef_construct = args.ef_construct.max(params.m);
    }
    let ctx = g.context()?;
    let rows = vectors::read_all(&args.vectors)?.rows;
    if let Some((row, column)) = rows.view().first_non_finite() {
        return Err(Failure::failed(format!(
            "{}: row {row}, column {column} is not a finite number (remove such rows first)",
            args.vectors.display()
        )));
    }
    let start = Instant::now();
    let index = Index::build(rows.view(), metric, &factory, &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    index.save(&args.output)?;
    let (rows, dim) = (rows.rows(), rows.dim());
    built(args, g, &Built { rows, dim, metric: metric.name(), tokens: None, seconds, bytes: index.size() })
}

/// What came of it.
pub(super) struct Built {
    pub rows: usize,
    pub dim: usize,
    pub metric: &'static str,
    /// Rows of all documents, where an item is a bag of them.
    pub tokens: Option<usize>,
    pub seconds: f64,
    pub bytes: u64,
}

pub(super) fn built(args: &IndexArgs, g: &Global, b: &Built) -> Result<(), Failure> {
    if g.json {
        let mut all = serde_json::json!({
            "rows": b.rows, "dim": b.dim, "metric": b.metric, "factory": args.factory,
            "build_seconds": b.seconds, "bytes": b.bytes, "output": args.output
        });
        if let Some(tokens) = b.tokens {
            all["tokens"] = tokens.into();
        }
        return output::json(&all);
    }
    if g.quiet {
        return Ok(());
    }
    let tokens = b.tokens.map_or_else(String::new, |t| format!(" ({} tokens)", output::grouped(t as u64)));
    output::print(&format!(
        "{}: {} rows{tokens} × {}, {}, {}; built in {:.2} s, {}",
        args.output.display(), output::grouped(b.rows as u64), b.dim, args.factory, b.metric, b.seconds, output::bytes(b.bytes)
    ))
}
