//! Training from a corpus, then a look at how often each sense is meant.

use vectory_core::Context;

use super::job::{SenseJob, SenseTables};
use super::start::start;
use super::{SenseParams, Senses};
use crate::checkpoint::{Checkpoint, Training};
use crate::sampling::SharedRows;
use crate::vocabulary::{BREAK, Corpus, Tokenizer};
use crate::word2vec::{Report, Tables, TrainError, objective, plan};

/// Occurrences of a word, at most, by which its senses' shares are told.
const LOOK: u32 = 2000;

/// Learns several vectors a word.
///
/// # Errors
/// [`TrainError`]: a setting out of range, fewer than two words, values that ran away, an interrupt.
pub fn train(
    corpus: &Corpus,
    tokenizer: Tokenizer,
    p: &SenseParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<(Senses, Report), TrainError> {
    p.check()?;
    let (v, settings) = (&corpus.vocabulary, &p.training);
    if v.len() < 2 {
        return Err(TrainError::TooFewWords(v.len()));
    }
    let objective = objective(settings, v)?;
    // What a checkpoint holds takes the place of all rows.
    let tables = if checkpoint.waits() { SenseTables::zeros(v.len(), p) } else { start(corpus, p, ctx)? };
    let plan = plan(settings, corpus);
    let job = SenseJob {
        stream: &corpus.stream,
        keep: v.keep(settings.sample),
        tables: &tables,
        objective,
        params: p,
        seed: ctx.seed,
        tasks: plan.pieces * plan.epochs,
    };
    let done = checkpoint.run(&job, &plan, &Training { tables: &tables.all(), of: &[v], params: p }, ctx)?;
    drop(job);
    let report = Report::new(corpus, settings.epochs, &done);
    let provenance = serde_json::json!({ "seed": ctx.seed, "corpus": corpus.summary, "report": report });
    let finished = |rows: &SharedRows| Tables::finished(rows, settings.start_rate());
    let [senses, clues, contexts] = [finished(&tables.senses)?, finished(&tables.clues)?, finished(&tables.contexts)?];
    drop(tables);
    let mut model = Senses::new(v.clone(), [senses, clues, contexts], p.clone(), tokenizer, provenance);
    let shares = shares(corpus, &model, ctx)?;
    model.prune(&shares);
    Ok((model, report))
}

/// The mean chance of each sense over (some) occurrences of its word.
fn shares(corpus: &Corpus, model: &Senses, ctx: &Context) -> Result<Vec<f32>, TrainError> {
    let k = model.params().senses;
    let (mut sums, mut seen) = (vec![0.0f32; corpus.vocabulary.len() * k], vec![0u32; corpus.vocabulary.len()]);
    let mut ids = Vec::new();
    for piece in 0..corpus.stream.pieces() {
        ctx.check()?;
        corpus.stream.piece(piece, &mut ids)?;
        for sentence in ids.split(|id| *id >= BREAK) {
            for (i, word) in sentence.iter().enumerate() {
                if seen[*word as usize] < LOOK && sentence.len() > 1 {
                    seen[*word as usize] += 1;
                    let guess = model.guess(*word, model.params().around(sentence, i));
                    let sums = &mut sums[*word as usize * k..][..k];
                    sums.iter_mut().zip(&guess).for_each(|(s, g)| *s += g);
                }
            }
        }
    }
    for (word, n) in seen.iter().enumerate() {
        sums[word * k..][..k].iter_mut().for_each(|s| *s = if *n > 0 { *s / *n as f32 } else { 1.0 / k as f32 });
    }
    Ok(sums)
}
