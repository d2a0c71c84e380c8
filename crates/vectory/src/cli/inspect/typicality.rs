//! `vectory inspect typicality`: labelled rows from the most typical to the most marginal.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;

use super::super::output::Failure;
use super::super::protocols::labelled;
use super::super::{Global, compare};
use crate::core::artifact;
use crate::inspect::typicality::{self, NetParams, TypicalityParams, WAYS};

#[derive(Args)]
pub(super) struct TypicalityArgs {
    /// The vectors
    #[arg(value_name = "V")]
    rows: PathBuf,
    /// A class of each row, one a line
    #[arg(long, value_name = "F.txt")]
    labels: PathBuf,
    /// Models whose agreement and confidence count
    #[arg(long, default_value_t = 8, value_name = "N")]
    models: usize,
    /// Inverse strength of the models' penalty
    #[arg(short, long, default_value_t = 1.0)]
    c: f64,
    /// Small nets instead of logistic models for ret, agr and conf: slower, but they learn wrong labels by heart and so show them
    #[arg(long)]
    nets: bool,
    /// Rows that are listed of each kind
    #[arg(short, long, default_value_t = 8, value_name = "N")]
    top: usize,
    /// Write every row, the most typical first: row, label, mean rank, the five ranks, probability of its label
    #[arg(short, long, value_name = "F.tsv")]
    output: Option<PathBuf>,
    /// Also write one HTML file with pictures
    #[arg(long, value_name = "F.html")]
    html: Option<PathBuf>,
}

pub(super) fn run(args: &TypicalityArgs, g: &Global) -> Result<(), Failure> {
    let nets = args.nets.then(NetParams::default);
    let params = TypicalityParams { c: args.c, models: args.models, nets, ..TypicalityParams::default() };
    params.check().map_err(Failure::usage)?;
    let ctx = g.context()?;
    let set = labelled(&args.rows, &args.labels)?;
    let found = typicality::typicality(&set, &params, &ctx)
        .map_err(|e| Failure::failed(format!("{}: {e}", args.rows.display())))?;
    if let Some(path) = &args.output {
        let mut text = format!("row\tlabel\tmean\t{}\tprobability\n", WAYS.join("\t"));
        let mean = found.mean();
        for i in found.order() {
            let ranks: Vec<String> = found.ranks.iter().map(|r| format!("{:.4}", r[i])).collect();
            let label = &set.names[set.labels[i] as usize];
            let _ = writeln!(text, "{i}\t{label}\t{:.4}\t{}\t{:.4}", mean[i], ranks.join("\t"), found.confidence[i]);
        }
        artifact::write_atomic(path, text.as_bytes())?;
    }
    let mut report = typicality::report(&found, &set, args.top, &ctx)?;
    report.title = args.rows.display().to_string();
    compare::show(&report, args.html.as_deref(), g)
}
