//! Training: a line is a document.

use vectory_core::Context;

use super::{ParagraphParams, ParagraphVectors};
use crate::checkpoint::{Checkpoint, Training};
use crate::sampling::SharedRows;
use crate::vocabulary::{Corpus, Tokenizer};
use crate::word2vec::{Report, Tables, TextJob, TrainError, Units, objective, plan};

/// Learns a row for every line of the corpus, and what it takes to infer those of others.
///
/// # Errors
/// [`TrainError`]: a setting out of range, fewer than two words, values that ran away, an interrupt.
pub fn train(
    corpus: &Corpus,
    tokenizer: Tokenizer,
    p: &ParagraphParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<(ParagraphVectors, Report), TrainError> {
    p.check()?;
    let (v, settings) = (&corpus.vocabulary, p.settings());
    if v.len() < 2 {
        return Err(TrainError::TooFewWords(v.len()));
    }
    let objective = objective(&settings, v)?;
    let (dim, lines) = (settings.dim, corpus.stream.lines() as usize);
    let tables = Tables {
        input: Units::new(Tables::input(v.len(), dim, ctx), v, None),
        output: SharedRows::zeros(objective.rows(v.len()), dim),
        positions: None,
        documents: Some(SharedRows::uniform(lines, dim, 0.5 / dim as f32, "documents", ctx)),
    };
    let job = TextJob {
        stream: &corpus.stream,
        pieces: 1,
        keep: v.keep(settings.sample),
        tables: &tables,
        objective,
        params: &settings,
        documents: p.documents(),
        frozen: false,
        seed: ctx.seed,
    };
    let training = Training { tables: &tables.all(), of: &[v], params: p };
    let done = checkpoint.run(&job, &plan(&settings, corpus), &training, ctx)?;
    let report = Report::new(corpus, settings.epochs, &done);
    drop(job);
    if let Some(d) = &tables.documents {
        Tables::finished(d, settings.start_rate())?;
    }
    let provenance = serde_json::json!({ "seed": ctx.seed, "corpus": corpus.summary, "report": report });
    Ok((ParagraphVectors::new(v.clone(), tables, p.clone(), tokenizer, ctx.seed, provenance)?, report))
}
