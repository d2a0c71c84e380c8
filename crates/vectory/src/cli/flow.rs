//! `vectory flow`: how a long text moves from sentence to sentence.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::Failure;
use super::{Global, compare, encoders};
use crate::core::Vectors;
use crate::inspect::flow;
use crate::io::documents::{self, Item, SourceParams, SourceSpec};
use crate::space::EncoderProvider;

#[derive(Args)]
pub(super) struct FlowArgs {
    /// A long text
    #[arg(value_name = "BOOK.txt")]
    text: PathBuf,
    /// A static model or a Hugging Face folder; repeat to compare encoders
    #[arg(long, value_name = "MODEL", default_value = "default")]
    model: Vec<String>,
    /// Fewest words of a sentence: short ones ("Yes.") are spikes that mean nothing
    #[arg(long, default_value_t = 4, value_name = "N")]
    min_words: usize,
    /// Also write one HTML file with pictures
    #[arg(long, value_name = "F.html")]
    html: Option<PathBuf>,
}

/// Characters of a sentence that are shown.
const SHOWN: usize = 90;

pub(super) fn run(args: &FlowArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let mut text = String::new();
    for item in documents::open(&[SourceSpec::from(args.text.to_string_lossy().as_ref())], &SourceParams::default())? {
        if let Item::Document(d) = item? {
            text.push_str(&d.text);
            text.push('\n');
        }
    }
    let ranges = crate::text::sentences(&text);
    let long = ranges.into_iter().map(|r| text[r].trim()).filter(|s| s.split_whitespace().count() >= args.min_words);
    let sentences: Vec<&str> = long.collect();
    if sentences.len() < 2 {
        return Err(Failure::failed(format!(
            "{}: {} sentences of {} words or more",
            args.text.display(),
            sentences.len(),
            args.min_words
        )));
    }
    let mut sets: Vec<(String, Vectors)> = Vec::new();
    for model in &args.model {
        let encoder = encoders().open(model, Path::new(".")).map_err(Failure::failed)?;
        sets.push((encoder.name().to_owned(), encoder.encode(&sentences, &ctx)?));
    }
    let by: Vec<_> = sets.iter().map(|(n, v)| (n.clone(), v.view())).collect();
    let shown: Vec<String> = sentences
        .iter()
        .map(|s| s.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect())
        .collect();
    let report = flow::report(&args.text.display().to_string(), &shown, &by, &ctx);
    compare::show(&report, args.html.as_deref(), g)
}
