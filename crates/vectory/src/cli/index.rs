//! `vectory index`: an index over a vector file.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use crate::core::Metric;
use crate::index::factory::{self, Factory};
use crate::index::Index;
use crate::io::vectors;

#[derive(Args)]
pub(super) struct IndexArgs {
    /// Rows: .npy, .fvecs, .safetensors, …
    #[arg(value_name = "V")]
    vectors: PathBuf,
    /// What to build, as FAISS spells it: Flat, HNSW32
    #[arg(long, value_name = "STRING", default_value = "HNSW32")]
    factory: String,
    /// How rows compare: l2, cosine, dot
    #[arg(long, default_value = "l2")]
    metric: String,
    /// Width of the search while building
    #[arg(long, default_value_t = 100)]
    ef_construct: usize,
    /// Where the index goes
    #[arg(short, long, value_name = "F")]
    output: PathBuf,
}

pub(super) fn run(args: &IndexArgs, g: &Global) -> Result<(), Failure> {
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
    if g.json {
        return output::json(&serde_json::json!({
            "rows": rows.rows(), "dim": rows.dim(), "metric": metric.name(), "factory": args.factory,
            "build_seconds": seconds, "bytes": index.size(), "output": args.output
        }));
    }
    if g.quiet {
        return Ok(());
    }
    output::print(&format!(
        "{}: {} rows × {}, {}, {metric}; built in {seconds:.2} s, {}",
        args.output.display(), output::grouped(rows.rows() as u64), rows.dim(), args.factory, output::bytes(index.size())
    ))
}
