//! Passes over counts: the walk, progress, losses, the look at values that ran away, and checkpoints, for all learners from counts.

use std::time::Instant;

use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use vectory_core::artifact::TensorOut;
use vectory_core::sparse::CsrRef;
use vectory_core::{Context, hash};

use super::WordsError;
use crate::checkpoint::{Checkpoint, CheckpointError, EVERY, Identity};

/// A learner from counts, as its passes see it. Its result must not depend on the number of threads.
pub(super) trait Passes {
    /// What a pass goes through, in order: rounds of blocks, components.
    fn order(&self, pass: usize) -> Vec<usize>;

    /// Takes one step; the sum of its losses.
    fn step(&mut self, item: usize) -> f64;

    /// A pass is over, with this sum of losses; its mean loss.
    fn finish(&mut self, pass: usize, sum: f64) -> f64;

    /// All tables that change, by name.
    fn tables(&mut self) -> Vec<(&'static str, &mut [f32])>;

    /// All numbers that change besides.
    fn numbers(&mut self) -> &mut [f64] {
        &mut []
    }
}

/// What is walked over.
pub(super) struct Plan<'a, P> {
    /// The learner.
    pub name: &'static str,
    /// What steps are called.
    pub unit: &'static str,
    pub passes: usize,
    pub params: &'a P,
    pub counts: CsrRef<'a>,
    /// What it learns from beside the counts.
    pub more: &'a [u8],
    pub checkpoint: &'a Checkpoint,
}

/// How far a training is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Place {
    pass: usize,
    /// Steps done in this pass, and their losses.
    steps: usize,
    sum: f64,
    losses: Vec<f64>,
}

/// Walks all passes, from where a checkpoint is if one is asked for; the mean loss of each. What has been reached is written between two
/// steps, about once a minute and when the walk is interrupted.
///
/// # Errors
/// [`WordsError`]: diverged, interrupted, a checkpoint of another training or one that cannot be written.
pub(super) fn run<P: Serialize>(
    learner: &mut impl Passes,
    plan: &Plan<'_, P>,
    ctx: &Context,
) -> Result<Vec<f64>, WordsError> {
    let walk = Walk { plan, of: plan.identity(ctx.seed) };
    let mut at = walk.restore(learner)?;
    let (each, mut written) = (learner.order(0).len(), Instant::now());
    ctx.progress().begin(plan.name, Some((plan.passes * each) as u64), plan.unit);
    ctx.progress().advance((at.pass * each + at.steps) as u64);
    while at.pass < plan.passes {
        for item in learner.order(at.pass).into_iter().skip(at.steps) {
            let stop = ctx.check();
            if stop.is_err() || written.elapsed() >= EVERY {
                walk.write(learner, &at)?;
                written = Instant::now();
            }
            stop?;
            at.sum += learner.step(item);
            at.steps += 1;
            ctx.progress().advance(1);
        }
        let loss = learner.finish(at.pass, at.sum);
        at.pass += 1;
        if !loss.is_finite() {
            return Err(WordsError::Diverged { epoch: at.pass });
        }
        ctx.progress().note(&format!("loss {loss:.6}"));
        at.losses.push(loss);
        (at.steps, at.sum) = (0, 0.0);
    }
    ctx.progress().end();
    Ok(at.losses)
}

impl<P> Plan<'_, P> {
    /// What a checkpoint of this training is known by; the counts are read only where there may be one.
    fn identity(&self, seed: u64) -> Identity<(&'static str, &P)>
    where
        P: Serialize,
    {
        let m = self.counts;
        let parts = [bytemuck::cast_slice(m.offsets), bytemuck::cast_slice(m.columns), bytemuck::cast_slice(m.values)];
        let print = || parts.into_iter().chain([self.more]).map(hash::content).collect::<Vec<_>>().join(" ");
        let source = if self.checkpoint.path.is_some() { print() } else { String::new() };
        Identity { source: ("the matrix of counts", source), params: (self.name, self.params), seed }
    }
}

struct Walk<'a, P> {
    plan: &'a Plan<'a, P>,
    of: Identity<(&'static str, &'a P)>,
}

impl<P: Serialize> Walk<'_, P> {
    fn write(&self, learner: &mut impl Passes, at: &Place) -> Result<(), CheckpointError> {
        let place = serde_json::json!({ "at": at, "numbers": learner.numbers() });
        let tables = learner.tables();
        let tables: Vec<_> =
            tables.iter().map(|(name, values)| TensorOut::f32(name, vec![values.len()], values)).collect();
        self.plan.checkpoint.write(&self.of, &place, &tables)
    }

    /// Puts back what was reached; the start where there is no checkpoint or none is asked for.
    fn restore(&self, learner: &mut impl Passes) -> Result<Place, CheckpointError> {
        let Some((a, place)) = self.plan.checkpoint.open(&self.of)? else { return Ok(Place::default()) };
        let other = |what| self.plan.checkpoint.other(what);
        for (name, values) in learner.tables() {
            let saved: &[f32] = a.slice(name, Dtype::F32)?;
            if saved.len() != values.len() {
                return Err(other("the shape of a table"));
            }
            values.copy_from_slice(saved);
        }
        let read = |what: &str| place.get(what).cloned().unwrap_or_default();
        let (at, numbers) = (serde_json::from_value(read("at")), serde_json::from_value::<Vec<f64>>(read("numbers")));
        let (Ok(at), Ok(numbers)) = (at, numbers) else { return Err(other("the form of its place")) };
        if numbers.len() != learner.numbers().len() {
            return Err(other("the number of its numbers"));
        }
        learner.numbers().copy_from_slice(&numbers);
        Ok(at)
    }
}
