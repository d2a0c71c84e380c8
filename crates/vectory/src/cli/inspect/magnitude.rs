//! `vectory inspect magnitude`: the edge of a set, and what lies outside of it.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;

use super::super::output::Failure;
use super::super::{Global, compare};
use crate::core::{Metric, Vectors, artifact};
use crate::inspect::magnitude::{self, MagnitudeParams, Scale};
use crate::io::vectors;

#[derive(Args)]
pub(super) struct MagnitudeArgs {
    /// The vectors
    #[arg(value_name = "V")]
    rows: PathBuf,
    /// Rows to be scored against them: do they lie outside?
    #[arg(long, value_name = "Q")]
    new: Option<PathBuf>,
    /// How rows compare: l2, or cosine (l2 of unit rows)
    #[arg(long, default_value = "cosine")]
    metric: String,
    /// The scale that distances are multiplied by (default: 2 over the median distance to the k-th neighbour)
    #[arg(long, value_name = "T")]
    scale: Option<f64>,
    /// Neighbours that a row is weighed among when there are many rows
    #[arg(short, long, default_value_t = 50)]
    k: usize,
    /// What is added to the diagonal: 1 shows the edge, 1e-6 every gap
    #[arg(long, default_value_t = 1.0, value_name = "S")]
    smoothing: f64,
    /// Rows that are listed
    #[arg(short, long, default_value_t = 10, value_name = "N")]
    top: usize,
    /// Write the weight of every row (or of every new row): row, weight, share of the rows at or below it
    #[arg(short, long, value_name = "F.tsv")]
    output: Option<PathBuf>,
    /// Also write one HTML file with pictures
    #[arg(long, value_name = "F.html")]
    html: Option<PathBuf>,
}

pub(super) fn run(args: &MagnitudeArgs, g: &Global) -> Result<(), Failure> {
    let metric: Metric = args.metric.parse().map_err(Failure::usage)?;
    if !matches!(metric, Metric::Cosine | Metric::L2) {
        return Err(Failure::usage(format!("--metric must be cosine or l2, not {metric}")));
    }
    let params = MagnitudeParams {
        scale: args.scale.map_or(Scale::Neighbours(2.0), Scale::Fixed),
        smoothing: args.smoothing,
        neighbors: args.k,
        ..MagnitudeParams::default()
    };
    params.check().map_err(Failure::usage)?;
    let ctx = g.context()?;
    let rows = read(&args.rows, metric)?;
    let new = args.new.as_ref().map(|p| read(p, metric)).transpose()?;
    let found = magnitude::weights(rows.view(), &params, &ctx)
        .map_err(|e| Failure::failed(format!("{}: {e}", args.rows.display())))?;
    let of_new = match &new {
        Some(new) => Some(magnitude::weights_of_new(rows.view(), new.view(), found.scale, &params, &ctx)?),
        None => None,
    };
    if let Some(path) = &args.output {
        let weights = of_new.as_ref().unwrap_or(&found.weights);
        let mut text = String::from("row\tweight\tshare_at_or_below\n");
        for ((i, w), below) in weights.iter().enumerate().zip(found.below(weights)) {
            let _ = writeln!(text, "{i}\t{w:.6}\t{below:.6}");
        }
        artifact::write_atomic(path, text.as_bytes())?;
    }
    let mut report = magnitude::report(&found, of_new.as_deref(), args.top);
    report.title = args.rows.display().to_string();
    compare::show(&report, args.html.as_deref(), g)
}

fn read(path: &std::path::Path, metric: Metric) -> Result<Vectors, Failure> {
    let mut rows = vectors::read_all(path)?.rows;
    if metric == Metric::Cosine {
        rows.normalize();
    }
    Ok(rows)
}
