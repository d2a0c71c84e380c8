//! Training from a corpus.

use serde::Serialize;
use vectory_core::Context;
use vectory_core::alias::Alias;

use super::{Documents, LossKind, Tables, TextJob, TrainError, Units, WordParams};
use crate::checkpoint::{Checkpoint, Training};
use crate::embedding::{Embedding, EmbeddingParams};
use crate::sampling::{self, Cursor, Huffman, Objective, Plan};
use crate::vocabulary::{Corpus, Tokenizer, Vocabulary};

/// Tasks that a pass over the corpus has at least, where pieces are put together.
const TASKS: usize = 128;
/// Pieces that are put together at most: words that share n-grams learn of each other between tasks only, and the loss of eight pieces ends
/// a little higher.
const MOST_TOGETHER: usize = 4;

/// How a training went.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Distinct words.
    pub vocabulary: usize,
    /// Words of the corpus, rare ones included.
    pub words: u64,
    /// Seconds of training.
    pub seconds: f64,
    /// Words of the corpus times epochs a second of training.
    pub words_per_second: f64,
    /// Mean loss at the end: of an input against its target and the negatives (or the nodes of the path); NaN if no step was taken.
    pub loss: f64,
}

impl Report {
    pub(crate) fn new(corpus: &Corpus, epochs: usize, done: &Cursor) -> Self {
        let share = done.words as f64 / (corpus.summary.kept.max(1) * epochs as u64) as f64;
        let words_per_second = share * (corpus.summary.words * epochs as u64) as f64 / done.seconds.max(1e-9);
        Self {
            vocabulary: corpus.vocabulary.len(),
            words: corpus.summary.words,
            seconds: done.seconds,
            words_per_second,
            loss: done.loss,
        }
    }
}

/// How outputs are scored, over a vocabulary.
pub(crate) fn objective(p: &WordParams, vocabulary: &Vocabulary) -> Result<Objective, TrainError> {
    Ok(match p.loss {
        LossKind::Hierarchical => Objective::Hierarchical(Huffman::new(vocabulary.counts())),
        LossKind::Negative => match Alias::new(&vocabulary.powers(p.noise_power)) {
            Some(noise) => Objective::Negative { noise, k: p.negative },
            None => return Err(TrainError::TooFewWords(vocabulary.len())),
        },
    })
}

/// The walk that the settings ask for.
pub(crate) fn plan(p: &WordParams, corpus: &Corpus) -> Plan {
    Plan {
        pieces: corpus.stream.pieces() as u64,
        epochs: p.epochs as u64,
        words: corpus.summary.kept,
        rate: p.start_rate(),
        last_rate: p.start_rate() * 1e-4,
        deterministic: p.deterministic,
    }
}

/// Learns word vectors. `checkpoint` says where to write what has been reached, and whether to go on from it.
///
/// Hogwild unless `deterministic`: with several threads two runs differ in the last digits of quality, not in its level.
///
/// # Errors
/// [`TrainError`]: a setting out of range, fewer than two words, values that ran away, an interrupt.
pub fn train(
    corpus: &Corpus,
    tokenizer: Tokenizer,
    p: &WordParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<(Embedding, Report), TrainError> {
    p.check()?;
    let vocabulary = &corpus.vocabulary;
    if vocabulary.len() < 2 {
        return Err(TrainError::TooFewWords(vocabulary.len()));
    }
    // Never more than two tables at once: the outputs go here.
    let (Tables { input, .. }, done) = fit(corpus, p, checkpoint, ctx)?;
    let report = Report::new(corpus, p.epochs, &done);
    let rows = Tables::finished(&input.rows, p.start_rate())?;
    drop(input);
    let name = format!("{:?}", p.architecture).to_lowercase();
    let params = EmbeddingParams { name, tokenizer, subwords: p.subwords, ..EmbeddingParams::default() };
    let provenance = serde_json::json!({ "params": p, "seed": ctx.seed, "corpus": corpus.summary, "report": report });
    let embedding = Embedding::new(vocabulary.clone(), rows, params, provenance)?;
    Ok((embedding, report))
}

/// Plain skip-gram tables, for learners that start from words.
///
/// # Errors
/// [`TrainError`]: values that ran away, an interrupt, a corpus that cannot be read.
pub(crate) fn skip_gram(corpus: &Corpus, p: &WordParams, ctx: &Context) -> Result<Tables, TrainError> {
    let (tables, _) = fit(corpus, p, &Checkpoint::none(), ctx)?;
    Tables::finished(&tables.input.rows, p.start_rate())?;
    Ok(tables)
}

/// Pieces that a task takes. A word that is met again in a task is put together of its n-grams, and its change handed to them, once for all,
/// and that is half of the work; a short corpus still makes many tasks.
fn together(p: &WordParams, pieces: usize) -> usize {
    if p.subwords.is_some() { (pieces / TASKS).clamp(1, MOST_TOGETHER) } else { 1 }
}

/// The tables after all epochs.
fn fit(
    corpus: &Corpus,
    p: &WordParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<(Tables, sampling::Cursor), TrainError> {
    let v = &corpus.vocabulary;
    let objective = objective(p, v)?;
    let rows = v.len() + p.subwords.map_or(0, |s| s.buckets);
    let tables = Tables {
        input: Units::new(Tables::input(rows, p.dim, ctx), v, p.subwords),
        output: sampling::SharedRows::zeros(objective.rows(v.len()), p.dim),
        positions: p.position_weights.then(|| Tables::places(p.window, p.dim)),
        documents: None,
    };
    let together = together(p, corpus.stream.pieces());
    let pieces = corpus.stream.pieces().div_ceil(together) as u64;
    let job = TextJob {
        stream: &corpus.stream,
        pieces: together,
        keep: v.keep(p.sample),
        tables: &tables,
        objective,
        params: p,
        documents: Documents::None,
        frozen: false,
        seed: ctx.seed,
    };
    let training = Training { tables: &tables.all(), of: &[v], params: p };
    let done = checkpoint.run(&job, &Plan { pieces, ..plan(p, corpus) }, &training, ctx)?;
    drop(job);
    Ok((tables, done))
}
