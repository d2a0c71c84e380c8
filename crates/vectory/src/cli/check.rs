//! `vectory check`: is this space whole?

use std::path::PathBuf;

use clap::Args;

use super::output::{self, Failure};
use super::{Global, encoders};
use crate::space::{self, CheckLevel, CheckReport, Problem};

#[derive(Args)]
pub(super) struct CheckArgs {
    /// The space
    #[arg(value_name = "X.space")]
    space: PathBuf,
    /// Read everything: all checksums, every item
    #[arg(long)]
    full: bool,
    /// Rebuild what is derived (postings, graphs, rows) from the items
    #[arg(long)]
    repair: bool,
}

pub(super) fn run(args: &CheckArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let level = match (args.repair, args.full) {
        (true, _) => CheckLevel::Repair,
        (false, true) => CheckLevel::Full,
        (false, false) => CheckLevel::Quick,
    };
    let report = space::check(&args.space, level, &*encoders(), &ctx)?;
    if g.json {
        output::json(&report)?;
    } else if !g.quiet {
        output::print(&shown(&report, args))?;
    }
    if report.is_healthy() {
        return Ok(());
    }
    let list: Vec<_> = report.problems.iter().map(said).collect();
    let remedy = if args.repair { "build the space again from its sources" } else { "run `vectory check --repair`" };
    Err(Failure::failed(format!("{} is damaged:\n  {}\n{remedy}", args.space.display(), list.join("\n  "))))
}

fn said(p: &Problem) -> String {
    format!("{}: {}", p.file.display(), p.what)
}

fn shown(r: &CheckReport, args: &CheckArgs) -> String {
    let how = if r.full { "every byte read" } else { "sizes and headers; --full reads every byte" };
    let mut out = format!(
        "{}: {} documents, {} passages, {} segments ({how}, {:.2} s)",
        args.space.display(),
        output::grouped(r.documents),
        output::grouped(r.passages),
        r.segments,
        r.seconds
    );
    for e in &r.encoders {
        let made = match &e.learned_by {
            Some(kind) => format!("learned here by {kind}, kept as {}", e.model),
            None => e.model.clone(),
        };
        out.push_str(&format!("\nview {}: encoder {} ({made}; {} values, {})", e.view, e.name, e.dim, e.fingerprint));
    }
    for p in &r.repaired {
        out.push_str(&format!("\nmade again: {}", said(p)));
    }
    for id in &r.lost {
        out.push_str(&format!("\nlost: {id}"));
    }
    if r.leftovers > 0 {
        out.push_str(&format!("\n{} folders left by a crash; the next build removes them", r.leftovers));
    }
    if r.is_healthy() {
        out.push_str("\nnothing is wrong");
    }
    out
}
