//! Training from a corpus, then a look at how often each sense is meant.

use std::time::Duration;

use vectory_core::Context;

use super::job::{SenseJob, SenseTables};
use super::{SenseParams, Senses};
use crate::sampling::{self, Cursor, SharedRows};
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
    ctx: &Context,
) -> Result<(Senses, Report), TrainError> {
    p.check()?;
    let (v, settings) = (&corpus.vocabulary, &p.training);
    if v.len() < 2 {
        return Err(TrainError::TooFewWords(v.len()));
    }
    let (objective, dim, rows) = (objective(settings, v)?, settings.dim, v.len() * p.senses);
    let scale = 0.5 / dim as f32;
    // Clues and contexts are wide enough to differ: from equal guesses no sense would ever part from another.
    let wide = (3.0 / dim as f32).sqrt();
    let tables = SenseTables {
        senses: SharedRows::uniform(rows, dim, scale, "senses", ctx),
        clues: SharedRows::uniform(rows, dim, wide, "clues", ctx),
        contexts: SharedRows::uniform(v.len(), dim, wide, "contexts", ctx),
        output: SharedRows::zeros(objective.rows(v.len()), dim),
    };
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
    let mut pause = |_: &Cursor| Ok::<(), TrainError>(());
    let done = sampling::run(&job, &plan, Cursor::default(), Duration::from_secs(3600), ctx, &mut pause)?;
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
                    let guess = model.guess(*word, model.around(sentence, i));
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
