//! `vectory transform`: vectors become better vectors.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use super::side::{SideArgs, SideData};
use crate::core::Context;
use crate::io::vectors::{self, NonFinite, ReadOptions};
use crate::transform::{Chain, Plan, TransformError, chain::STEPS};

#[derive(Args)]
#[command(
    after_help = "A chain is steps with `|` between them: \"center | whiten:zipf | truncate:128 | normalize\". `vectory transform --steps` lists them."
)]
pub(super) struct TransformArgs {
    /// Vectors to transform (.npy, .fvecs, .safetensors, word2vec, …); may be larger than memory
    #[arg(value_name = "V", required_unless_present = "steps")]
    input: Option<PathBuf>,
    /// The chain to fit
    #[arg(long = "with", value_name = "CHAIN", conflicts_with = "apply")]
    chain: Option<String>,
    /// A fitted chain to apply
    #[arg(long, value_name = "T.safetensors", required_unless_present_any = ["chain", "steps"])]
    apply: Option<PathBuf>,
    /// Undo the fitted chain instead
    #[arg(long, requires = "apply")]
    inverse: bool,
    /// Fit on these vectors (default: on V)
    #[arg(long, value_name = "W", requires = "chain")]
    fit_on: Option<PathBuf>,
    /// Most rows to fit on, spread evenly (0: all)
    #[arg(long, default_value_t = 200_000, value_name = "N")]
    sample: usize,
    #[command(flatten)]
    side: SideArgs,
    /// Where the transformed vectors go
    #[arg(short, long, value_name = "OUT", required_unless_present_any = ["save", "steps"])]
    output: Option<PathBuf>,
    /// Keep the fitted chain
    #[arg(long, value_name = "T.safetensors", requires = "chain")]
    save: Option<PathBuf>,
    /// List the steps
    #[arg(long)]
    steps: bool,
}

pub(super) fn run(args: &TransformArgs, g: &Global) -> Result<(), Failure> {
    if args.steps {
        return list(g);
    }
    let Some(input) = &args.input else { return Err(Failure::usage("no vectors are given")) };
    let ctx = g.context()?;
    let start = Instant::now();
    let chain = match (&args.chain, &args.apply) {
        (Some(text), _) => fit(args, text, args.fit_on.as_ref().unwrap_or(input), &ctx)?,
        (None, Some(path)) => Chain::open(path)?,
        (None, None) => return Err(Failure::usage("give --with CHAIN or --apply T.safetensors")),
    };
    let fitted = start.elapsed().as_secs_f64();
    if let Some(path) = &args.save {
        let source = args.fit_on.as_ref().unwrap_or(input);
        chain.save(path, serde_json::json!({"fitted_on": source, "seed": g.seed}))?;
    }
    let Some(out) = &args.output else {
        return said(g, &chain, fitted, &format!("{}: {}", shown(args.save.as_ref()), chain.text()), None);
    };
    let done = chain.apply_file(input, out, args.inverse, &ctx).map_err(|e| named(&e, input))?;
    let names = if done.names_dropped { "; the names have no place in this form" } else { "" };
    let text = format!(
        "{}: {} rows × {} by {}{names} ({:.2} s)",
        out.display(),
        output::grouped(done.rows),
        done.dim,
        chain.text(),
        start.elapsed().as_secs_f64()
    );
    said(g, &chain, fitted, &text, Some(done.rows))
}

fn said(g: &Global, chain: &Chain, fitted: f64, text: &str, rows: Option<u64>) -> Result<(), Failure> {
    if g.json {
        return output::json(&serde_json::json!({
            "chain": chain.text(), "dim_in": chain.dim_in(), "dim_out": chain.dim_out(), "rows": rows, "fit_seconds": fitted
        }));
    }
    if g.quiet { Ok(()) } else { output::print(text) }
}

fn fit(args: &TransformArgs, text: &str, source: &Path, ctx: &Context) -> Result<Chain, Failure> {
    let plan = Plan::parse(text).map_err(Failure::usage)?;
    let set = vectors::read_all_with(source, &ReadOptions { non_finite: NonFinite::Refuse, ..ReadOptions::default() })?;
    let mut data = SideData::read(&args.side, set.rows.rows(), set.names.as_deref())?;
    let mut rows = set.rows;
    if args.sample > 0 && rows.rows() > args.sample {
        let chosen: Vec<usize> = (0..args.sample).map(|i| i * rows.rows() / args.sample).collect();
        data.pick(&chosen);
        rows = rows.picked(chosen.iter().copied());
    }
    ctx.progress().begin("fit", None, "");
    let chain = plan.fit(rows.view(), &data.side(), ctx).map_err(|e| match &e {
        TransformError::Step { error, .. }
            if matches!(**error, TransformError::Param { .. } | TransformError::Needs { .. }) =>
        {
            Failure::usage(&e)
        }
        _ => named(&e, source),
    })?;
    ctx.progress().end();
    Ok(chain)
}

/// The error with the file, where it does not name one.
fn named(e: &TransformError, file: &std::path::Path) -> Failure {
    match e {
        TransformError::Cancelled(_) => Failure::interrupted(e),
        TransformError::Vectors(_) | TransformError::Artifact(_) => Failure::failed(e),
        _ => Failure::failed(format!("{}: {e}", file.display())),
    }
}

fn shown(path: Option<&PathBuf>) -> String {
    path.map_or_else(String::new, |p| p.display().to_string())
}

fn list(g: &Global) -> Result<(), Failure> {
    if g.json {
        let all: Vec<_> =
            STEPS.iter().map(|s| serde_json::json!({"step": s.name, "about": s.about, "example": s.example})).collect();
        return output::json(&all);
    }
    let rows: Vec<Vec<String>> = STEPS.iter().map(|s| vec![s.name.into(), s.about.into(), s.example.into()]).collect();
    output::print(output::table(&rows, &[]).trim_end())
}
