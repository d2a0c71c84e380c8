//! `vectory learn senses`.

use clap::Args;

use super::super::Global;
use super::super::output::Failure;
use super::documents::{Said, said};
use super::{CorpusArgs, Taught, TrainArgs, taught};
use crate::learn::senses::{self, SenseParams};
use crate::learn::word2vec::WordParams;

#[derive(Args)]
#[command(after_help = "Then `vectory senses M.safetensors bank --context \"the river bank was muddy\"`.")]
pub(in super::super) struct SenseArgs {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    train: TrainArgs,
    /// Senses a word may have
    #[arg(long, default_value_t = 5, value_name = "N")]
    senses: usize,
    /// Cost of an undecided guess: the larger, the fewer senses are used
    #[arg(long, default_value_t = 0.05, value_name = "C")]
    entropy: f32,
    /// Senses with a smaller share of a word's occurrences are dropped
    #[arg(long, default_value_t = 0.05, value_name = "P")]
    prune: f32,
    /// Values a vector has
    #[arg(long, default_value_t = 100, value_name = "N")]
    dim: usize,
    /// Words on each side at most
    #[arg(long, default_value_t = 5, value_name = "N")]
    window: usize,
    /// Negative samples
    #[arg(long, default_value_t = 5, value_name = "N")]
    negative: usize,
    /// Passes over the text
    #[arg(long, default_value_t = 5, value_name = "N")]
    epochs: usize,
    /// Learning rate at the start
    #[arg(long, default_value_t = 0.025, value_name = "R")]
    rate: f32,
    /// Subsample words more frequent than this share of the text; 0: keep all
    #[arg(long, default_value_t = 1e-4, value_name = "T")]
    sample: f64,
}

pub(super) fn senses(a: &SenseArgs, g: &Global) -> Result<(), Failure> {
    let training = WordParams {
        dim: a.dim,
        window: a.window,
        negative: a.negative,
        epochs: a.epochs,
        rate: Some(a.rate),
        sample: a.sample,
        deterministic: a.train.deterministic,
        ..WordParams::default()
    };
    let params =
        SenseParams { senses: a.senses, entropy: a.entropy, prune: a.prune, training, ..SenseParams::default() };
    params.check().map_err(Failure::usage)?;
    let learn = |text: &_, tokenizer, keep: &_, ctx: &_| senses::train(text, tokenizer, &params, keep, ctx);
    let Taught { model, report, text, seconds, .. } =
        taught((&a.corpus, &a.train), g, learn, |model, to| model.save(to))?;
    let kept: usize = (0..model.vocabulary().len() as u32).map(|id| model.senses(id).len()).sum();
    let what = format!("{:.2} senses a word", kept as f64 / model.vocabulary().len().max(1) as f64);
    said(&Said { output: &a.train.output, what: &what, text: &text, report: &report, epochs: a.epochs, seconds }, g)
}
