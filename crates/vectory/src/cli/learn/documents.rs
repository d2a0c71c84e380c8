//! `vectory learn paragraphs|sent2vec|classify`.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::super::Global;
use super::super::output::{self, Failure};
use super::{CorpusArgs, Taught, TrainArgs, taught};
use crate::learn::documents::binary::{self, BinaryParams};
use crate::learn::documents::classifier::{self, ClassifierParams};
use crate::learn::documents::paragraph::{self, Mode, ParagraphParams};
use crate::learn::documents::sent2vec::{self, Sent2VecParams};
use crate::learn::vocabulary::{Corpus, TokenKind, Tokenizer};
use crate::learn::word2vec::{Report, WordParams};

#[derive(Clone, Copy, ValueEnum)]
enum ModeArg {
    /// The document's vector alone predicts its words
    Dbow,
    /// The document's vector and the words around predict the word between
    Dm,
}

#[derive(Args)]
pub(in super::super) struct ParagraphArgs {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    train: TrainArgs,
    /// What predicts a document's words
    #[arg(long, value_enum, default_value = "dbow")]
    mode: ModeArg,
    /// dbow: learn word vectors in the same space
    #[arg(long)]
    words: bool,
    /// Values a vector has
    #[arg(long, default_value_t = 100, value_name = "N")]
    dim: usize,
    /// Words on each side at most
    #[arg(long, default_value_t = 5, value_name = "N")]
    window: usize,
    /// Negative samples
    #[arg(long, default_value_t = 5, value_name = "N")]
    negative: usize,
    /// Passes over the documents
    #[arg(long, default_value_t = 10, value_name = "N")]
    epochs: usize,
    /// Learning rate at the start (0.025; with --binary 0.02)
    #[arg(long, value_name = "R")]
    rate: Option<f32>,
    /// Subsample words more frequent than this share of the text; 0: keep all
    #[arg(long, default_value_t = 1e-4, value_name = "T")]
    sample: f64,
    /// Passes over a new text when its vector is inferred
    #[arg(long, default_value_t = 20, value_name = "N")]
    infer_epochs: usize,
    /// Learn a code of so many bits instead of a vector (then --dim does not count)
    #[arg(long, value_name = "BITS", conflicts_with = "words")]
    binary: Option<usize>,
    /// --binary: learn a vector of so many values along, to rank again what the codes find
    #[arg(long, default_value_t = 0, value_name = "N", requires = "binary")]
    real: usize,
    /// --binary: share of units that a run of words does without, so that codes do not fit their documents' words
    #[arg(long, default_value_t = 0.5, value_name = "SHARE", requires = "binary")]
    dropout: f32,
}

/// Binary paragraph vectors.
fn codes(a: &ParagraphArgs, bits: usize, (mode, training): (Mode, WordParams), g: &Global) -> Result<(), Failure> {
    let params = BinaryParams { bits, real: a.real, mode, dropout: a.dropout, infer_epochs: a.infer_epochs, training };
    params.check().map_err(Failure::usage)?;
    let learn = |text: &_, tokenizer, keep: &_, ctx: &_| binary::train(text, tokenizer, &params, keep, ctx);
    let Taught { report, text, seconds, .. } = taught((&a.corpus, &a.train), g, learn, |model, to| model.save(to))?;
    let documents = format!("{} documents of {bits} bits", output::grouped(text.summary.lines));
    said(
        &Said { output: &a.train.output, what: &documents, text: &text, report: &report, epochs: a.epochs, seconds },
        g,
    )
}

