//! `vectory explain --by-samples`: which labelled rows carry a prediction.

use std::path::PathBuf;

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use super::protocols::labelled;
use crate::core::linear::{SparseParams, largest_lambda, sparse_logistic};
use crate::inspect::representers::{extremes, of_score};
use crate::io::vectors;

#[derive(Args)]
pub(super) struct SampleArgs {
    /// Instead of words: explain by the labelled rows V that raise and lower a prediction
    #[arg(long, value_name = "V", requires = "labels", help_heading = "By samples")]
    by_samples: Option<PathBuf>,
    /// A class of each row, one a line
    #[arg(long, value_name = "F.txt", requires = "by_samples", help_heading = "By samples")]
    labels: Option<PathBuf>,
    /// The row whose prediction is explained: of V, or of --query
    #[arg(long, default_value_t = 0, value_name = "I", help_heading = "By samples")]
    row: usize,
    /// Explain a row of these vectors instead
    #[arg(long, value_name = "Q", requires = "by_samples", help_heading = "By samples")]
    query: Option<PathBuf>,
    /// The class that is told from all others (default: that of the row; of two classes, the second)
    #[arg(long, value_name = "NAME", requires = "by_samples", help_heading = "By samples")]
    class: Option<String>,
    /// Strength of the L1 penalty, as a share of the one that leaves no weight
    #[arg(long, default_value_t = 0.05, value_name = "S", help_heading = "By samples")]
    penalty: f64,
}

impl SampleArgs {
    /// Whether this explanation is asked for.
    pub fn asked(&self) -> bool {
        self.by_samples.is_some()
    }
}

pub(super) fn run(args: &SampleArgs, top: usize, g: &Global) -> Result<(), Failure> {
    let (Some(rows), Some(labels)) = (&args.by_samples, &args.labels) else {
        return Err(Failure::usage("--by-samples needs --labels"));
    };
    if !(args.penalty > 0.0 && args.penalty < 1.0) {
        return Err(Failure::usage(format!("--penalty must be above 0 and below 1, not {}", args.penalty)));
    }
    let ctx = g.context()?;
    let set = labelled(rows, labels)?;
    let other = args.query.as_deref().map(vectors::read_all).transpose()?.map(|s| s.rows);
    let asked = other.as_ref().unwrap_or(&set.rows);
    if args.row >= asked.rows() || asked.dim() != set.rows.dim() {
        return Err(Failure::usage(format!(
            "row {} of {} rows of {} dimensions: not a row of {} dimensions",
            args.row,
            asked.rows(),
            asked.dim(),
            set.rows.dim()
        )));
    }
    let class = class(args, &set.names, other.is_none().then(|| set.labels[args.row]))?;
    let truth: Vec<u32> = set.labels.iter().map(|l| u32::from(*l == class)).collect();
    let lambda = args.penalty * largest_lambda(set.rows.view(), &truth)?;
    let model = sparse_logistic(set.rows.view(), &truth, &SparseParams { lambda, ..SparseParams::default() }, &ctx)?;
    let row = asked.row(args.row);
    let parts = of_score(&model, set.rows.view(), lambda, row)?;
    let (raise, lower) = extremes(&parts, top);
    let (score, support) = (model.score(row), model.support().len());
    let name = |i: &usize| set.names[set.labels[*i] as usize].clone();
    if g.json {
        let list = |ids: &[usize]| -> Vec<_> {
            ids.iter().map(|i| serde_json::json!({"row": i, "label": name(i), "weight": parts[*i]})).collect()
        };
        return output::json(&serde_json::json!({
            "class": set.names[class as usize], "score": score, "intercept": model.intercept, "sum": parts.iter().sum::<f64>(),
            "dimensions_used": support, "raise": list(&raise), "lower": list(&lower)
        }));
    }
    output::print(&format!(
        "score for `{}`: {score:.4} = {:.4} (intercept) {:+.4} (samples); the model looks at {support} of {} dimensions",
        set.names[class as usize],
        model.intercept,
        parts.iter().sum::<f64>(),
        set.rows.dim()
    ))?;
    for (title, ids) in [("raise it most", raise), ("lower it most", lower)] {
        let lines: Vec<Vec<String>> =
            ids.iter().map(|i| vec![i.to_string(), name(i), format!("{:+.4}", parts[*i])]).collect();
        output::print(&format!("\nrows that {title}:\n{}", output::table(&lines, &[0, 2]).trim_end()))?;
    }
    Ok(())
}

fn class(args: &SampleArgs, names: &[String], own: Option<u32>) -> Result<u32, Failure> {
    if let Some(name) = &args.class {
        let found = names.iter().position(|n| n == name).map(|p| p as u32);
        return found.ok_or_else(|| Failure::usage(format!("no class `{name}`; there are: {}", names.join(", "))));
    }
    match (names.len(), own) {
        (2, _) => Ok(1),
        (_, Some(own)) => Ok(own),
        _ => Err(Failure::usage(format!("--class says which of these is explained: {}", names.join(", ")))),
    }
}
