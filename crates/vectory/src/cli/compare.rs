//! `vectory compare`: are these sets of vectors alike?

use std::path::{Path, PathBuf};

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use crate::core::report::Report;
use crate::core::{Metric, Vectors, VectorsRef, artifact};
use crate::evaluate::mauve::MauveParams;
use crate::evaluate::similarity::NeighborhoodParams;
use crate::inspect::{compare, render};

#[derive(Args)]
pub(super) struct CompareArgs {
    /// Two or more vector files; row i of each is the same item
    #[arg(required = true, num_args = 2.., value_name = "V")]
    sets: Vec<PathBuf>,
    /// Compare two sets of different items as distributions (MAUVE)
    #[arg(long)]
    mauve: bool,
    /// Of MAUVE: groups of the quantisation (default: a tenth of the smaller set)
    #[arg(long, value_name = "K", requires = "mauve")]
    clusters: Option<usize>,
    /// How rows compare
    #[arg(long, default_value = "cosine")]
    metric: String,
    /// Lengths of the neighbour lists
    #[arg(short, long, value_delimiter = ',', default_value = "1,2,5,10,20,50,100")]
    k: Vec<usize>,
    /// Rows whose neighbours are compared
    #[arg(long, default_value_t = 2000, value_name = "N")]
    queries: usize,
    /// Also write one HTML file with pictures
    #[arg(long, value_name = "F.html")]
    html: Option<PathBuf>,
}

pub(super) fn run(args: &CompareArgs, g: &Global) -> Result<(), Failure> {
    let metric: Metric = args.metric.parse().map_err(Failure::usage)?;
    if args.mauve && args.sets.len() != 2 {
        return Err(Failure::usage(format!("--mauve compares two sets, {} were given", args.sets.len())));
    }
    let ctx = g.context()?;
    let rows = args
        .sets
        .iter()
        .map(|p| Ok(crate::io::vectors::read_all(p)?.rows))
        .collect::<Result<Vec<Vectors>, Failure>>()?;
    let named: Vec<(String, VectorsRef<'_>)> =
        args.sets.iter().zip(&rows).map(|(p, r)| (name(p, &args.sets), r.view())).collect();
    let report = if args.mauve {
        compare::distributions(&named[0], &named[1], &MauveParams { k: args.clusters, ..MauveParams::default() }, &ctx)?
    } else {
        let mut depths = args.k.clone();
        depths.sort_unstable();
        depths.dedup();
        compare::compare(
            &named,
            &NeighborhoodParams { metric, depths, queries: args.queries, ..NeighborhoodParams::default() },
            &ctx,
        )?
    };
    show(&report, args.html.as_deref(), g)
}

/// The file's name, or its whole path where two have one name.
fn name(path: &Path, all: &[PathBuf]) -> String {
    let alone = all.iter().filter(|p| p.file_stem() == path.file_stem()).count() == 1;
    let stem = path.file_stem().filter(|_| alone);
    stem.map_or_else(|| path.display().to_string(), |s| s.to_string_lossy().into_owned())
}

/// A report as text or JSON, and as a page where one is wanted.
pub(super) fn show(report: &Report, html: Option<&Path>, g: &Global) -> Result<(), Failure> {
    if let Some(path) = html {
        artifact::write_atomic(path, render::html(report).as_bytes())?;
    }
    if g.json {
        return output::json(report);
    }
    output::print(render::text(report).trim_end())?;
    match html {
        Some(path) if !g.quiet => output::print(&format!("\nPictures: {}", path.display())),
        _ => Ok(()),
    }
}
