//! `vectory learn counts|glove|swivel|ppmi|sn|pu`: counts of pairs, and vectors from them.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::super::Global;
use super::super::output::{self, Failure};
use super::{COUNTS, CorpusArgs, checkpoint, kind};
use crate::core::Context;
use crate::learn::embedding::{Embedding, EmbeddingParams};
use crate::learn::named::Settings;
use crate::learn::words::cooccurrence::{self, CooccurrenceParams, Cooccurrences, Weighting};
use crate::learn::words::{Learned, Learner, LearnerKind};

/// Text, or counts, to vectors.
#[derive(Args)]
#[command(after_help = "INPUT may also be one file of counts (vectory learn counts).

What has been reached is written to OUT.checkpoint about once a minute and at Ctrl-C, and removed once OUT is there. Counting has no
checkpoint: --resume counts the text again, and goes on with what was learned. On much text run `learn counts` first. `learn ppmi` is
a dozen products and has no checkpoint either.")]
pub(in super::super) struct LearnerArgs {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    pairs: PairArgs,
    /// The model (.safetensors), or vectors for other programs (.vec, .bin, .glove, …)
    #[arg(short, long, value_name = "OUT", value_parser = output::in_a_folder)]
    output: PathBuf,
    /// Values a vector has
    #[arg(long, value_name = "N")]
    dim: Option<usize>,
    /// Passes
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// GloVe: also keep contexts and biases here, for `similar --glove`
    #[arg(long, value_name = "FULL.safetensors")]
    full: Option<PathBuf>,
    /// Go on from the checkpoint of an interrupted training (`OUT.checkpoint`)
    #[arg(long)]
    resume: bool,
    /// Any parameter of the method, as FIELD=VALUE (an unknown one is answered with those that there are)
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    set: Vec<String>,
}

/// How pairs are counted.
#[derive(Args)]
struct PairArgs {
    /// Words to each side
    #[arg(long, default_value_t = 10, value_name = "N")]
    window: usize,
    /// Every pair in the window counts 1 instead of 1 / distance
    #[arg(long)]
    flat: bool,
    /// Megabytes for lists of pairs before they go to temporary files
    #[arg(long, default_value_t = 1024, value_name = "MB")]
    pair_memory: usize,
}

/// Counts alone.
#[derive(Args)]
pub(in super::super) struct CountArgs {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    pairs: PairArgs,
    /// The counts (.safetensors), for every learner from counts; an interrupted count begins again
    #[arg(short, long, value_name = "COUNTS.safetensors", value_parser = output::in_a_folder)]
    output: PathBuf,
}

impl PairArgs {
    fn params(&self) -> Result<CooccurrenceParams, Failure> {
        let weighting = if self.flat { Weighting::Flat } else { Weighting::Harmonic };
        let memory = self.pair_memory << 20;
        let params = CooccurrenceParams { window: self.window, weighting, symmetric: true, memory };
        params.check().map_err(Failure::usage)?;
        Ok(params)
    }
}

pub(super) fn count(args: &CountArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, start, params) = (g.context()?, Instant::now(), args.pairs.params()?);
    let text = args.corpus.read(args.corpus.min_count, g, &ctx)?;
    let counts = cooccurrence::count_to(&text, args.corpus.tokenizer()?, &params, &args.output, &ctx)?;
    let (seconds, pairs) = (start.elapsed().as_secs_f64(), counts.matrix()?.entries());
    let rate = text.summary.bytes as f64 / 1e6 / seconds.max(1e-9);
    if g.json {
        return output::json(&serde_json::json!({
            "output": args.output, "text": text.summary, "vocabulary": counts.vocabulary.len(), "pairs": pairs, "seconds": seconds,
            "megabytes_per_second": rate,
        }));
    }
    if g.quiet {
        return Ok(());
    }
    output::print(&format!(
        "{}: {} pairs of {} words out of {} in {seconds:.1} s ({rate:.1} MB/s of text)",
        args.output.display(),
        output::grouped(pairs as u64),
        output::grouped(counts.vocabulary.len() as u64),
        output::grouped(text.summary.words)
    ))
}

