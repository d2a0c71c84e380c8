//! Classifiers that leave the vectors as they are.

use vectory_core::linear::{LogisticParams, logistic, stratified_folds};
use vectory_core::neighbors::exact;
use vectory_core::stats::{F1, accuracy, f1};
use vectory_core::{Context, Hit, Metric};

use super::{Labelled, ProtocolError, Split};

/// Strengths that the probe chooses from, on rows to learn from only.
const STRENGTHS: [f64; 5] = [0.1, 1.0, 10.0, 100.0, 1000.0];

/// How well labels were predicted.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Scores {
    /// Share of right labels.
    pub accuracy: f64,
    /// Mean of the classes' F1.
    pub macro_f1: f64,
}

impl Scores {
    pub(super) fn of(truth: &[u32], predicted: &[u32]) -> Self {
        let wide = |l: &[u32]| l.iter().map(|v| *v as usize).collect::<Vec<_>>();
        let (truth, predicted) = (wide(truth), wide(predicted));
        Self {
            accuracy: accuracy(&truth, &predicted).unwrap_or(f64::NAN),
            macro_f1: f1(&truth, &predicted, F1::Macro).unwrap_or(f64::NAN),
        }
    }
}

/// Logistic regression on the rows as they are. The strength is chosen on a fifth of the rows to learn from; returned with
/// the scores.
///
/// # Errors
/// [`ProtocolError`]: too few rows or classes, not finite, interrupted.
pub fn linear_probe(split: &Split, ctx: &Context) -> Result<(Scores, f64), ProtocolError> {
    let c = strength(&split.train, ctx)?;
    let model = fit(&split.train, c, ctx)?;
    let predicted = model.predict(split.test.view(), ctx)?;
    Ok((Scores::of(&split.test.labels, &predicted), c))
}

pub(super) fn fit(
    train: &Labelled,
    c: f64,
    ctx: &Context,
) -> Result<vectory_core::linear::LinearClassifier, ProtocolError> {
    Ok(logistic(train.view(), &train.labels, &LogisticParams { c, ..LogisticParams::default() }, ctx)?)
}

fn strength(train: &Labelled, ctx: &Context) -> Result<f64, ProtocolError> {
    let folds = stratified_folds(&train.labels, 5, ctx.seed);
    let Some(fold) = folds.first().filter(|_| train.labels.len() >= 20) else { return Ok(1.0) };
    let (inner, held) = (train.pick(&fold.train), train.pick(&fold.test));
    let mut best = (f64::MIN, 1.0);
    for c in STRENGTHS {
        let right = fit(&inner, c, ctx)?.accuracy(held.view(), &held.labels, ctx)?;
        if right > best.0 {
            best = (right, c);
        }
    }
    Ok(best.1)
}

/// The class that most of the `k` nearest rows have; of equals, that of the nearest.
///
/// # Errors
/// [`ProtocolError`]: k 0, other dimensions, interrupted.
pub fn nearest(split: &Split, k: usize, metric: Metric, ctx: &Context) -> Result<Scores, ProtocolError> {
    if k == 0 {
        return Err(ProtocolError::Param { field: "k", legal: "1 or more" });
    }
    let found = exact(split.train.view(), split.test.view(), metric, k, ctx)?;
    let vote = |hits: &Vec<Hit>| {
        let mut votes = vec![0usize; split.train.classes()];
        let labels = || hits.iter().map(|h| split.train.labels[h.id as usize]);
        labels().for_each(|l| votes[l as usize] += 1);
        let most = votes.iter().max().copied().unwrap_or(0);
        labels().find(|l| votes[*l as usize] == most).unwrap_or(0)
    };
    let predicted: Vec<u32> = found.iter().map(vote).collect();
    Ok(Scores::of(&split.test.labels, &predicted))
}
