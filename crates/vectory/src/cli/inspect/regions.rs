//! `vectory inspect regions`: regions that hold a response of several values with an asked probability.

use std::path::PathBuf;

use clap::Args;

use super::super::output::{self, Failure};
use super::super::{Global, compare};
use crate::inspect::regions::{self, RegionsParams, Way};
use crate::io::vectors;

#[derive(Args)]
pub(super) struct RegionsArgs {
    /// Features, a row each
    #[arg(value_name = "X")]
    features: PathBuf,
    /// Responses of 2 or 3 values, row by row
    #[arg(long, value_name = "Y")]
    responses: PathBuf,
    /// The share of responses that may lie outside
    #[arg(long, default_value_t = 0.1, value_name = "A")]
    alpha: f64,
    /// Cells along each axis of the responses' space
    #[arg(long, default_value_t = 60, value_name = "N")]
    cells: usize,
    /// Passes over the rows
    #[arg(long, default_value_t = 40, value_name = "N")]
    epochs: usize,
    /// Also write one HTML file with pictures
    #[arg(long, value_name = "F.html")]
    html: Option<PathBuf>,
}

pub(super) fn run(args: &RegionsArgs, g: &Global) -> Result<(), Failure> {
    let params =
        RegionsParams { alpha: args.alpha, cells: args.cells, epochs: args.epochs, ..RegionsParams::default() };
    params.check().map_err(Failure::usage)?;
    let ctx = g.context()?;
    let (x, y) = (vectors::read_all(&args.features)?.rows, vectors::read_all(&args.responses)?.rows);
    let judge = |way: &Way| {
        regions::judge(x.view(), y.view(), *way, &params, &ctx)
            .map_err(|e| Failure::failed(format!("{}, {}: {e}", args.features.display(), args.responses.display())))
    };
    let found = Way::ALL.iter().map(judge).collect::<Result<Vec<_>, _>>()?;
    if g.json && args.html.is_none() {
        return output::json(&found);
    }
    let mut report = regions::report(&found, args.alpha);
    report.title = format!("{} given {}", args.responses.display(), args.features.display());
    compare::show(&report, args.html.as_deref(), g)
}
