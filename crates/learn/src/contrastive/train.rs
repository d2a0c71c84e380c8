//! Training from a corpus.

use std::sync::atomic::AtomicU64;

use serde::Serialize;
use vectory_core::Context;

use super::ContrastiveParams;
use super::job::ContrastiveJob;
use crate::checkpoint::{Checkpoint, Training};
use crate::embedding::{Embedding, EmbeddingParams};
use crate::sampling::SharedRows;
use crate::vocabulary::{Corpus, Tokenizer};
use crate::word2vec::{Report, Tables, TrainError, objective, plan};

/// How a training went.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ContrastiveReport {
    /// As of other trainings; the loss is that of a comparison.
    #[serde(flatten)]
    pub training: Report,
    /// The share of comparisons without a loss, which cost no change, since this process began.
    pub idle: f64,
}

/// Learns word vectors of length 1. `checkpoint` says where to write what has been reached, and whether to go on from it.
///
/// # Errors
/// [`TrainError`]: a setting out of range, fewer than two words, values that ran away, an interrupt.
pub fn train(
    corpus: &Corpus,
    tokenizer: Tokenizer,
    p: &ContrastiveParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<(Embedding, ContrastiveReport), TrainError> {
    p.check()?;
    let (v, settings) = (&corpus.vocabulary, &p.training);
    if v.len() < 2 {
        return Err(TrainError::TooFewWords(v.len()));
    }
    // Uniform values up to √(3 / d): rows of length 1, but for a few hundredths.
    let table = SharedRows::uniform(v.len(), settings.dim, (3.0 / settings.dim as f32).sqrt(), "cwm", ctx);
    let job = ContrastiveJob {
        stream: &corpus.stream,
        keep: v.keep(settings.sample),
        table: &table,
        noise: objective(settings, v)?,
        params: p,
        seed: ctx.seed,
        compared: AtomicU64::new(0),
        idle: AtomicU64::new(0),
    };
    let training = Training { tables: &[("words", &table)], of: &[v], params: p };
    let done = checkpoint.run(&job, &plan(settings, corpus), &training, ctx)?;
    let idle = job.idle.into_inner() as f64 / job.compared.into_inner().max(1) as f64;
    let report = ContrastiveReport { training: Report::new(corpus, settings.epochs, &done), idle };
    let mut rows = Tables::finished(&table, settings.start_rate())?;
    drop(table);
    rows.normalize();
    let params = EmbeddingParams { name: "cwm".into(), tokenizer, ..EmbeddingParams::default() };
    let provenance = serde_json::json!({ "params": p, "seed": ctx.seed, "corpus": corpus.summary, "report": report });
    Ok((Embedding::new(v.clone(), rows, params, provenance)?, report))
}
