//! Training: a line is a document.

use vectory_core::Context;

use super::job::{BinaryJob, BinaryTables};
use super::{BinaryParagraphs, BinaryParams};
use crate::checkpoint::{Checkpoint, Training};
use crate::documents::paragraph::Mode;
use crate::sampling::SharedRows;
use crate::vocabulary::{Corpus, Tokenizer};
use crate::word2vec::{Report, Tables, TrainError, objective, plan};

/// Units start this far from the middle, so that codes differ from the first step on and still turn.
const SPREAD: f32 = 0.1;

/// Learns a code for every line of the corpus, and what it takes to infer those of others.
///
/// # Errors
/// [`TrainError`]: a setting out of range, fewer than two words, values that ran away, an interrupt.
pub fn train(
    corpus: &Corpus,
    tokenizer: Tokenizer,
    p: &BinaryParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<(BinaryParagraphs, Report), TrainError> {
    p.check()?;
    let (v, settings) = (&corpus.vocabulary, &p.training);
    if v.len() < 2 {
        return Err(TrainError::TooFewWords(v.len()));
    }
    let objective = objective(settings, v)?;
    let lines = corpus.stream.lines() as usize;
    // Rows and projection so that their products spread as units do without a projection.
    let real = (3.0 * SPREAD / (p.real.max(1) as f32).sqrt()).sqrt();
    let scale = if p.real > 0 { real } else { SPREAD };
    let tables = BinaryTables {
        documents: SharedRows::uniform(lines, p.row(), scale, "documents", ctx),
        projection: (p.real > 0).then(|| SharedRows::uniform(p.bits, p.real, scale, "projection", ctx)),
        words: (p.mode == Mode::Dm).then(|| SharedRows::uniform(v.len(), p.bits, 0.5 / p.bits as f32, "words", ctx)),
        output: SharedRows::zeros(objective.rows(v.len()), p.bits),
    };
    let job = BinaryJob {
        stream: &corpus.stream,
        keep: v.keep(settings.sample),
        tables: &tables,
        objective,
        params: p,
        frozen: false,
        seed: ctx.seed,
    };
    let all: Vec<_> = tables.named().collect();
    let training = Training { tables: &all, of: &[v], params: p };
    let done = checkpoint.run(&job, &plan(settings, corpus), &training, ctx)?;
    drop(job);
    let report = Report::new(corpus, settings.epochs, &done);
    Tables::finished(&tables.documents, settings.start_rate())?;
    let provenance = serde_json::json!({ "seed": ctx.seed, "corpus": corpus.summary, "report": report });
    let model = BinaryParagraphs::new(v.clone(), tables, p.clone(), tokenizer, ctx.seed, provenance)?;
    Ok((model, report))
}
