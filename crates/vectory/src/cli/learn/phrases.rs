//! `vectory learn phrases`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::super::Global;
use super::super::output::{self, Failure};
use super::CorpusArgs;
use crate::io::stream::Output;
use crate::learn::word2vec::phrases::{PhraseParams, Phrases};

#[derive(Args)]
pub(in super::super) struct PhraseArgs {
    #[command(flatten)]
    corpus: CorpusArgs,
    /// Where the text with joined phrases goes: a sentence a line (.txt, .gz, .zst)
    #[arg(short, long, value_name = "OUT.txt")]
    output: PathBuf,
    /// Passes: each can join what the one before made, at half its threshold
    #[arg(long, default_value_t = 1, value_name = "N")]
    passes: usize,
    /// Pairs of a higher score are joined
    #[arg(long, default_value_t = 100.0, value_name = "X")]
    threshold: f64,
    /// How many phrases are shown
    #[arg(long, default_value_t = 20, value_name = "N")]
    show: usize,
}

pub(super) fn run(a: &PhraseArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    // Rare words stay in the text: they are in no phrase, but what stands beside them is not moved together.
    let text = a.corpus.read(1, g, &ctx)?;
    let params =
        PhraseParams { passes: a.passes, threshold: a.threshold, delta: a.corpus.min_count, ..PhraseParams::default() };
    let phrases = Phrases::find(&text, &params, &ctx)?;
    let mut out = Output::create(&a.output)?;
    phrases.rewrite(&text.stream, &mut |t| out.write_all(t.as_bytes()), &ctx)?;
    out.commit()?;
    let shown = &phrases.found[..a.show.min(phrases.found.len())];
    if g.json {
        return output::json(&serde_json::json!({ "output": a.output, "phrases": phrases.found.len(), "best": shown }));
    }
    if g.quiet {
        return Ok(());
    }
    for p in shown {
        output::print(&format!("{:12.1}  {:>8}  {}", p.score, output::grouped(p.count), p.text))?;
    }
    output::print(&format!("{}: {} phrases", a.output.display(), output::grouped(phrases.found.len() as u64)))
}
