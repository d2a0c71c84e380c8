//! `vectory evaluate`: measures of answers.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, Subcommand};

use super::output::{self, Failure};
use super::protocols;
use super::retrieval::{self, RetrievalArgs};
use super::{Global, encoder};
use crate::evaluate::ranking::{self, Qrels, RankMeasure, RankingParams, Run};

#[derive(Args)]
pub(super) struct EvaluateArgs {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build a space from a BEIR folder, run its queries, score each view and the fusion
    Retrieval(RetrievalArgs),
    /// Score a TREC run against judgements, as trec_eval does
    Run(RunArgs),
    /// Rank correlation of sentence similarities with human scores (STS-B form)
    Sts(StsArgs),
    /// Recall against queries a second of indexes over one's own vectors
    Ann(super::evaluate_ann::AnnArgs),
    /// What the order of insertion does to a graph, and how hard the vectors are
    AnnOrder(super::evaluate_order::OrderArgs),
    /// Vectors with labels: linear probe, nearest neighbours, few-shot, clustering, retrieval, uncertainty
    Vectors(protocols::VectorsArgs),
    /// Uncertainties, judged on classes that were never seen: Recall@1 and R-AUROC (URL)
    Url(super::evaluate_url::UrlArgs),
    /// Several models on one labelled task, few-shot and frozen, as one table (FEET)
    Feet(protocols::FeetArgs),
    /// Word vectors against people's judgements of similarity, and analogies
    Words(super::evaluate_words::WordsArgs),
    /// Which properties of things can be read off their word vectors
    Features(super::evaluate_features::FeaturesArgs),
}

#[derive(Args)]
struct RunArgs {
    /// TREC run: query Q0 document rank score tag
    #[arg(long, value_name = "F.trec")]
    run: PathBuf,
    /// Judgements: BEIR .tsv or TREC's four columns
    #[arg(long, value_name = "F.tsv")]
    qrels: PathBuf,
}

#[derive(Args)]
struct StsArgs {
    /// Tab-separated: genre, file, year, id, score, sentence, sentence
    #[arg(long, value_name = "F.csv")]
    data: PathBuf,
    /// A static model or a Hugging Face folder (default: the built-in English one)
    #[arg(long, value_name = "MODEL", default_value = "default")]
    model: String,
    /// A fitted chain that the vectors pass through (`vectory transform … --save`)
    #[arg(long, value_name = "T.safetensors")]
    transform: Option<PathBuf>,
}

pub(super) fn run(args: &EvaluateArgs, g: &Global) -> Result<(), Failure> {
    match &args.task {
        Task::Retrieval(a) => retrieval::run(a, g),
        Task::Run(a) => run_file(a, g),
        Task::Sts(a) => sts(a, g),
        Task::Ann(a) => super::evaluate_ann::run(a, g),
        Task::AnnOrder(a) => super::evaluate_order::run(a, g),
        Task::Vectors(a) => protocols::vectors(a, g),
        Task::Url(a) => super::evaluate_url::run(a, g),
        Task::Feet(a) => protocols::feet(a, g),
        Task::Words(a) => super::evaluate_words::run(a, g),
        Task::Features(a) => super::evaluate_features::run(a, g),
    }
}

/// Every query of the judgements counts, answered or not, as `trec_eval -c` has it.
fn run_file(args: &RunArgs, g: &Global) -> Result<(), Failure> {
    let qrels = Qrels::read(&args.qrels)?;
    let (run, _) = Run::read(&args.run)?;
    let scores = ranking::evaluate(&qrels, &run, &RankMeasure::USUAL, &RankingParams::default())
        .map_err(|e| Failure::failed(format!("{} against {}: {e}", args.run.display(), args.qrels.display())))?;
    let summary = scores.summary(g.seed);
    if g.json {
        let values: serde_json::Map<_, _> = summary.iter().map(|s| (s.measure.clone(), s.value.into())).collect();
        return output::json(
            &serde_json::json!({"queries": scores.queries.len(), "measures": values, "intervals": summary}),
        );
    }
    let rows: Vec<Vec<String>> = summary.iter().map(measure_row).collect();
    output::print(output::table(&rows, &[1]).trim_end())?;
    output::print(&format!("{} queries; 95 % bootstrap intervals", scores.queries.len()))
}

fn measure_row(s: &ranking::Summary) -> Vec<String> {
    let interval = s.interval.map_or_else(String::new, |(low, high)| format!("{low:.4} – {high:.4}"));
    vec![s.measure.clone(), format!("{:.4}", s.value), interval]
}

fn sts(args: &StsArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let encoder = encoder(&args.model, args.transform.as_deref())?;
    let start = Instant::now();
    let sts = crate::evaluate::sts::sts(&args.data, &*encoder, &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    if g.json {
        return output::json(&serde_json::json!({
            "data": args.data, "model": encoder.name(), "pairs": sts.pairs, "spearman": sts.spearman, "pearson": sts.pearson, "seconds": seconds
        }));
    }
    output::print(&format!(
        "{}: Spearman {:.4}, Pearson {:.4} over {} pairs ({:.2} s)",
        encoder.name(),
        sts.spearman,
        sts.pearson,
        sts.pairs,
        seconds
    ))
}
