//! The command line: one table of commands, one way to fail, one way to report.

mod binary;
mod build;
mod by_samples;
mod check;
mod compare;
mod compress;
mod convert;
mod distill;
mod embed;
mod evaluate;
mod evaluate_ann;
mod evaluate_features;
mod evaluate_order;
mod evaluate_url;
mod evaluate_words;
mod explain;
mod export;
mod flow;
mod index;
mod inspect;
mod learn;
mod map;
mod merge;
mod methods;
mod multi;
mod output;
mod predict;
mod progress;
mod protocols;
mod reembed;
mod reproduce;
mod retrieval;
mod search;
mod search_index;
mod search_remote;
mod senses;
mod serve;
mod side;
mod snapshot;
mod sparse;
mod topics;
mod transfer;
mod transform;
mod tuning;
mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use clap::{Args, Parser, Subcommand};

use crate::core::{Context, Encode};
use crate::space::EncoderProvider;
use crate::transform::{Chain, Transformed};
use output::Failure;

/// Turns data into vectors and vectors into answers.
#[derive(Parser)]
#[command(name = "vectory", version, propagate_version = true, arg_required_else_help = true)]
#[command(
    after_help = "Exit status: 0 done, 1 failed, 2 wrong usage. Set VECTORY_DATA to the folder of evaluation data."
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Args)]
pub(crate) struct Global {
    /// Print the result as JSON on stdout
    #[arg(long, global = true, help_heading = "Every command")]
    json: bool,
    /// Seed of every random draw
    #[arg(long, global = true, default_value_t = 42, value_name = "N", help_heading = "Every command")]
    seed: u64,
    /// Worker threads (0: one per core)
    #[arg(long, global = true, default_value_t = 0, value_name = "N", help_heading = "Every command")]
    threads: usize,
    /// No progress, no summary: results and errors only
    #[arg(short, long, global = true, help_heading = "Every command")]
    quiet: bool,
}

impl Global {
    /// Seed, threads, progress on a terminal's stderr, and Ctrl-C as a polite stop.
    fn context(&self) -> Result<Context, Failure> {
        let ctx = Context::new(self.seed, self.threads)
            .map_err(|e| Failure::failed(format!("cannot start {} threads: {e}", self.threads)))?
            .with_progress(progress::sink(self.quiet || self.json));
        let flag = ctx.cancel_flag();
        // A second Ctrl-C ends the program at once.
        let handler = move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        };
        // Setting it twice in one process (tests) is refused and harmless.
        let _ = ctrlc::set_handler(handler);
        Ok(ctx)
    }
}

#[derive(Subcommand)]
enum Command {
    /// Turn folders and files into a searchable space
    Build(build::BuildArgs),
    /// Ask a space or a vector index
    Search(search::SearchArgs),
    /// Measure answers: retrieval sets, TREC runs, sentence similarity
    Evaluate(evaluate::EvaluateArgs),
    /// Look at vectors: are they any good?
    Inspect(inspect::InspectArgs),
    /// Are these sets of vectors alike?
    Compare(compare::CompareArgs),
    /// Draw a map of vectors or of a space: one HTML file
    Map(map::MapArgs),
    /// What is a space or a file of texts about?
    Topics(topics::TopicsArgs),
    /// Why does a text match a question?
    Explain(explain::ExplainArgs),
    /// How does a long text move from sentence to sentence?
    Flow(flow::FlowArgs),
    /// Turn texts into vectors
    Embed(embed::EmbedArgs),
    /// Turn vectors into better vectors: center, whiten, reduce, align, erase
    Transform(Box<transform::TransformArgs>),
    /// Build an index over a vector file
    Index(index::IndexArgs),
    /// Turn vectors into few bytes, and say what that keeps
    Compress(compress::CompressArgs),
    /// Convert between vector files
    Convert(convert::ConvertArgs),
    /// Learn vectors from text
    Learn(learn::LearnArgs),
    /// The words nearest to a word (or to several, added)
    Nn(words::NearestArgs),
    /// a is to b as c is to …
    Analogy(words::AnalogyArgs),
    /// The word that does not belong
    OddOneOut(words::OddArgs),
    /// The cosine of two words
    Similar(words::SimilarArgs),
    /// Which of its senses a word has in a text
    Senses(senses::SensesArgs),
    /// Say the likeliest labels of texts, by a classifier
    Predict(predict::PredictArgs),
    /// Count how often a classifier is right
    Test(predict::PredictArgs),
    /// Make a static encoder out of a sentence encoder
    Distill(distill::DistillArgs),
    /// Check a space, and repair what is derived
    Check(check::CheckArgs),
    /// Serve spaces over HTTP: Qdrant's REST API, embeddings, a page
    Serve(serve::ServeArgs),
    /// Write a space as it is now into one file, while it is in use
    Snapshot(snapshot::SnapshotArgs),
    /// Make a space out of a snapshot
    Restore(snapshot::RestoreArgs),
    /// Put parts together: spaces of one recipe, or files of vectors
    Merge(merge::MergeArgs),
    /// Give a view of a space another encoder, in place
    Reembed(reembed::ReembedArgs),
    /// Write a space as Parquet, or as JSON lines with NumPy arrays
    Export(export::ExportArgs),
    /// Make a space out of an export, or of a table and vectors
    Import(export::ImportArgs),
    /// Copy a space to a server that speaks the Qdrant REST API
    Push(transfer::PushArgs),
    /// Copy a collection of a server into a new space
    Pull(transfer::PullArgs),
    /// Measure the claims of the methods that we build
    Reproduce(reproduce::ReproduceArgs),
    /// List every published method and where it lives here
    Methods(methods::MethodsArgs),
}

