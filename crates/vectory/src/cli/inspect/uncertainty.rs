//! `vectory inspect uncertainty`: how far each vector may be from its meaning, by an adapter fitted on pairs.

use std::path::PathBuf;

use clap::Args;

use super::super::Global;
use super::super::output::{self, Failure};
use crate::inspect::adapter::{Adapter, AdapterParams, Parts};
use crate::io::vectors::{self, WriteOptions};

#[derive(Args)]
pub(super) struct UncertaintyArgs {
    /// The vectors
    #[arg(value_name = "V")]
    rows: PathBuf,
    /// Two files of vectors, row by row of the same meaning (a text and a shortened one; picture and caption): fits an adapter
    #[arg(long, num_args = 2, value_names = ["A", "B"], required_unless_present = "adapter")]
    pairs: Vec<PathBuf>,
    /// An adapter that was saved before
    #[arg(long, value_name = "F.safetensors", conflicts_with = "pairs")]
    adapter: Option<PathBuf>,
    /// Save the adapter
    #[arg(long, value_name = "F.safetensors", requires = "pairs")]
    save: Option<PathBuf>,
    /// Passes over the pairs
    #[arg(long, default_value_t = 20, value_name = "N")]
    epochs: usize,
    /// Hidden units of the adapter
    #[arg(long, default_value_t = 256, value_name = "N")]
    hidden: usize,
    /// Write the uncertainty of each row, one column (`evaluate vectors --uncertainty` and `evaluate url` read it)
    #[arg(short, long, value_name = "U.npy")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &UncertaintyArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let params = AdapterParams { epochs: args.epochs, hidden: args.hidden, ..AdapterParams::default() };
    params.check().map_err(Failure::usage)?;
    let adapter = match (&args.adapter, &args.pairs[..]) {
        (Some(path), _) => Adapter::open(path)?,
        (None, [a, b]) => {
            let (a, b) = (vectors::read_all(a)?.rows, vectors::read_all(b)?.rows);
            Adapter::fit(a.view(), b.view(), &params, &ctx)?
        }
        _ => return Err(Failure::usage("--pairs takes two files")),
    };
    if let Some(path) = &args.save {
        adapter.save(path, serde_json::json!({"pairs": args.pairs, "seed": g.seed}))?;
    }
    let rows = vectors::read_all(&args.rows)?.rows;
    let found = adapter.uncertainty(rows.view(), &ctx)?;
    let total: Vec<f32> = found.iter().map(|p| p.total() as f32).collect();
    if let Some(path) = &args.output {
        let mut writer = vectors::create(path, 1, &WriteOptions::default())?;
        writer.write(&total, &[])?;
        writer.finish()?;
    }
    say(&found, &adapter, g)
}

fn say(found: &[Parts], adapter: &Adapter, g: &Global) -> Result<(), Failure> {
    let n = found.len().max(1) as f64;
    let mean = |f: fn(&Parts) -> f64| found.iter().map(f).sum::<f64>() / n;
    let (aleatoric, epistemic) = (mean(|p| p.aleatoric), mean(|p| p.epistemic));
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|a, b| found[*b].total().total_cmp(&found[*a].total()).then(a.cmp(b)));
    if g.json {
        return output::json(&serde_json::json!({
            "rows": found.len(), "loss": adapter.loss, "aleatoric": aleatoric, "epistemic": epistemic, "of_rows": found,
            "least_certain": order.iter().take(10).collect::<Vec<_>>()
        }));
    }
    output::print(&format!(
        "{} rows: variance a dimension {aleatoric:.3e} that the encoder cannot know, {epistemic:.3e} that the adapter does not know",
        found.len()
    ))?;
    let named = |ids: Vec<&usize>| ids.iter().map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
    output::print(&format!(
        "least certain rows: {}\nmost certain rows: {}",
        named(order.iter().take(10).collect()),
        named(order.iter().rev().take(10).collect())
    ))
}
