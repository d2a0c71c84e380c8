//! The probes.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use vectory_core::linalg::LinalgError;
use vectory_core::linear::{LogisticParams, logistic, stratified_folds};
use vectory_core::{Context, Vectors, rng, simd, stats};
use vectory_learn::words::{Unknown, WordSpace};

use super::Norms;

/// How features are probed.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeParams {
    /// Fewest known concepts that have a feature (5).
    pub least: usize,
    /// Folds (5).
    pub folds: usize,
    /// Inverse strengths of the penalty to choose from, by the median F1 over all features (0.01, 0.1, 1, 10).
    pub strengths: Vec<f64>,
}

impl Default for ProbeParams {
    fn default() -> Self {
        Self { least: 5, folds: 5, strengths: vec![0.01, 0.1, 1.0, 10.0] }
    }
}

/// One feature, probed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureFit {
    /// Its class.
    pub class: String,
    /// Its name.
    pub name: String,
    /// Known concepts that have it.
    pub concepts: usize,
    /// F1 of what the probes said of concepts they had not seen.
    pub f1: f64,
}

/// One class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassFit {
    /// Its name.
    pub class: String,
    /// Features that were probed.
    pub features: usize,
    /// Median F1.
    pub median: f64,
    /// 95 % bootstrap interval over features.
    pub interval: (f64, f64),
}

/// All features.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Features {
    /// Feature by feature.
    pub features: Vec<FeatureFit>,
    /// Class by class.
    pub classes: Vec<ClassFit>,
    /// Concepts with a vector.
    pub concepts: usize,
    /// Concepts without one, left out.
    pub unknown: usize,
    /// The strength that was chosen.
    pub strength: f64,
    /// Features with too few known concepts.
    pub rare: usize,
    /// Correlation, over concepts, of how well their features are read and how wrong their similarities are (negative: badly read
    /// concepts have wrong similarities).
    pub fit_and_error: Option<f64>,
}

/// Probes every feature of the norms.
///
/// # Errors
/// [`LinalgError`] when interrupted, or no feature has enough known concepts.
pub fn features(
    space: &WordSpace<'_>,
    norms: &Norms,
    params: &ProbeParams,
    ctx: &Context,
) -> Result<Features, LinalgError> {
    let all = norms.concepts();
    let known: Vec<(&str, Vec<f32>)> =
        all.iter().filter_map(|c| space.vector(c, Unknown::Skip).ok().map(|v| (*c, v.0))).collect();
    let labels =
        |f: &super::Feature| known.iter().map(|(c, _)| u32::from(f.concepts.contains(*c))).collect::<Vec<u32>>();
    let held = |l: &Vec<u32>| l.iter().sum::<u32>() as usize;
    let asked: Vec<(&super::Feature, Vec<u32>)> =
        norms.features.iter().map(|f| (f, labels(f))).filter(|(_, l)| held(l) >= params.least).collect();
    if asked.is_empty() {
        return Err(LinalgError::TooFew { needed: params.least, rows: known.len() });
    }
    let rows = Vectors::from_rows(known.iter().map(|k| k.1.as_slice()))
        .map_err(|_| LinalgError::TooFew { needed: 1, rows: 0 })?;
    let mut best: Option<(f64, f64, Vec<f64>)> = None;
    for strength in &params.strengths {
        let one = |(_, l): &(&super::Feature, Vec<u32>)| f1(&rows, l, *strength, params.folds, ctx.seed);
        let scores: Vec<f64> = ctx.pool().install(|| asked.par_iter().map(one).collect::<Result<_, _>>())?;
        ctx.check()?;
        let median = median(&scores);
        if best.as_ref().is_none_or(|b| median > b.0) {
            best = Some((median, *strength, scores));
        }
    }
    let (_, strength, scores) = best.unwrap_or_default();
    let fits: Vec<FeatureFit> = asked
        .iter()
        .zip(&scores)
        .map(|((f, l), s)| FeatureFit { class: f.class.clone(), name: f.name.clone(), concepts: held(l), f1: *s })
        .collect();
    Ok(Features {
        classes: classes(&fits, ctx.seed),
        concepts: known.len(),
        unknown: all.len() - known.len(),
        strength,
        rare: norms.features.len() - asked.len(),
        fit_and_error: fit_and_error(&rows, &asked.iter().map(|a| a.1.clone()).collect::<Vec<_>>(), &scores),
        features: fits,
    })
}