/// Parses the command line, runs the command, says how it ended.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version go to stdout with status 0; usage errors to stderr with status 2.
            let _ = e.print();
            return ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(2));
        }
    };
    let g = &cli.global;
    let done = match &cli.command {
        Command::Build(a) => build::run(a, g),
        Command::Search(a) => search::run(a, g),
        Command::Evaluate(a) => evaluate::run(a, g),
        Command::Inspect(a) => inspect::run(a, g),
        Command::Compare(a) => compare::run(a, g),
        Command::Map(a) => map::run(a, g),
        Command::Topics(a) => topics::run(a, g),
        Command::Explain(a) => explain::run(a, g),
        Command::Flow(a) => flow::run(a, g),
        Command::Embed(a) => embed::run(a, g),
        Command::Transform(a) => transform::run(a, g),
        Command::Index(a) => index::run(a, g),
        Command::Compress(a) => compress::run(a, g),
        Command::Convert(a) => convert::run(a, g),
        Command::Learn(a) => learn::run(a, g),
        Command::Nn(a) => words::nearest(a, g),
        Command::Analogy(a) => words::analogy(a, g),
        Command::OddOneOut(a) => words::odd(a, g),
        Command::Similar(a) => words::similar(a, g),
        Command::Senses(a) => senses::run(a, g),
        Command::Predict(a) => predict::predict(a, g),
        Command::Test(a) => predict::test(a, g),
        Command::Distill(a) => distill::run(a, g),
        Command::Check(a) => check::run(a, g),
        Command::Serve(a) => serve::run(a, g),
        Command::Snapshot(a) => snapshot::snapshot(a, g),
        Command::Restore(a) => snapshot::restore(a, g),
        Command::Merge(a) => merge::run(a, g),
        Command::Reembed(a) => reembed::run(a, g),
        Command::Export(a) => export::export(a, g),
        Command::Import(a) => export::import(a, g),
        Command::Push(a) => transfer::push(a, g),
        Command::Pull(a) => transfer::pull(a, g),
        Command::Reproduce(a) => reproduce::run(a, g),
        Command::Methods(a) => methods::run(a, g),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => e.report(g.json),
    }
}

/// Where evaluation data lies: `$VECTORY_DATA`, else `../shared/data`.
fn data_folder() -> PathBuf {
    std::env::var_os("VECTORY_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from)
}

/// An encoder by name, with a fitted chain behind it where one is given.
fn encoder(model: &str, transform: Option<&Path>) -> Result<Arc<dyn Encode>, Failure> {
    let encoder = encoders().open(model, Path::new(".")).map_err(Failure::failed)?;
    let Some(path) = transform else { return Ok(encoder) };
    let joined = Chain::open(path).and_then(|chain| Transformed::new(encoder, chain));
    Ok(Arc::new(joined.map_err(|e| Failure::failed(format!("{}: {e}", path.display())))?))
}

/// The encoders that commands can name: the embedded default and local model folders.
fn encoders() -> Arc<crate::encoders::Encoders> {
    Arc::new(crate::encoders::Encoders)
}
