//! `vectory learn lda2vec`.

use clap::Args;
use std::path::PathBuf;

use super::super::Global;
use super::super::output::{self, Failure};
use super::{CorpusArgs, Taught, TrainArgs, taught};
use crate::io::vectors::{WriteOptions, write_all};
use crate::learn::documents::lda2vec::{self, Lda2VecParams};
use crate::learn::word2vec::WordParams;

#[derive(Args)]
pub(in super::super) struct Lda2VecArgs {
    /// A line is a document
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    train: TrainArgs,
    /// Write the mixture of each document, a row a line of the text (.npy, .tsv, …)
    #[arg(long, value_name = "F.npy")]
    mixtures: Option<PathBuf>,
    /// Topics
    #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
    topics: usize,
    /// The Dirichlet prior's α (below 1: few topics a document; 0: 1 / topics)
    #[arg(long, default_value_t = 0.0, value_name = "A")]
    alpha: f32,
    /// The prior's weight in a document
    #[arg(long, default_value_t = 200.0, value_name = "L")]
    lambda: f32,
    /// Words shown with a topic
    #[arg(long, default_value_t = 10, value_name = "N")]
    top: usize,
    /// Values a vector has
    #[arg(long, default_value_t = 100, value_name = "N")]
    dim: usize,
    /// Words on each side at most
    #[arg(long, default_value_t = 5, value_name = "N")]
    window: usize,
    /// Negative samples
    #[arg(long, default_value_t = 15, value_name = "N")]
    negative: usize,
    /// Passes in which word vectors alone are learned
    #[arg(long, default_value_t = 10, value_name = "N")]
    word_epochs: usize,
    /// Passes in which topics are learned
    #[arg(long, default_value_t = 20, value_name = "N")]
    epochs: usize,
    /// Learning rate at the start
    #[arg(long, default_value_t = 0.025, value_name = "R")]
    rate: f32,
    /// Subsample words more frequent than this share of the text; 0: keep all
    #[arg(long, default_value_t = 1e-3, value_name = "T")]
    sample: f64,
}

pub(super) fn lda2vec(a: &Lda2VecArgs, g: &Global) -> Result<(), Failure> {
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
    let defaults = Lda2VecParams::default();
    let params = Lda2VecParams {
        topics: a.topics,
        alpha: a.alpha,
        lambda: a.lambda,
        word_epochs: a.word_epochs,
        training,
        ..defaults
    };
    params.check().map_err(Failure::usage)?;
    let learn = |text: &_, tokenizer, keep: &_, ctx: &_| lda2vec::train(text, tokenizer, &params, keep, ctx);
    let Taught { model, report, text, seconds, .. } =
        taught((&a.corpus, &a.train), g, learn, |model, to| model.save(to))?;
    let mixtures = model.mixtures();
    if let Some(path) = &a.mixtures {
        write_all(path, mixtures.view(), None, &WriteOptions::default())?;
    }
    let largest = |m: &[f32]| f64::from(m.iter().copied().fold(0.0, f32::max));
    let decided = mixtures.iter().map(largest).sum::<f64>() / mixtures.rows().max(1) as f64;
    let topics = model.topics(a.top);
    if g.json {
        let topic = |t: &lda2vec::Topic| serde_json::json!({ "words": t.words, "share": t.share, "npmi": t.coherence });
        return output::json(&serde_json::json!({
            "output": a.train.output, "documents": text.summary.lines, "corpus": text.summary, "training": report, "seconds": seconds,
            "largest_share": decided, "topics": topics.iter().map(topic).collect::<Vec<_>>(),
        }));
    }
    if g.quiet {
        return Ok(());
    }
    let row = |(i, t): (usize, &lda2vec::Topic)| {
        vec![i.to_string(), format!("{:.3}", t.share), format!("{:.3}", t.coherence), t.words.join(" ")]
    };
    let head = ["topic", "share", "NPMI", "nearest words"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(topics.iter().enumerate().map(row)).collect();
    output::print(&format!(
        "{}: {} documents, {} words, {seconds:.1} s; a document's largest topic has {decided:.2} of it\n{}",
        a.train.output.display(),
        output::grouped(text.summary.lines),
        output::grouped(report.vocabulary as u64),
        output::table(&rows, &[0, 1, 2]).trim_end()
    ))
}
