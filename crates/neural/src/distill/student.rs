//! The student: from the teacher's vectors to fitted rows.

use half::f16;
use rayon::prelude::*;
use vectory_core::{Context, Vectors};
use vectory_learn::statics::{StaticEncoder, StaticParams};
use vectory_text::{WordPiece, WordPieceParams};

use super::agreement::Agreement;
use super::cache::Cache;
use super::examples::Examples;
use super::project::Projection;
use super::train::train;
use super::{DistillError, DistillParams, SAMPLE};

/// What a distillation measured.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Summary {
    /// Texts that were learned from.
    pub texts: usize,
    /// Texts that were only measured on.
    pub held_out: usize,
    /// Tokens of the student.
    pub tokens: usize,
    /// Mean cosine with the teacher on the held-out texts: with the initial rows, then after each epoch.
    pub cosines: Vec<f64>,
    /// Share of the teacher's ten nearest held-out texts that are among the student's, after the last epoch.
    pub neighbours: f64,
}

/// A fitted student: a row a token.
#[derive(Clone, Debug)]
pub struct Student {
    /// The tokens, in the order of the rows.
    pub tokens: Vec<String>,
    /// Their rows; a row's length is the token's weight.
    pub rows: Vectors,
    /// How text becomes tokens.
    pub tokenizer: WordPieceParams,
    /// What was measured.
    pub summary: Summary,
}

impl Student {
    /// The encoder, its rows rounded to int8.
    ///
    /// # Errors
    /// [`DistillError::Encoder`] when tokens and rows do not make one.
    pub fn encoder(&self, name: &str) -> Result<StaticEncoder, DistillError> {
        let params = StaticParams { name: name.to_owned(), tokenizer: self.tokenizer.clone() };
        StaticEncoder::from_rows(self.tokens.clone(), &self.rows, params)
            .map_err(|e| DistillError::Encoder(e.to_string()))
    }
}

/// What the fit is given.
pub(super) struct Task<'a> {
    pub texts: &'a [String],
    pub cache: &'a Cache,
    pub tokens: Vec<String>,
    pub tokenizer: WordPieceParams,
    /// The teacher's vectors of the single tokens.
    pub singles: &'a Vectors,
    pub params: &'a DistillParams,
}

/// Builds the examples, sets the initial rows and fits them.
pub(super) fn fit(task: Task<'_>, ctx: &Context) -> Result<Student, DistillError> {
    let params = task.params;
    let words = WordPiece::from_vocab(task.tokens.clone(), task.tokenizer.clone())
        .map_err(|e| DistillError::Encoder(e.to_string()))?;
    let projection = projection(&task, ctx)?;
    let (examples, held) = examples(&task, &words, &projection, ctx).split_tail(params.held_out);
    let mut rows = initial(&task, &examples, &projection, ctx);
    let mut summary =
        Summary { texts: examples.len(), held_out: held.len(), tokens: task.tokens.len(), ..Summary::default() };
    summary.cosines.push(Agreement::new(&rows, &held, ctx).cosine());
    ctx.progress().begin("fit", Some((params.train.epochs * examples.len()) as u64), "texts");
    train(&mut rows, &examples, &params.train, ctx, &mut |epoch, loss, rows| {
        let cosine = Agreement::new(rows, &held, ctx).cosine();
        ctx.progress().note(&format!("epoch {epoch}: loss {loss:.4}, held-out cosine {cosine:.4}"));
        summary.cosines.push(cosine);
    })?;
    ctx.progress().end();
    summary.neighbours = Agreement::new(&rows, &held, ctx).neighbours(ctx);
    Ok(Student { tokens: task.tokens, rows, tokenizer: task.tokenizer, summary })
}

fn projection(task: &Task<'_>, ctx: &Context) -> Result<Projection, DistillError> {
    let step = task.texts.len().div_ceil(SAMPLE);
    let rows: Vec<f32> = task
        .texts
        .iter()
        .step_by(step)
        .filter_map(|t| task.cache.get(t))
        .flat_map(|r| r.iter().map(|v| v.to_f32()))
        .collect();
    let sample = Vectors::from_slice(&rows, task.singles.dim()).map_err(|e| DistillError::Encoder(e.to_string()))?;
    Ok(Projection::fit(&sample, task.params.dim, ctx)?)
}

fn examples(task: &Task<'_>, words: &WordPiece, projection: &Projection, ctx: &Context) -> Examples {
    let bag = |text: &String| {
        let mut bag = Vec::new();
        words.encode_into(text, &mut bag);
        bag.retain(|id| *id != words.unknown());
        bag
    };
    let mut out = Examples::new(projection.dim());
    for block in task.texts.chunks(16_384) {
        let known: Vec<(&String, &[f16])> = block.iter().filter_map(|t| Some((t, task.cache.get(t)?))).collect();
        let rows: Vec<f32> = known.iter().flat_map(|(_, r)| r.iter().map(|v| v.to_f32())).collect();
        let (bags, mut targets): (Vec<Vec<u32>>, Vectors) = ctx
            .pool()
            .install(|| rayon::join(|| known.par_iter().map(|(t, _)| bag(t)).collect(), || projection.apply(&rows)));
        targets.normalize();
        bags.iter().zip(targets.iter()).for_each(|(bag, target)| out.push(bag, target.iter().copied()));
    }
    out
}

/// The projected vectors of the single tokens, shorter the more frequent the token.
fn initial(task: &Task<'_>, examples: &Examples, projection: &Projection, ctx: &Context) -> Vectors {
    let counts = examples.counts(task.tokens.len());
    let total = counts.iter().sum::<u64>().max(1) as f64;
    let mut rows = ctx.pool().install(|| projection.apply(task.singles.as_slice()));
    let dim = rows.dim();
    for (row, count) in rows.as_mut_slice().chunks_exact_mut(dim).zip(&counts) {
        let share = (*count as f64 + 1.0) / total;
        let weight = (task.params.sif / (task.params.sif + share)) as f32;
        row.iter_mut().for_each(|r| *r *= weight);
    }
    rows
}
