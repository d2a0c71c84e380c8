//! `vectory explain`: why a text matches a question, word by word; why a row is classified so, sample by sample.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::by_samples::{self, SampleArgs};
use super::output::{self, Failure};
use super::{Global, encoders};
use crate::core::simd;
use crate::inspect::explain::{ExplainParams, Explanation, Masks, explain};
use crate::space::EncoderProvider;

#[derive(Args)]
pub(super) struct ExplainArgs {
    /// The question
    #[arg(value_name = "QUESTION", required_unless_present = "by_samples")]
    question: Option<String>,
    /// The text that matched (`-` for stdin)
    #[arg(value_name = "TEXT", required_unless_present = "by_samples")]
    text: Option<String>,
    /// A static model or a Hugging Face folder (default: the built-in English one)
    #[arg(long, value_name = "MODEL", default_value = "default")]
    model: String,
    /// Masks that are tried
    #[arg(long, default_value_t = 1000, value_name = "N")]
    samples: usize,
    /// How masks are drawn: stratified hides any number of words, plain about half
    #[arg(long, value_enum, default_value_t = Drawn::Stratified)]
    masks: Drawn,
    /// Words (or samples) that are shown
    #[arg(short, long, default_value_t = 10, value_name = "N")]
    top: usize,
    #[command(flatten)]
    samples_of: SampleArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Drawn {
    Stratified,
    Plain,
}

pub(super) fn run(args: &ExplainArgs, g: &Global) -> Result<(), Failure> {
    if args.samples_of.asked() {
        return by_samples::run(&args.samples_of, args.top, g);
    }
    let (Some(question), Some(text)) = (&args.question, &args.text) else {
        return Err(Failure::usage("a question and a text are needed"));
    };
    let ctx = g.context()?;
    let text = if text == "-" { std::io::read_to_string(std::io::stdin())? } else { text.clone() };
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return Err(Failure::usage("the text has no words"));
    }
    let encoder = encoders().open(&args.model, Path::new(".")).map_err(Failure::failed)?;
    let question = encoder.encode_queries(&[question.as_str()], &ctx)?;
    // The scorer cannot fail inside the explanation: what failed is kept for afterwards.
    let failure = std::cell::RefCell::new(None);
    let score = |masks: &[Vec<bool>]| -> Vec<f64> {
        let shown = |m: &Vec<bool>| words.iter().zip(m).filter(|p| *p.1).map(|p| *p.0).collect::<Vec<_>>().join(" ");
        let texts: Vec<String> = masks.iter().map(shown).collect();
        let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
        match encoder.encode(&borrowed, &ctx) {
            Ok(rows) => rows.iter().map(|r| f64::from(simd::cosine(question.row(0), r))).collect(),
            Err(e) => {
                *failure.borrow_mut() = Some(e);
                vec![f64::NAN; masks.len()]
            }
        }
    };
    let masks = match args.masks {
        Drawn::Stratified => Masks::Stratified,
        Drawn::Plain => Masks::Plain,
    };
    let found =
        explain(words.len(), &ExplainParams { masks, samples: args.samples, ..ExplainParams::default() }, &ctx, &score);
    if let Some(e) = failure.borrow_mut().take() {
        return Err(e.into());
    }
    say(args, g, &words, &found?)
}

fn say(args: &ExplainArgs, g: &Global, words: &[&str], found: &Explanation) -> Result<(), Failure> {
    if g.json {
        let parts: Vec<_> =
            words.iter().zip(&found.parts).map(|(w, v)| serde_json::json!({"word": w, "effect": v})).collect();
        return output::json(&serde_json::json!({
            "score": found.whole, "base": found.base, "r2": found.r2, "deviation": found.deviation, "range": found.range, "words": parts
        }));
    }
    let mut order: Vec<usize> = (0..words.len()).collect();
    order.sort_by(|a, b| found.parts[*b].abs().total_cmp(&found.parts[*a].abs()).then(a.cmp(b)));
    order.truncate(args.top);
    let largest = order.first().map_or(1.0, |i| found.parts[*i].abs()).max(1e-12);
    let bar = |v: f64| "█".repeat((v.abs() / largest * 24.0).round() as usize);
    let rows: Vec<Vec<String>> = order
        .iter()
        .map(|i| vec![words[*i].to_owned(), format!("{:+.4}", found.parts[*i]), bar(found.parts[*i])])
        .collect();
    output::print(&format!(
        "score {:.4}; what each word adds (a linear model explains {:.0} % of the variance):",
        found.whole,
        100.0 * found.r2
    ))?;
    output::print(output::table(&rows, &[1]).trim_end())
}
