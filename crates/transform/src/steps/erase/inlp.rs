//! Classifier after classifier, each on what the earlier ones left.

use rand::RngExt;
use vectory_core::linear::{LogisticParams, folds, logistic};
use vectory_core::{Context, Vectors, VectorsRef, rng};
use vectory_linalg::Mat;

use super::{Erase, basis};
use crate::TransformError;
use crate::models::rows_of;
use crate::steps::complement;

/// What was found.
#[derive(Clone, Debug)]
pub struct Inlp {
    /// Orthonormal rows: the directions that are projected out.
    pub directions: Mat,
    /// One entry a classifier.
    pub rounds: Vec<Round>,
    /// Share of the largest class among the rows held back.
    pub majority: f64,
}

/// One classifier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round {
    /// Its accuracy on the rows held back.
    pub accuracy: f64,
    /// Directions projected out after it.
    pub rank: usize,
}

/// Rows held back, as one part of so many.
const HELD: usize = 4;

/// Finds the directions. With `keep`, each classifier sees the rows of one class of it only, so that the attribute is removed
/// given that class (equal odds) and not with it.
///
/// # Errors
/// [`TransformError`] for too few rows or labels of one class.
pub fn inlp(
    rows: VectorsRef<'_>,
    labels: &[u32],
    keep: Option<&[u32]>,
    params: &Erase,
    ctx: &Context,
) -> Result<Inlp, TransformError> {
    let split = folds(rows.rows(), HELD, ctx.seed).into_iter().next();
    let split = split.ok_or(TransformError::TooFew { needed: 2, rows: rows.rows() })?;
    let held: Vec<u32> = split.test.iter().map(|i| labels[*i]).collect();
    let majority = share_of_largest(&held);
    let mut found = Inlp { directions: Mat::zeros(0, rows.dim()), rounds: Vec::new(), majority };
    for round in 0..params.rounds {
        ctx.check()?;
        let train = within_one_class(&split.train, labels, keep, ctx.seed, round);
        let seen = projected(rows, &train, &found.directions)?;
        let own: Vec<u32> = train.iter().map(|i| labels[*i]).collect();
        let model = logistic(seen.view(), &own, &LogisticParams { c: params.c, ..LogisticParams::default() }, ctx)?;
        let test = projected(rows, &split.test, &found.directions)?;
        let accuracy = model.accuracy(test.view(), &held, ctx)?;
        if accuracy <= majority + params.margin || found.directions.rows + 1 >= rows.dim() {
            found.rounds.push(Round { accuracy, rank: found.directions.rows });
            break;
        }
        // Of k rows of weights one is dependent (softmax); its rest is rounding.
        found.directions = basis(&found.directions, &model.weights, 1e-6);
        found.rounds.push(Round { accuracy, rank: found.directions.rows });
    }
    Ok(found)
}

/// The given rows without the directions.
fn projected(rows: VectorsRef<'_>, which: &[usize], directions: &Mat) -> Result<Vectors, TransformError> {
    let mut out = Vectors::zeros(which.len(), rows.dim());
    let p = rows_of(&complement(directions)?);
    let picked: Vec<f32> = which.iter().flat_map(|i| rows.row(*i)).copied().collect();
    let packed = vectory_core::simd::PackedB::new(p.as_slice(), p.rows(), p.dim());
    vectory_core::simd::gemm_packed(&picked, &packed, out.as_mut_slice());
    Ok(out)
}

/// Training rows of one class of `keep`, drawn by the round; all of them where that class has the attribute in one value only.
fn within_one_class(train: &[usize], labels: &[u32], keep: Option<&[u32]>, seed: u64, round: usize) -> Vec<usize> {
    let Some(keep) = keep else { return train.to_vec() };
    let at = rng::item(seed, "transform.inlp", round as u64).random_range(0..train.len());
    let class = keep[train[at]];
    let part: Vec<usize> = train.iter().copied().filter(|i| keep[*i] == class).collect();
    let first = labels[part[0]];
    if part.iter().all(|i| labels[*i] == first) { train.to_vec() } else { part }
}

fn share_of_largest(labels: &[u32]) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    labels.iter().for_each(|l| *counts.entry(l).or_insert(0usize) += 1);
    counts.values().copied().max().unwrap_or(0) as f64 / labels.len().max(1) as f64
}