pub(super) fn learn(kind: LearnerKind, args: &LearnerArgs, g: &Global) -> Result<(), Failure> {
    if args.full.is_some() && kind != LearnerKind::Glove {
        return Err(Failure::usage("--full is for `learn glove`"));
    }
    if args.resume && kind == LearnerKind::Ppmi {
        return Err(Failure::usage("--resume is not for `learn ppmi`: it has no passes to go on from"));
    }
    let learner = learner(kind, args)?;
    let keep = checkpoint(&args.output, args.resume);
    let ctx = g.context()?;
    let start = Instant::now();
    let counts = counts(args, g, &ctx)?;
    let counted = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let learned = learner.learn(&counts, &keep, &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    if let (Some(path), Learned::Glove(model), Learner::Glove(p)) = (&args.full, &learned, &learner) {
        model.save(path, p)?;
    }
    let (name, losses) = (kind.name(), &learned.vectors().losses);
    let provenance = serde_json::json!({
        "learner": name, "params": learner.params(), "pairs": counts.params, "words": counts.vocabulary.total(), "seed": g.seed,
        "losses": losses,
    });
    let params = EmbeddingParams { name: name.into(), tokenizer: counts.tokenizer, ..EmbeddingParams::default() };
    let words = counts.vocabulary.len();
    save(&args.output, &Embedding::new(counts.vocabulary, learned.vectors().sum(), params, provenance)?)?;
    keep.remove();
    if g.json {
        return output::json(&serde_json::json!({
            "output": args.output, "learner": name, "vocabulary": words, "params": learner.params(), "losses": losses,
            "count_seconds": counted, "learn_seconds": seconds,
        }));
    }
    if g.quiet {
        return Ok(());
    }
    let loss = match losses[..] {
        [first, .., last] => format!("; loss {first:.5} to {last:.5}"),
        _ => String::new(),
    };
    output::print(&format!(
        "{}: {} words by {name}, counted in {counted:.1} s, learned in {seconds:.1} s{loss}",
        args.output.display(),
        output::grouped(words as u64)
    ))
}

/// As our artifact, or in the form that the ending tells.
pub(super) fn save(path: &Path, model: &Embedding) -> Result<(), Failure> {
    if path.extension().is_some_and(|e| e == "safetensors") {
        return Ok(model.save(path)?);
    }
    let names: Vec<String> = model.vocabulary().words().map(str::to_owned).collect();
    let options = crate::io::vectors::WriteOptions::default();
    crate::io::vectors::write_all(path, model.word_vectors().view(), Some(&names), &options)?;
    Ok(())
}

/// Saved counts, or those of the text.
fn counts(args: &LearnerArgs, g: &Global, ctx: &Context) -> Result<Cooccurrences, Failure> {
    if let [only] = args.corpus.inputs.as_slice()
        && kind(only).is_some_and(|k| k == COUNTS)
    {
        return Ok(Cooccurrences::open(only)?);
    }
    let params = args.pairs.params()?;
    let text = args.corpus.read(args.corpus.min_count, g, ctx)?;
    Ok(cooccurrence::count(&text, args.corpus.tokenizer()?, &params, ctx)?)
}

/// The method with its parameters: its defaults, `--dim`, `--epochs` (whatever the method calls them), `--set`.
fn learner(kind: LearnerKind, args: &LearnerArgs) -> Result<Learner, Failure> {
    let mut given = serde_json::Map::new();
    args.dim.into_iter().for_each(|d| _ = given.insert("dim".into(), d.into()));
    args.epochs.into_iter().for_each(|e| _ = given.insert("epochs".into(), e.into()));
    for set in &args.set {
        let Some((field, text)) = set.split_once('=') else {
            return Err(Failure::usage(format!("--set {set}: expected FIELD=VALUE")));
        };
        let parsed = serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::String(text.to_owned()));
        given.insert(field.to_owned(), parsed);
    }
    let mut given = Settings::new(given).renamed("epochs", kind.epochs());
    let learner = Learner::new(kind, &mut given).and_then(|l| given.finish().map(|()| l));
    learner.map_err(|e| Failure::usage(format!("--set: {e}")))
}