pub(super) fn paragraphs(a: &ParagraphArgs, g: &Global) -> Result<(), Failure> {
    let training = WordParams {
        dim: a.dim,
        window: a.window,
        negative: a.negative,
        epochs: a.epochs,
        rate: Some(a.rate.unwrap_or(if a.binary.is_some() { 0.02 } else { 0.025 })),
        sample: a.sample,
        deterministic: a.train.deterministic,
        ..WordParams::default()
    };
    let mode = match a.mode {
        ModeArg::Dbow => Mode::Dbow,
        ModeArg::Dm => Mode::Dm,
    };
    if let Some(bits) = a.binary {
        return codes(a, bits, (mode, training), g);
    }
    let params = ParagraphParams { mode, words: a.words, infer_epochs: a.infer_epochs, training };
    params.check().map_err(Failure::usage)?;
    let learn = |text: &_, tokenizer, keep: &_, ctx: &_| paragraph::train(text, tokenizer, &params, keep, ctx);
    let Taught { report, text, seconds, .. } = taught((&a.corpus, &a.train), g, learn, |model, to| model.save(to))?;
    let documents = format!("{} documents", output::grouped(text.summary.lines));
    said(
        &Said { output: &a.train.output, what: &documents, text: &text, report: &report, epochs: a.epochs, seconds },
        g,
    )
}

#[derive(Args)]
pub(in super::super) struct Sent2VecArgs {
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    train: TrainArgs,
    /// Values a vector has
    #[arg(long, default_value_t = 100, value_name = "N")]
    dim: usize,
    /// Longest run of words with a vector of its own (1: none)
    #[arg(long, default_value_t = 2, value_name = "N")]
    word_ngrams: usize,
    /// Buckets that runs are hashed into
    #[arg(long, default_value_t = 2_000_000, value_name = "N")]
    bucket: usize,
    /// Runs left out of a sentence at random
    #[arg(long, default_value_t = 4, value_name = "N")]
    dropout: usize,
    /// Negative samples
    #[arg(long, default_value_t = 10, value_name = "N")]
    negative: usize,
    /// Passes over the text
    #[arg(long, default_value_t = 9, value_name = "N")]
    epochs: usize,
    /// Learning rate at the start
    #[arg(long, default_value_t = 0.2, value_name = "R")]
    rate: f32,
    /// Words more frequent than this share of the text are predicted less often
    #[arg(long, default_value_t = 1e-5, value_name = "T")]
    sample: f64,
}

pub(super) fn sent2vec(a: &Sent2VecArgs, g: &Global) -> Result<(), Failure> {
    let training = WordParams {
        dim: a.dim,
        negative: a.negative,
        epochs: a.epochs,
        rate: Some(a.rate),
        sample: a.sample,
        deterministic: a.train.deterministic,
        ..Sent2VecParams::default().training
    };
    let params = Sent2VecParams { word_ngrams: a.word_ngrams, buckets: a.bucket, dropout: a.dropout, training };
    params.check().map_err(Failure::usage)?;
    let learn = |text: &_, tokenizer, keep: &_, ctx: &_| sent2vec::train(text, tokenizer, &params, keep, ctx);
    let Taught { report, text, seconds, .. } = taught((&a.corpus, &a.train), g, learn, |model, to| model.save(to))?;
    said(
        &Said { output: &a.train.output, what: "sentences", text: &text, report: &report, epochs: a.epochs, seconds },
        g,
    )
}

/// What is said of a training.
pub(super) struct Said<'a> {
    pub output: &'a PathBuf,
    pub what: &'a str,
    pub text: &'a Corpus,
    pub report: &'a Report,
    pub epochs: usize,
    pub seconds: f64,
}

/// The loss, or why there is none.
pub(super) fn loss(report: &Report) -> String {
    if report.loss.is_finite() {
        return format!("loss {:.4}", report.loss);
    }
    "but no step was taken: every word was too rare or left out by subsampling (--sample 0 keeps all)".to_owned()
}

pub(super) fn said(s: &Said<'_>, g: &Global) -> Result<(), Failure> {
    let speed = (s.text.summary.words * s.epochs as u64) as f64 / s.seconds;
    if g.json {
        return output::json(&serde_json::json!({
            "output": s.output, "corpus": s.text.summary, "training": s.report, "seconds": s.seconds, "words_per_second": speed,
        }));
    }
    if g.quiet {
        return Ok(());
    }
    output::print(&format!(
        "{}: {}, {} words; {:.2}M words/s ({:.2}M training alone), {}",
        s.output.display(),
        s.what,
        output::grouped(s.report.vocabulary as u64),
        speed / 1e6,
        s.report.words_per_second / 1e6,
        loss(s.report)
    ))
}

