//! `vectory learn`: data becomes a model.

mod counts;
mod documents;
mod lda2vec;
mod phrases;
mod refine;
mod senses;
mod words;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, Subcommand};

use super::Global;
use super::output::{self, Failure};
use crate::core::Context;
use crate::core::artifact::Artifact;
use crate::learn::checkpoint::Checkpoint;
use crate::learn::vocabulary::{self, Corpus, CorpusParams, TokenKind, Tokenizer};
use crate::learn::word2vec::TrainError;
use crate::learn::words::LearnerKind;

#[derive(Args)]
pub(super) struct LearnArgs {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// Word vectors by skip-gram with negative sampling (word2vec)
    Sgns(words::WordArgs),
    /// Word vectors by CBOW (word2vec): faster, weaker on rare words
    Cbow(words::WordArgs),
    /// Word vectors of words and their character n-grams (fastText)
    Fasttext(words::FastTextArgs),
    /// Word vectors by CWM, a hinge on cosines: quick, and strong on short texts
    Cwm(words::CwmArgs),
    /// A vector (or a code of bits) a document (doc2vec), inferred for new ones
    Paragraphs(documents::ParagraphArgs),
    /// Vectors of words and runs of words whose mean is a sentence's vector
    Sent2vec(documents::Sent2VecArgs),
    /// Several vectors a word, one a sense, and a guess which is meant
    Senses(senses::SenseArgs),
    /// Topics, and a mixture of them for each document (lda2vec)
    Lda2vec(lda2vec::Lda2VecArgs),
    /// Labels of texts, from labelled lines (fastText)
    Classify(documents::ClassifyArgs),
    /// How often words stand near each other, for all learners from counts
    Counts(counts::CountArgs),
    /// Word vectors by GloVe: weighted least squares on log counts
    Glove(counts::LearnerArgs),
    /// Word vectors by Swivel: every pair counts, those never seen too
    Swivel(counts::LearnerArgs),
    /// Positive pointwise mutual information and its singular vectors
    Ppmi(counts::LearnerArgs),
    /// SN: squared norms of sums are log counts (RAND-WALK)
    Sn(counts::LearnerArgs),
    /// PU: PPMI with weighted zeros, for small corpora
    Pu(counts::LearnerArgs),
    /// Vectors of codes from events (who, when, what): visits, baskets
    Events(refine::EventArgs),
    /// Word vectors drawn towards their neighbours in a lexicon
    Retrofit(refine::RetrofitArgs),
    /// A vector for a word that was met in a few sentences
    Induce(refine::InduceArgs),
    /// Text with its phrases joined: `new york` becomes `new_york`
    Phrases(phrases::PhraseArgs),
}

pub(super) fn run(args: &LearnArgs, g: &Global) -> Result<(), Failure> {
    match &args.kind {
        Kind::Sgns(a) => words::sgns(a, g),
        Kind::Cbow(a) => words::cbow(a, g),
        Kind::Fasttext(a) => words::fasttext(a, g),
        Kind::Cwm(a) => words::cwm(a, g),
        Kind::Paragraphs(a) => documents::paragraphs(a, g),
        Kind::Sent2vec(a) => documents::sent2vec(a, g),
        Kind::Senses(a) => senses::senses(a, g),
        Kind::Lda2vec(a) => lda2vec::lda2vec(a, g),
        Kind::Classify(a) => documents::classify(a, g),
        Kind::Counts(a) => counts::count(a, g),
        Kind::Glove(a) => counts::learn(LearnerKind::Glove, a, g),
        Kind::Swivel(a) => counts::learn(LearnerKind::Swivel, a, g),
        Kind::Ppmi(a) => counts::learn(LearnerKind::Ppmi, a, g),
        Kind::Sn(a) => counts::learn(LearnerKind::Sn, a, g),
        Kind::Pu(a) => counts::learn(LearnerKind::Pu, a, g),
        Kind::Events(a) => refine::events(a, g),
        Kind::Retrofit(a) => refine::retrofit(a, g),
        Kind::Induce(a) => refine::induce(a, g),
        Kind::Phrases(a) => phrases::run(a, g),
    }
}

