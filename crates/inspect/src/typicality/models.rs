//! The ways that ordinary logistic models see a row: margin, retraining, agreement, confidence.

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::linalg::Mat;
use vectory_core::linear::{LinearClassifier, LogisticParams, logistic, stratified_folds};
use vectory_core::{Context, Vectors, VectorsRef, rng};
use vectory_evaluate::protocols::Labelled;

use super::TypicalityParams;
use crate::InspectError;

/// Centred rows with a mean squared value of 1: distances keep their proportions, penalties their meaning.
pub(super) fn standard(x: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, InspectError> {
    let (mean, spread) = vectory_core::linalg::covariance(x, ctx)?;
    let variance = (0..x.dim()).map(|j| spread.at(j, j)).sum::<f64>() / x.dim() as f64;
    let scale = if variance > 0.0 { 1.0 / variance.sqrt() } else { 0.0 };
    let mut out = Vectors::zeros(x.rows(), x.dim());
    for (i, row) in x.iter().enumerate() {
        for ((o, v), m) in out.row_mut(i).iter_mut().zip(row).zip(&mean) {
            *o = ((f64::from(*v) - m) * scale) as f32;
        }
    }
    Ok(out)
}

fn fit(x: VectorsRef<'_>, labels: &[u32], c: f64, ctx: &Context) -> Result<LinearClassifier, InspectError> {
    Ok(logistic(x, labels, &LogisticParams { c, ..LogisticParams::default() }, ctx)?)
}

/// Distance of each row to the nearest decision boundary: the smallest change that makes another class win; 0 where
/// another wins already. In closed form, for the model is linear.
pub(super) fn margins(
    x: VectorsRef<'_>,
    set: &Labelled,
    p: &TypicalityParams,
    ctx: &Context,
) -> Result<Vec<f64>, InspectError> {
    let model = fit(x, &set.labels, p.c, ctx)?;
    let scores = model.scores(x, ctx)?;
    let w = &model.weights;
    let length = |a: usize, b: usize| {
        let squares = w.row(a).iter().zip(w.row(b)).map(|(x, y)| (x - y).powi(2)).sum::<f64>();
        squares.sqrt().max(1e-12)
    };
    let k = w.rows;
    let lengths: Vec<f64> = (0..k * k).map(|i| length(i / k, i % k)).collect();
    let alone = w.data.iter().map(|v| v * v).sum::<f64>().sqrt().max(1e-12);
    let margin = |i: usize| {
        let (row, own) = (scores.row(i), set.labels[i] as usize);
        if k == 1 {
            let toward = if own == 1 { row[0] } else { -row[0] };
            return (toward / alone).max(0.0);
        }
        let others = (0..k).filter(|c| *c != own).map(|c| (row[own] - row[c]) / lengths[own * k + c]);
        others.fold(f64::INFINITY, f64::min).max(0.0)
    };
    Ok((0..x.rows()).map(margin).collect())
}

/// Minus the symmetric Kullback-Leibler divergence of two models, each fitted on one half of the rows: a row that only the
/// model that saw it understands is badly represented by the others.
pub(super) fn retrained(
    x: VectorsRef<'_>,
    set: &Labelled,
    p: &TypicalityParams,
    ctx: &Context,
) -> Result<Vec<f64>, InspectError> {
    let halves = stratified_folds(&set.labels, 2, ctx.seed);
    let parts: Vec<(Vec<usize>, f64)> = halves.into_iter().map(|h| (h.train, p.c)).collect();
    let seen = told(x, set, &parts, p, ctx)?;
    let [a, b] = &seen[..] else { return Err(InspectError::Compute("fewer than two halves".into())) };
    let divergence = |i: usize| -> f64 {
        let pairs = a.row(i).iter().zip(b.row(i)).map(|(p, q)| (p.max(1e-12), q.max(1e-12)));
        pairs.map(|(p, q)| (p - q) * (p / q).ln()).sum()
    };
    Ok((0..x.rows()).map(|i| -divergence(i)).collect())
}

/// What models fitted on some of the rows, each with a strength of its own, say of all rows: rows × classes each.
fn told(
    x: VectorsRef<'_>,
    set: &Labelled,
    parts: &[(Vec<usize>, f64)],
    p: &TypicalityParams,
    ctx: &Context,
) -> Result<Vec<Mat>, InspectError> {
    let labels = (&set.labels[..], set.classes());
    let Some(net) = p.nets else {
        return parts.iter().map(|(on, c)| probabilities(x, set, on, *c, ctx)).collect();
    };
    let one = |(m, (on, _)): (usize, &(Vec<usize>, f64))| {
        let ctx = ctx.clone().with_seed(rng::mix(ctx.seed ^ m as u64));
        super::net::told(x, labels, on, net, &ctx)
    };
    ctx.pool().install(|| parts.par_iter().enumerate().map(one).collect())
}

/// A logistic model.
fn probabilities(x: VectorsRef<'_>, set: &Labelled, on: &[usize], c: f64, ctx: &Context) -> Result<Mat, InspectError> {
    let labels: Vec<u32> = on.iter().map(|i| set.labels[*i]).collect();
    let found = fit(x.picked(on.iter().copied()).view(), &labels, c, ctx)?.probabilities(x, ctx)?;
    if found.cols == set.classes() {
        return Ok(found);
    }
    // A resample may miss the last classes.
    Ok(Mat::from_fn(found.rows, set.classes(), |i, j| if j < found.cols { found.at(i, j) } else { 0.0 }))
}

/// Minus the Jensen-Shannon divergence of the models, and the mean probability of each row's label.
pub(super) fn ensemble(
    x: VectorsRef<'_>,
    set: &Labelled,
    p: &TypicalityParams,
    ctx: &Context,
) -> Result<(Vec<f64>, Vec<f64>), InspectError> {
    let n = x.rows();
    let mut mean = Mat::zeros(n, set.classes());
    let mut inner = vec![0.0; n];
    let part = |m: usize| {
        let mut r = rng::item(ctx.seed, "typicality.models", m as u64);
        let drawn: Vec<usize> = (0..n).map(|_| r.random_range(0..n)).collect();
        // From a tenth of the strength to ten times it.
        (drawn, p.c * 10f64.powf(2.0 * m as f64 / (p.models - 1) as f64 - 1.0))
    };
    let parts: Vec<(Vec<usize>, f64)> = (0..p.models).map(part).collect();
    for found in told(x, set, &parts, p, ctx)? {
        mean.data.iter_mut().zip(&found.data).for_each(|(m, f)| *m += f / p.models as f64);
        (0..n).for_each(|i| inner[i] += entropy(found.row(i)) / p.models as f64);
    }
    let agreement = (0..n).map(|i| inner[i] - entropy(mean.row(i))).collect();
    let confidence = (0..n).map(|i| mean.at(i, set.labels[i] as usize)).collect();
    Ok((agreement, confidence))
}

fn entropy(p: &[f64]) -> f64 {
    p.iter().filter(|v| **v > 0.0).map(|v| -v * v.ln()).sum()
}