#[derive(Args)]
pub(in super::super) struct ClassifyArgs {
    /// Labelled text, a line a text: `__label__sport the match was …` (.txt, .gz, .zst; `-` for stdin)
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    train: TrainArgs,
    /// Write it as a model of the fastText program too
    #[arg(long, value_name = "MODEL.bin")]
    fasttext: Option<PathBuf>,
    /// What is a word: `space` (as fastText reads) or `words` (letters and digits, lower-cased)
    #[arg(long, default_value = "space", value_name = "KIND")]
    tokens: String,
    /// Values a vector has
    #[arg(long, default_value_t = 100, value_name = "N")]
    dim: usize,
    /// Passes over the texts
    #[arg(long, default_value_t = 5, value_name = "N")]
    epochs: usize,
    /// Learning rate at the start
    #[arg(long, default_value_t = 0.1, value_name = "R")]
    rate: f32,
    /// Rarer words have no vector
    #[arg(long, default_value_t = 1, value_name = "N")]
    min_count: u64,
    /// Longest run of words with a vector of its own (1: none)
    #[arg(long, default_value_t = 1, value_name = "N")]
    word_ngrams: usize,
    /// Shortest character n-gram
    #[arg(long, default_value_t = 0, value_name = "N")]
    minn: usize,
    /// Longest character n-gram (0: none)
    #[arg(long, default_value_t = 0, value_name = "N")]
    maxn: usize,
    /// Buckets that n-grams are hashed into
    #[arg(long, default_value_t = 2_000_000, value_name = "N")]
    bucket: usize,
    /// Vectors that each n-gram has under different hashes, summed: with 4 a small table does
    #[arg(long, default_value_t = 1, value_name = "N")]
    hashes: usize,
    /// Runs of raw bytes of these lengths instead of words (byteSteady: 1,2,4,8 with --dim 16 --bucket 1048576)
    #[arg(long, value_delimiter = ',', value_name = "N,N")]
    bytes: Vec<usize>,
    /// Huffman-code the bytes first
    #[arg(long)]
    huffman: bool,
}

pub(super) fn classify(a: &ClassifyArgs, g: &Global) -> Result<(), Failure> {
    let params = ClassifierParams {
        dim: a.dim,
        epochs: a.epochs,
        rate: a.rate,
        min_count: a.min_count,
        word_ngrams: a.word_ngrams,
        subwords: (a.maxn > 0).then_some((a.minn.max(1), a.maxn)),
        buckets: a.bucket,
        hashes: a.hashes,
        bytes: a.bytes.clone(),
        huffman: a.huffman,
        deterministic: a.train.deterministic,
    };
    params.check().map_err(Failure::usage)?;
    let tokenizer = match a.tokens.as_str() {
        "space" => Tokenizer { tokens: TokenKind::Space, lower: false },
        "words" => Tokenizer::default(),
        other => return Err(Failure::usage(format!("--tokens {other}: expected `space` or `words`"))),
    };
    let (ctx, start) = (g.context()?, Instant::now());
    let data = classifier::read(&a.inputs, &tokenizer)?;
    let unlabelled = data.iter().filter(|d| d.labels.is_empty()).count();
    if unlabelled > 0 && !g.quiet && !g.json {
        output::print(&format!(
            "note: {} lines have no label and were passed over",
            output::grouped(unlabelled as u64)
        ))?;
    }
    let model = classifier::train(&data, tokenizer, &params, &a.train.checkpoint(), &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    model.save(&a.train.output)?;
    a.train.checkpoint().remove();
    if let Some(path) = &a.fasttext {
        model.write_fasttext(path)?;
    }
    if g.json {
        let labels: Vec<&str> = model.labels().collect();
        return output::json(&serde_json::json!({
            "output": a.train.output, "texts": data.len(), "unlabelled": unlabelled, "labels": labels, "seconds": seconds, "params": params,
        }));
    }
    if g.quiet {
        return Ok(());
    }
    output::print(&format!(
        "{}: {} labels from {} texts in {seconds:.2} s",
        a.train.output.display(),
        model.labels().len(),
        output::grouped((data.len() - unlabelled) as u64)
    ))
}
