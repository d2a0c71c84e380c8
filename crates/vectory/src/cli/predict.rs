//! `vectory predict` and `vectory test`: what a classifier says of texts, and how often it is right.

use std::path::PathBuf;

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use crate::learn::documents::classifier::{self, Classifier, Labelled};

#[derive(Args)]
pub(super) struct PredictArgs {
    /// A classifier: of `learn classify`, or fastText's .bin or .ftz
    model: PathBuf,
    /// Texts, one a line (.txt, .gz, .zst; `-` for stdin)
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// How many labels a text
    #[arg(short, long, default_value_t = 1, value_name = "K")]
    k: usize,
}

fn open(a: &PredictArgs) -> Result<(Classifier, Vec<Labelled>), Failure> {
    if a.k == 0 {
        return Err(Failure::usage("-k 0: expected at least 1"));
    }
    let model = Classifier::open(&a.model)?;
    let texts = classifier::read(&a.inputs, model.tokenizer())?;
    Ok((model, texts))
}

pub(super) fn predict(a: &PredictArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, (model, texts)) = (g.context()?, open(a)?);
    let all = model.predict(&texts, a.k, &ctx)?;
    if g.json {
        return output::json(&all);
    }
    for text in &all {
        let line: Vec<String> = text.iter().map(|p| format!("{} {:.5}", p.label, p.probability)).collect();
        output::print(&line.join(" "))?;
    }
    Ok(())
}

pub(super) fn test(a: &PredictArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, (model, texts)) = (g.context()?, open(a)?);
    let e = model.test(&texts, a.k, &ctx)?;
    if e.texts == 0 {
        return Err(Failure::failed(
            "no line carries a label (`__label__NAME text …`): there is nothing to test against",
        ));
    }
    if g.json {
        return output::json(&e);
    }
    let k = a.k;
    output::print(&format!(
        "texts {}   precision@{k} {:.4}   recall@{k} {:.4}",
        output::grouped(e.texts as u64),
        e.precision,
        e.recall
    ))?;
    for (label, n, precision, recall, f1) in &e.labels {
        output::print(&format!(
            "{label:24} {:>8}   precision {precision:.4}   recall {recall:.4}   F1 {f1:.4}",
            output::grouped(*n as u64)
        ))?;
    }
    Ok(())
}