fn classes(fits: &[FeatureFit], seed: u64) -> Vec<ClassFit> {
    let mut by_class: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    fits.iter().for_each(|f| by_class.entry(&f.class).or_default().push(f.f1));
    let one = |(class, scores): (&str, Vec<f64>)| ClassFit {
        class: class.to_owned(),
        features: scores.len(),
        median: median(&scores),
        interval: stats::bootstrap(&scores, 1000, &mut rng::stream(seed, class), median),
    };
    by_class.into_iter().map(one).collect()
}

pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]),
    }
}

/// F1 of the joined folds. Each fold's probe sees its positive rows repeated up to the number of the negative ones.
fn f1(rows: &Vectors, labels: &[u32], strength: f64, folds: usize, seed: u64) -> Result<f64, LinalgError> {
    // Probes run side by side; each is small and runs on one thread.
    let alone = Context::new(seed, 1).map_err(|_| LinalgError::TooFew { needed: 1, rows: 0 })?;
    let params =
        LogisticParams { c: strength, standardize: true, tolerance: 1e-4, max_iter: 60, ..LogisticParams::default() };
    let (mut hit, mut said, mut have) = (0.0, 0.0, 0.0);
    for fold in stratified_folds(labels, folds, seed) {
        let positive: Vec<usize> = fold.train.iter().copied().filter(|i| labels[*i] == 1).collect();
        let repeat = (fold.train.len() - positive.len()) / positive.len().max(1);
        let mut chosen = fold.train.clone();
        (1..repeat).for_each(|_| chosen.extend(&positive));
        let pick = |ids: &[usize]| Vectors::from_rows(ids.iter().map(|i| rows.row(*i)));
        let (Ok(x), Ok(y)) = (pick(&chosen), pick(&fold.test)) else { continue };
        let train: Vec<u32> = chosen.iter().map(|i| labels[*i]).collect();
        let model = logistic(x.view(), &train, &params, &alone)?;
        for (guess, i) in model.predict(y.view(), &alone)?.into_iter().zip(&fold.test) {
            hit += f64::from(guess * labels[*i]);
            said += f64::from(guess);
            have += f64::from(labels[*i]);
        }
    }
    Ok(2.0 * hit / f64::max(said + have, 1.0))
}

/// Concepts whose features are read badly: are their similarities wrong too?
fn fit_and_error(rows: &Vectors, labels: &[Vec<u32>], scores: &[f64]) -> Option<f64> {
    let n = rows.rows();
    let of = |i: usize| labels.iter().map(|l| l[i] as f32).collect::<Vec<f32>>();
    let norms: Vec<Vec<f32>> = (0..n).map(of).collect();
    let (mut by_words, mut by_norms) = (Vec::new(), Vec::new());
    for i in 0..n {
        for j in 0..i {
            by_words.push(f64::from(simd::cosine(rows.row(i), rows.row(j))));
            by_norms.push(f64::from(simd::cosine(&norms[i], &norms[j])));
        }
    }
    let (a, b) = (stats::ranks(&by_words), stats::ranks(&by_norms));
    let (mut error, mut at) = (vec![0.0; n], 0);
    for i in 0..n {
        for j in 0..i {
            let off = (a[at] - b[at]).abs();
            error[i] += off;
            error[j] += off;
            at += 1;
        }
    }
    let fit = |i: usize| {
        let held: Vec<f64> = labels.iter().zip(scores).filter(|(l, _)| l[i] == 1).map(|(_, s)| *s).collect();
        held.iter().sum::<f64>() / held.len().max(1) as f64
    };
    stats::spearman(&(0..n).map(fit).collect::<Vec<_>>(), &error)
}
