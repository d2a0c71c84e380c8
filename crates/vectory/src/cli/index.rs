//! `vectory index`: an index over a vector file.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::output::{self, Failure};
use super::tuning::{self, TuningArgs};
use super::{Global, multi, sparse};
use crate::core::Metric;
use crate::index::factory::{self, Factory};
use crate::index::{Index, binary, multivector, sparse as sparse_index};
use crate::io::vectors;

#[derive(Args)]
#[command(after_help = "Examples:
  vectory index vectors.npy --factory HNSW32,LVQ8 --metric cosine -o vectors.idx
  vectory index vectors.npy --auto --target-recall 0.95 --max-bytes 200000000 -o vectors.idx")]
pub(super) struct IndexArgs {
    /// Rows: .npy, .fvecs, .safetensors, …; token vectors: .npz, or .npy with .lengths.npy; sparse vectors: .npz (CSR), .jsonl
    #[arg(value_name = "V")]
    pub(super) vectors: PathBuf,
    /// What to build, as FAISS spells it: Flat, HNSW32, HNSW32,LVQ8, IVF256,PQ32x4fs,RFlat, LoRANN256x32, …; for token vectors MaxSim, MUVERA20x5x16, PLAID, ESPN; for sparse ones Sparse, Seismic; for rows of bits (.u8bin, .npy of u8 or bool) BFlat, BHNSW32
    #[arg(long, value_name = "STRING", default_value = "HNSW32", conflicts_with = "auto")]
    pub(super) factory: String,
    #[command(flatten)]
    pub(super) tuning: TuningArgs,
    /// How rows compare: l2, cosine, dot; rows of bits: hamming, jaccard [default: l2; of bits: hamming]
    #[arg(long)]
    metric: Option<String>,
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
    pub(super) ef_construct: usize,
    /// Where the index goes
    #[arg(short, long, value_name = "F", value_parser = output::in_a_folder)]
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
    let usual = if binary::is_binary(&args.factory) { "hamming" } else { "l2" };
    let metric: Metric = args.metric.as_deref().unwrap_or(usual).parse().map_err(Failure::usage)?;
    if binary::is_binary(&args.factory) {
        return super::binary::index(args, metric, g);
    }
    if !matches!(metric, Metric::L2 | Metric::Cosine | Metric::Dot) {
        return Err(Failure::usage(format!(
            "--metric {metric} is not for dense rows here (give l2, cosine or dot; hamming and jaccard go with --factory BFlat or BHNSW32)"
        )));
    }
    args.tuning.check()?;
    factory::parse(&args.factory).map_err(Failure::usage)?;
    let ctx = g.context()?;
    let rows = vectors::read_all(&args.vectors)?.rows;
    if let Some((row, column)) = rows.view().first_non_finite() {
        return Err(Failure::failed(format!(
            "{}: row {row}, column {column} is not a finite number (remove such rows first)",
            args.vectors.display()
        )));
    }
    let chosen = tuning::choose(&args.tuning, rows.view(), metric, g, &ctx)?;
    let name = chosen.as_ref().unwrap_or(&args.factory);
    let mut factory = factory::parse(name).map_err(Failure::usage)?;
    if let Factory::Graph(params) | Factory::GraphOf { params, .. } = &mut factory {
        params.ef_construct = args.ef_construct.max(params.m);
    }
    let start = Instant::now();
    let mut index = Index::build(rows.view(), metric, &factory, &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    let tuned = tuning::tune(&args.tuning, &mut index, rows.view(), &ctx)?;
    index.save(&args.output)?;
    let (rows, dim) = (rows.rows(), rows.dim());
    let b = Built { rows, dim, metric: metric.name(), tokens: None, seconds, bytes: index.size() };
    built_as(args, g, &b, name, tuned.as_ref())
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
    built_as(args, g, b, &args.factory, None)
}

/// With the factory that was chosen, and the search setting that was found and its recall.
fn built_as(
    args: &IndexArgs,
    g: &Global,
    b: &Built,
    factory: &str,
    tuned: Option<&(String, f64)>,
) -> Result<(), Failure> {
    if g.json {
        let mut all = serde_json::json!({
            "rows": b.rows, "dim": b.dim, "metric": b.metric, "factory": factory,
            "build_seconds": b.seconds, "bytes": b.bytes, "output": args.output
        });
        if let Some(tokens) = b.tokens {
            all["tokens"] = tokens.into();
        }
        if let Some((setting, recall)) = tuned {
            all["tuned"] = serde_json::json!({ "setting": setting, "recall": recall });
        }
        return output::json(&all);
    }
    if g.quiet {
        return Ok(());
    }
    let tokens = b.tokens.map_or_else(String::new, |t| format!(" ({} tokens)", output::grouped(t as u64)));
    output::print(&format!(
        "{}: {} rows{tokens} × {}, {}, {}; built in {:.2} s, {}",
        args.output.display(),
        output::grouped(b.rows as u64),
        b.dim,
        factory,
        b.metric,
        b.seconds,
        output::bytes(b.bytes)
    ))?;
    match tuned {
        Some((setting, recall)) => {
            output::print(&format!("tuned to {setting}: recall {recall:.4}, used by `vectory search` from now on"))
        }
        None => Ok(()),
    }
}
