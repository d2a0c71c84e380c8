//! The student: from the teacher's vectors to fitted rows.

use rayon::prelude::*;
use vectory_core::{Context, Vectors, vectors};
use vectory_learn::statics::{StaticEncoder, StaticParams};
use vectory_text::{WordPiece, WordPieceParams};

use super::cache::Cache;
use super::examples::Examples;
use super::project::Projection;
use super::train::{sum_rows, train};
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
        StaticEncoder::from_rows(self.tokens.clone(), &self.rows, params).map_err(|e| DistillError::Encoder(e.to_string()))
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
    let words = WordPiece::from_vocab(task.tokens.clone(), task.tokenizer.clone()).map_err(|e| DistillError::Encoder(e.to_string()))?;
    let projection = projection(&task, ctx)?;
    let (examples, held) = examples(&task, &words, &projection, ctx).split_tail(params.held_out);
    let mut rows = initial(&task, &examples, &projection, ctx);
    let mut summary =
        Summary { texts: examples.len(), held_out: held.len(), tokens: task.tokens.len(), cosines: vec![agreement(&rows, &held, ctx)] };
    ctx.progress().begin("fit", Some((params.train.epochs * examples.len()) as u64), "texts");
    train(&mut rows, &examples, &params.train, ctx, &mut |epoch, loss, rows| {
        let cosine = agreement(rows, &held, ctx);
        ctx.progress().note(&format!("epoch {epoch}: loss {loss:.4}, held-out cosine {cosine:.4}"));
        summary.cosines.push(cosine);
    })?;
    ctx.progress().end();
    Ok(Student { tokens: task.tokens, rows, tokenizer: task.tokenizer, summary })
}

fn projection(task: &Task<'_>, ctx: &Context) -> Result<Projection, DistillError> {
    let step = task.texts.len().div_ceil(SAMPLE);
    let rows: Vec<f32> =
        task.texts.iter().step_by(step).filter_map(|t| task.cache.get(t)).flat_map(|r| r.iter().map(|v| v.to_f32())).collect();
    let sample = Vectors::from_slice(&rows, task.singles.dim()).map_err(|e| DistillError::Encoder(e.to_string()))?;
    Ok(Projection::fit(&sample, task.params.dim, ctx)?)
}

fn examples(task: &Task<'_>, words: &WordPiece, projection: &Projection, ctx: &Context) -> Examples {
    let example = |text: &String| {
        let target: Vec<f32> = task.cache.get(text)?.iter().map(|v| v.to_f32()).collect();
        let mut target = projection.apply(&target);
        vectors::normalize(&mut target);
        let mut bag = Vec::new();
        words.encode_into(text, &mut bag);
        bag.retain(|id| *id != words.unknown());
        Some((bag, target))
    };
    let mut out = Examples::new(projection.dim());
    for block in task.texts.chunks(16_384) {
        let done: Vec<_> = ctx.pool().install(|| block.par_iter().map(example).collect());
        done.into_iter().flatten().for_each(|(bag, target)| out.push(&bag, target.into_iter()));
    }
    out
}

/// The projected vectors of the single tokens, shorter the more frequent the token.
fn initial(task: &Task<'_>, examples: &Examples, projection: &Projection, ctx: &Context) -> Vectors {
    let counts = examples.counts(task.tokens.len());
    let total = counts.iter().sum::<u64>().max(1) as f64;
    let dim = projection.dim();
    let mut rows = Vectors::zeros(task.tokens.len(), dim);
    ctx.pool().install(|| {
        rows.as_mut_slice().par_chunks_mut(dim).zip(&counts).enumerate().for_each(|(i, (row, count))| {
            let share = (*count as f64 + 1.0) / total;
            let weight = (task.params.sif / (task.params.sif + share)) as f32;
            row.iter_mut().zip(projection.apply(task.singles.row(i))).for_each(|(r, v)| *r = weight * v);
        });
    });
    rows
}

/// Mean cosine of the student with the teacher.
fn agreement(rows: &Vectors, held: &Examples, ctx: &Context) -> f64 {
    let cosine = |i: usize| {
        let (mut ours, mut theirs) = (vec![0.0; rows.dim()], vec![0.0; rows.dim()]);
        sum_rows(rows, held.bag(i), &mut ours);
        held.target(i, &mut theirs);
        ours.iter().zip(&theirs).map(|(a, b)| f64::from(a * b)).sum::<f64>()
    };
    let cosines: Vec<f64> = ctx.pool().install(|| (0..held.len()).into_par_iter().map(cosine).collect());
    cosines.iter().sum::<f64>() / held.len().max(1) as f64
}
