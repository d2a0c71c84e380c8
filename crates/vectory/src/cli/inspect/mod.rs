//! `vectory inspect`: are these vectors any good?

mod magnitude;
mod regions;
mod robustness;
mod typicality;
mod uncertainty;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::output::Failure;
use super::side::weights;
use super::{Global, compare, encoders};
use crate::core::report::Report;
use crate::core::{Context, Metric, VectorsRef};
use crate::inspect::InspectParams;
use crate::space::Space;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct InspectArgs {
    #[command(subcommand)]
    look: Option<Look>,
    #[command(flatten)]
    whole: WholeArgs,
}

/// One look alone, in depth. (A file of such a name is `./magnitude`.)
#[derive(Subcommand)]
enum Look {
    /// How many points a set is worth, which of its rows lie at the edge, and whether new rows lie outside
    Magnitude(magnitude::MagnitudeArgs),
    /// Regions that hold a response of several values with an asked probability
    Regions(regions::RegionsArgs),
    /// How far a text's vector moves when words are replaced: measured, and at most
    Robustness(robustness::RobustnessArgs),
    /// With labels: which rows are typical, marginal, mislabelled, memorised
    Typicality(typicality::TypicalityArgs),
    /// How far each vector may be from its meaning, learned from pairs
    Uncertainty(uncertainty::UncertaintyArgs),
}

#[derive(Args)]
struct WholeArgs {
    /// A vector file (.npy, .fvecs, .safetensors, word2vec, …) or a space
    #[arg(value_name = "V|X.space", required = true)]
    target: Option<PathBuf>,
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
    match &args.look {
        Some(Look::Magnitude(a)) => magnitude::run(a, g),
        Some(Look::Typicality(a)) => typicality::run(a, g),
        Some(Look::Uncertainty(a)) => uncertainty::run(a, g),
        Some(Look::Regions(a)) => regions::run(a, g),
        Some(Look::Robustness(a)) => robustness::run(a, g),
        None => whole(&args.whole, g),
    }
}

fn whole(args: &WholeArgs, g: &Global) -> Result<(), Failure> {
    let target = args.target.as_deref().ok_or_else(|| Failure::usage("what is to be inspected?"))?;
    let metric: Metric = args.metric.parse().map_err(Failure::usage)?;
    let params = InspectParams { metric, k: args.k, sample: args.sample, seed: g.seed };
    params.check().map_err(Failure::usage)?;
    let ctx = g.context()?;
    let mut report = if target.is_dir() {
        if args.weights.is_some() {
            return Err(Failure::usage("--weights belongs to a vector file, not to a space"));
        }
        let space = Space::open(target, &*encoders())?;
        let (_, rows) = space.rows(&args.view).map_err(Failure::usage)?;
        of_rows(rows.view(), target, &format!("{} (view {})", target.display(), args.view), &params, &ctx)?
    } else {
        let set = crate::io::vectors::read_all(target)?;
        let mut report = of_rows(set.rows.view(), target, &target.display().to_string(), &params, &ctx)?;
        if let Some(file) = &args.weights {
            let weights = weights(file, set.rows.rows(), set.names.as_deref())?;
            let section = crate::inspect::frequency_section(set.rows.view(), &weights, &ctx);
            report.sections.push(section.map_err(|e| Failure::failed(format!("{}: {e}", target.display())))?);
        }
        report
    };
    report.sections.retain(|s| !(s.measures.is_empty() && s.table.is_none() && s.findings.is_empty()));
    compare::show(&report, args.html.as_deref(), g)
}

fn of_rows(
    rows: VectorsRef<'_>,
    file: &Path,
    title: &str,
    params: &InspectParams,
    ctx: &Context,
) -> Result<Report, Failure> {
    let mut report =
        crate::inspect::report(rows, params, ctx).map_err(|e| Failure::failed(format!("{}: {e}", file.display())))?;
    report.title = title.to_owned();
    Ok(report)
}
