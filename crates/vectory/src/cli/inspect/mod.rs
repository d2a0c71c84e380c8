//! `vectory inspect`: are these vectors any good?

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{self, Failure};
use super::side::weights;
use super::{Global, encoders};
use crate::core::report::Report;
use crate::core::{Context, Metric, VectorsRef, artifact};
use crate::inspect::{InspectParams, render};
use crate::space::Space;

#[derive(Args)]
pub(super) struct InspectArgs {
    /// A vector file (.npy, .fvecs, .safetensors, word2vec, …) or a space
    #[arg(value_name = "V|X.space")]
    target: PathBuf,
    /// How rows compare
    #[arg(long, default_value = "cosine")]
    metric: String,
    /// Neighbours for hubness and intrinsic dimension
    #[arg(short, long, default_value_t = 10)]
    k: usize,
    /// Rows sampled for what needs neighbours
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    sample: usize,
    /// Of a space: which view
    #[arg(long, default_value = "meaning")]
    view: String,
    /// How often each row is met (`name count` lines, or a number a row): measures by frequency
    #[arg(long, value_name = "F.tsv")]
    weights: Option<PathBuf>,
    /// Also write one HTML file with pictures
    #[arg(long, value_name = "F.html")]
    html: Option<PathBuf>,
}

pub(super) fn run(args: &InspectArgs, g: &Global) -> Result<(), Failure> {
    let metric: Metric = args.metric.parse().map_err(Failure::usage)?;
    let params = InspectParams { metric, k: args.k, sample: args.sample, seed: g.seed };
    params.check().map_err(Failure::usage)?;
    let ctx = g.context()?;
    let mut report = if args.target.is_dir() {
        if args.weights.is_some() {
            return Err(Failure::usage("--weights belongs to a vector file, not to a space"));
        }
        let space = Space::open(&args.target, &*encoders())?;
        let (_, rows) = space.rows(&args.view).map_err(Failure::usage)?;
        of_rows(rows.view(), &args.target, &format!("{} (view {})", args.target.display(), args.view), &params, &ctx)?
    } else {
        let set = crate::io::vectors::read_all(&args.target)?;
        let mut report = of_rows(set.rows.view(), &args.target, &args.target.display().to_string(), &params, &ctx)?;
        if let Some(file) = &args.weights {
            let weights = weights(file, set.rows.rows(), set.names.as_deref())?;
            let section = crate::inspect::frequency_section(set.rows.view(), &weights, &ctx);
            report.sections.push(section.map_err(|e| Failure::failed(format!("{}: {e}", args.target.display())))?);
        }
        report
    };
    report.sections.retain(|s| !(s.measures.is_empty() && s.table.is_none() && s.findings.is_empty()));
    if let Some(path) = &args.html {
        artifact::write_atomic(path, render::html(&report).as_bytes())?;
    }
    if g.json {
        return output::json(&report);
    }
    output::print(render::text(&report).trim_end())?;
    match &args.html {
        Some(path) if !g.quiet => output::print(&format!("\nPictures: {}", path.display())),
        _ => Ok(()),
    }
}

fn of_rows(rows: VectorsRef<'_>, file: &Path, title: &str, params: &InspectParams, ctx: &Context) -> Result<Report, Failure> {
    let mut report = crate::inspect::report(rows, params, ctx).map_err(|e| Failure::failed(format!("{}: {e}", file.display())))?;
    report.title = title.to_owned();
    Ok(report)
}
