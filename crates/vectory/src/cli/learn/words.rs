//! `vectory learn sgns|cbow|fasttext|cwm`.

use clap::Args;

use super::super::Global;
use super::super::output::{self, Failure};
use super::documents::{Said, loss, said};
use super::{CorpusArgs, Taught, TrainArgs, taught};
use crate::learn::contrastive::{self, ContrastiveParams};
use crate::learn::embedding::Embedding;
use crate::learn::word2vec::{self, Architecture, LossKind, WordParams};
use crate::text::subwords::Subwords;

#[derive(Args)]
pub(in super::super) struct WordArgs {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    train: TrainArgs,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Args)]
pub(in super::super) struct FastTextArgs {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    train: TrainArgs,
    #[command(flatten)]
    settings: Settings,
    /// Learn by CBOW instead of skip-gram
    #[arg(long)]
    cbow: bool,
    /// Shortest n-gram, in characters
    #[arg(long, default_value_t = 3, value_name = "N")]
    minn: usize,
    /// Longest n-gram
    #[arg(long, default_value_t = 6, value_name = "N")]
    maxn: usize,
    /// Buckets that n-grams are hashed into
    #[arg(long, default_value_t = 2_000_000, value_name = "N")]
    bucket: usize,
    /// CBOW: learn a weight for each place in the window
    #[arg(long)]
    position_weights: bool,
}

#[derive(Args)]
pub(in super::super) struct CwmArgs {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    train: TrainArgs,
    /// Values a vector has
    #[arg(long, default_value_t = 100, value_name = "N")]
    dim: usize,
    /// Words on each side at most
    #[arg(long, default_value_t = 5, value_name = "N")]
    window: usize,
    /// Random words of a window
    #[arg(long, default_value_t = 2, value_name = "N")]
    negative: usize,
    /// Passes over the text
    #[arg(long, default_value_t = 5, value_name = "N")]
    epochs: usize,
    /// Learning rate at the start
    #[arg(long, default_value_t = 0.08, value_name = "R")]
    rate: f32,
    /// Subsample words more frequent than this share of the text; 0: keep all
    #[arg(long, default_value_t = 1e-4, value_name = "T")]
    sample: f64,
    /// By how much a word must be nearer to one that it stands by than to a random one
    #[arg(long, default_value_t = 0.3, value_name = "M")]
    margin: f32,
    /// Weight of the pull
    #[arg(long, default_value_t = 1.0, value_name = "W")]
    attract: f32,
    /// Weight of the push
    #[arg(long, default_value_t = 1.25, value_name = "W")]
    repel: f32,
}

#[derive(Args)]
struct Settings {
    /// Values a vector has
    #[arg(long, default_value_t = 100, value_name = "N")]
    dim: usize,
    /// Words on each side at most
    #[arg(long, default_value_t = 5, value_name = "N")]
    window: usize,
    /// Negative samples
    #[arg(long, default_value_t = 5, value_name = "N")]
    negative: usize,
    /// Hierarchical softmax instead of negative samples
    #[arg(long)]
    hs: bool,
    /// Passes over the text
    #[arg(long, default_value_t = 5, value_name = "N")]
    epochs: usize,
    /// Learning rate at the start (0.025; CBOW 0.05)
    #[arg(long, value_name = "R")]
    rate: Option<f32>,
    /// Subsample words more frequent than this share of the text; 0: keep all
    #[arg(long, default_value_t = 1e-4, value_name = "T")]
    sample: f64,
    /// Windows that a negative serves on average [default: 4, CBOW without n-grams: 2]
    #[arg(long, value_name = "N")]
    share_negatives: Option<usize>,
}

impl Settings {
    fn params(&self, architecture: Architecture, train: &TrainArgs) -> WordParams {
        WordParams {
            architecture,
            loss: if self.hs { LossKind::Hierarchical } else { LossKind::Negative },
            dim: self.dim,
            window: self.window,
            negative: self.negative,
            epochs: self.epochs,
            rate: self.rate,
            sample: self.sample,
            share_negatives: self.share_negatives,
            deterministic: train.deterministic,
            ..WordParams::default()
        }
    }
}

pub(super) fn sgns(a: &WordArgs, g: &Global) -> Result<(), Failure> {
    learn(&a.corpus, &a.train, &a.settings.params(Architecture::SkipGram, &a.train), g)
}

pub(super) fn cbow(a: &WordArgs, g: &Global) -> Result<(), Failure> {
    learn(&a.corpus, &a.train, &a.settings.params(Architecture::Cbow, &a.train), g)
}

pub(super) fn fasttext(a: &FastTextArgs, g: &Global) -> Result<(), Failure> {
    let architecture = if a.cbow { Architecture::Cbow } else { Architecture::SkipGram };
    let subwords = Some(Subwords { min_n: a.minn, max_n: a.maxn, buckets: a.bucket });
    let params =
        WordParams { subwords, position_weights: a.position_weights, ..a.settings.params(architecture, &a.train) };
    learn(&a.corpus, &a.train, &params, g)
}

pub(super) fn cwm(a: &CwmArgs, g: &Global) -> Result<(), Failure> {
    let defaults = ContrastiveParams::default();
    let training = WordParams {
        dim: a.dim,
        window: a.window,
        negative: a.negative,
        epochs: a.epochs,
        rate: Some(a.rate),
        sample: a.sample,
        deterministic: a.train.deterministic,
        ..defaults.training
    };
    let params = ContrastiveParams { margin: a.margin, attract: a.attract, repel: a.repel, training };
    params.check().map_err(Failure::usage)?;
    let learn = |text: &_, tokenizer, keep: &_, ctx: &_| contrastive::train(text, tokenizer, &params, keep, ctx);
    let Taught { report, text, seconds, .. } = taught((&a.corpus, &a.train), g, learn, Embedding::save)?;
    let what = format!("{:.0} % of comparisons without a loss", 100.0 * report.idle);
    let (output, report) = (&a.train.output, &report.training);
    said(&Said { output, what: &what, text: &text, report, epochs: a.epochs, seconds }, g)
}

fn learn(corpus: &CorpusArgs, train: &TrainArgs, params: &WordParams, g: &Global) -> Result<(), Failure> {
    params.check().map_err(Failure::usage)?;
    let learn = |text: &_, tokenizer, keep: &_, ctx: &_| word2vec::train(text, tokenizer, params, keep, ctx);
    let Taught { report, text, reading, seconds, .. } = taught((corpus, train), g, learn, Embedding::save)?;
    if g.json {
        return output::json(&serde_json::json!({
            "output": train.output, "params": params, "corpus": text.summary, "training": report,
            "reading_seconds": reading, "seconds": seconds,
            "words_per_second": (text.summary.words * params.epochs as u64) as f64 / seconds,
        }));
    }
    if g.quiet {
        return Ok(());
    }
    let s = &text.summary;
    output::print(&format!(
        "{}: {} words × {} from {} words of text, {} epochs; {:.2}M words/s ({:.2}M training alone), {}",
        train.output.display(),
        output::grouped(report.vocabulary as u64),
        params.dim,
        output::grouped(s.words),
        params.epochs,
        (s.words * params.epochs as u64) as f64 / seconds / 1e6,
        report.words_per_second / 1e6,
        loss(&report)
    ))
}