/// What is read, and how it becomes words.
#[derive(Args)]
pub(super) struct CorpusArgs {
    /// Plain text, a sentence (or document) a line: .txt, .gz, .zst; `-` for stdin
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// What is a word: `words` (letters and digits, for plain text) or `space` (what stands between blanks, for tokenised text)
    #[arg(long, default_value = "words", value_name = "KIND")]
    tokens: String,
    /// Keep upper case apart from lower case
    #[arg(long)]
    case: bool,
    /// Leave out words that occur less often
    #[arg(long, default_value_t = 5, value_name = "N")]
    min_count: u64,
    /// Keep at most so many words, the most frequent ones
    #[arg(long, value_name = "N")]
    max_vocab: Option<usize>,
    /// Megabytes of word ids held in memory; the rest lies in a temporary file
    #[arg(long, default_value_t = 256, value_name = "MB")]
    memory: usize,
}

impl CorpusArgs {
    pub(super) fn tokenizer(&self) -> Result<Tokenizer, Failure> {
        let tokens = match self.tokens.as_str() {
            "words" => TokenKind::Words,
            "space" => TokenKind::Space,
            other => return Err(Failure::usage(format!("--tokens {other}: expected `words` or `space`"))),
        };
        Ok(Tokenizer { tokens, lower: !self.case })
    }

    /// Reads the text, and says what of it could not be used.
    pub(super) fn read(&self, min_count: u64, g: &Global, ctx: &Context) -> Result<Corpus, Failure> {
        if let Some((path, kind)) = self.inputs.iter().find_map(|path| Some((path, kind(path)?))) {
            let where_to = if kind == COUNTS {
                "; glove, swivel, ppmi, sn and pu learn from counts, from one file of them"
            } else {
                ""
            };
            return Err(Failure::usage(format!("{} holds {kind}, expected text{where_to}", path.display())));
        }
        let params = CorpusParams {
            tokenizer: self.tokenizer()?,
            min_count,
            max_vocab: self.max_vocab,
            memory: self.memory << 20,
            ..CorpusParams::default()
        };
        let text = vocabulary::read(&self.inputs, &params, ctx)?;
        let s = &text.summary;
        let notes = [
            (s.too_long, "words of more than 1024 bytes were left out"),
            (s.invalid_blocks, "blocks of 1 MB hold bytes that are not UTF-8"),
            (s.pruned, "is the count up to which words were forgotten on the way"),
        ];
        for (n, what) in notes.into_iter().filter(|n| n.0 > 0 && !g.quiet && !g.json) {
            output::print(&format!("note: {} {what}", output::grouped(n)))?;
        }
        Ok(text)
    }
}

/// What came of a training.
struct Taught<M, R> {
    model: M,
    report: R,
    text: Corpus,
    /// Seconds of reading, and of that and learning.
    reading: f64,
    seconds: f64,
}

/// Reads the text, learns, saves the model, and then gives the checkpoint up.
fn taught<M, R, E>(
    (corpus, train): (&CorpusArgs, &TrainArgs),
    g: &Global,
    learn: impl FnOnce(&Corpus, Tokenizer, &Checkpoint, &Context) -> Result<(M, R), TrainError>,
    save: impl FnOnce(&M, &Path) -> Result<(), E>,
) -> Result<Taught<M, R>, Failure>
where
    Failure: From<E>,
{
    let (ctx, start) = (g.context()?, Instant::now());
    let text = corpus.read(corpus.min_count, g, &ctx)?;
    let reading = start.elapsed().as_secs_f64();
    let (model, report) = learn(&text, corpus.tokenizer()?, &train.checkpoint(), &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    save(&model, &train.output)?;
    train.checkpoint().remove();
    Ok(Taught { model, report, text, reading, seconds })
}

/// The kind of a file of counts.
const COUNTS: &str = "cooccurrence";

/// The kind of an artifact, `None` for another file.
fn kind(path: &Path) -> Option<String> {
    let artifact = path.extension().filter(|e| *e == "safetensors").and_then(|_| Artifact::open(path).ok())?;
    Some(artifact.card().kind.clone())
}

/// How a training goes.
#[derive(Args)]
pub(super) struct TrainArgs {
    /// Where the model goes
    #[arg(short, long, value_name = "model.safetensors", value_parser = output::in_a_folder)]
    output: PathBuf,
    /// The same result for any number of threads (a little slower)
    #[arg(long)]
    deterministic: bool,
    /// Go on from the checkpoint of an interrupted training (`OUTPUT.checkpoint`)
    #[arg(long)]
    resume: bool,
}

impl TrainArgs {
    fn checkpoint(&self) -> Checkpoint {
        checkpoint(&self.output, self.resume)
    }
}

/// `OUTPUT.checkpoint`.
fn checkpoint(output: &Path, resume: bool) -> Checkpoint {
    let mut name = output.as_os_str().to_owned();
    name.push(".checkpoint");
    Checkpoint { path: Some(name.into()), resume }
}
