//! Training: a line is a sentence.

use vectory_core::Context;
use vectory_text::subwords;

use super::Sent2VecParams;
use super::job::SentenceJob;
use crate::checkpoint::{Checkpoint, Training};
use crate::embedding::{Embedding, EmbeddingParams};
use crate::sampling::SharedRows;
use crate::vocabulary::{Corpus, Tokenizer};
use crate::word2vec::{Report, Tables, TrainError, objective, plan};

/// Learns rows of words and of runs of words from sentences.
///
/// # Errors
/// [`TrainError`]: a setting out of range, fewer than two words, values that ran away, an interrupt.
pub fn train(
    corpus: &Corpus,
    tokenizer: Tokenizer,
    p: &Sent2VecParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<(Embedding, Report), TrainError> {
    p.check()?;
    let (v, settings) = (&corpus.vocabulary, &p.training);
    if v.len() < 2 {
        return Err(TrainError::TooFewWords(v.len()));
    }
    let objective = objective(settings, v)?;
    let input = SharedRows::uniform(v.len() + p.rows(), settings.dim, 1.0 / settings.dim as f32, "input", ctx);
    let output = SharedRows::zeros(objective.rows(v.len()), settings.dim);
    let job = SentenceJob {
        stream: &corpus.stream,
        keep: v.keep(settings.sample),
        hashes: v.words().map(subwords::hash).collect(),
        input: &input,
        output: &output,
        objective,
        params: p,
        seed: ctx.seed,
    };
    let training = Training { tables: &[("input", &input), ("output", &output)], of: &[v], params: p };
    let done = checkpoint.run(&job, &plan(settings, corpus), &training, ctx)?;
    let report = Report::new(corpus, settings.epochs, &done);
    drop(job);
    drop(output);
    let rows = Tables::finished(&input, settings.start_rate())?;
    drop(input);
    let params = EmbeddingParams {
        name: "sent2vec".into(),
        tokenizer,
        word_ngrams: p.word_ngrams,
        word_buckets: p.rows(),
        ..EmbeddingParams::default()
    };
    let provenance = serde_json::json!({ "params": p, "seed": ctx.seed, "corpus": corpus.summary, "report": report });
    let model = Embedding::new(v.clone(), rows, params, provenance)?;
    Ok((model, report))
}
