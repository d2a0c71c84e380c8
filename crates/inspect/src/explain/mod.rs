//! Why a score is what it is: parts of the input are hidden at random, and a weighted linear model of the scores says what
//! each part adds (LIME, Ribeiro, Singh and Guestrin 2016), with masks of all sizes (stratified sampling: Rashid, Amparore,
//! Ferrari and Verda 2024).
//!
//! For any scorer over parts that can be hidden: the words of a passage against a question, the fields of a record.
//! Plain masks hide about half of many parts, where most scores no longer move; stratified masks hide any number of them,
//! and importance weights keep what is estimated. Cost: `samples` scores, and O(samples · d² + d³).

mod claim;
#[cfg(test)]
mod tests;

use rand::RngExt;
use vectory_core::linalg::{LinalgError, Mat, cholesky_solve};
use vectory_core::rng::Rng;
use vectory_core::stats::ln_gamma;
use vectory_core::{Context, rng};

pub(crate) use claim::STRATIFIED_LIME;

/// How masks are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Masks {
    /// Each mask keeps its own share of the parts, drawn between none and all.
    #[default]
    Stratified,
    /// Each part is kept with probability 1 / 2.
    Plain,
}

/// What an explanation is told.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainParams {
    /// How masks are drawn.
    pub masks: Masks,
    /// Masks, 2 or more; the first hides nothing.
    pub samples: usize,
    /// How near a mask must be to the whole to count, above 0.
    pub width: f64,
    /// Strength of the ridge, 0 or more.
    pub ridge: f64,
}

impl Default for ExplainParams {
    fn default() -> Self {
        Self { masks: Masks::Stratified, samples: 1000, width: 0.25, ridge: 1.0 }
    }
}

/// What each part adds to the score.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Explanation {
    /// Of each part: how much the score rises when it is shown.
    pub parts: Vec<f64>,
    /// The linear model's score of nothing.
    pub base: f64,
    /// Weighted share of the scores' variance that the linear model explains.
    pub r2: f64,
    /// The score with all parts shown.
    pub whole: f64,
    /// Standard deviation and range of the scores that were seen.
    pub deviation: f64,
    /// Largest less smallest score.
    pub range: f64,
}

/// Explains the score of `parts` parts. `score` gives one score a mask (true: shown).
///
/// # Errors
/// [`LinalgError::Param`] for no parts or parameters out of range; [`LinalgError::NonFinite`] for a score that is not
/// finite; [`LinalgError::Cancelled`].
pub fn explain(
    parts: usize,
    params: &ExplainParams,
    ctx: &Context,
    score: &dyn Fn(&[Vec<bool>]) -> Vec<f64>,
) -> Result<Explanation, LinalgError> {
    check(parts, params)?;
    let mut r = rng::stream(ctx.seed, "masks");
    let mut masks = vec![vec![true; parts]];
    masks.extend((1..params.samples).map(|_| draw(parts, params.masks, &mut r)));
    ctx.check()?;
    let scores = score(&masks);
    ctx.check()?;
    if let Some(row) = scores.iter().position(|s| !s.is_finite()) {
        return Err(LinalgError::NonFinite { row, dim: 0 });
    }
    let weights: Vec<f64> = masks.iter().enumerate().map(|(i, m)| weight(m, i == 0, params)).collect();
    let (base, effects) = fit(&masks, &scores, &weights, params.ridge)?;
    let predicted = |m: &Vec<bool>| base + m.iter().zip(&effects).filter(|p| *p.0).map(|p| p.1).sum::<f64>();
    let total: f64 = weights.iter().sum();
    let mean = scores.iter().zip(&weights).map(|(s, w)| s * w).sum::<f64>() / total;
    let spread: f64 = scores.iter().zip(&weights).map(|(s, w)| w * (s - mean).powi(2)).sum();
    let rest: f64 = masks.iter().zip(&scores).zip(&weights).map(|((m, s), w)| w * (s - predicted(m)).powi(2)).sum();
    let plain = scores.iter().sum::<f64>() / scores.len() as f64;
    let (low, high) = scores.iter().fold((f64::MAX, f64::MIN), |(l, h), s| (l.min(*s), h.max(*s)));
    Ok(Explanation {
        base,
        r2: if spread > 0.0 { 1.0 - rest / spread } else { 0.0 },
        whole: scores[0],
        deviation: (scores.iter().map(|s| (s - plain).powi(2)).sum::<f64>() / scores.len() as f64).sqrt(),
        range: high - low,
        parts: effects,
    })
}

fn check(parts: usize, p: &ExplainParams) -> Result<(), LinalgError> {
    let bad = |field, value: String, legal| Err(LinalgError::Param { field, value, legal });
    if parts == 0 {
        return bad("parts", "0".into(), "1 or more");
    }
    if p.samples < 2 {
        return bad("samples", p.samples.to_string(), "2 or more");
    }
    if !(p.width > 0.0 && p.width.is_finite()) {
        return bad("width", p.width.to_string(), "above 0");
    }
    if !(p.ridge >= 0.0 && p.ridge.is_finite()) {
        return bad("ridge", p.ridge.to_string(), "0 or more");
    }
    Ok(())
}

fn draw(parts: usize, masks: Masks, r: &mut Rng) -> Vec<bool> {
    let share = match masks {
        Masks::Stratified => r.random_range(0.0..1.0),
        Masks::Plain => 0.5,
    };
    (0..parts).map(|_| r.random_range(0.0..1.0) < share).collect()
}

/// The kernel of the distance from the whole, times what makes up for masks that were drawn more often than by halves.
fn weight(mask: &[bool], whole: bool, p: &ExplainParams) -> f64 {
    let (d, k) = (mask.len() as f64, mask.iter().filter(|m| **m).count() as f64);
    let distance = 1.0 - (k / d).sqrt();
    let kernel = (-distance * distance / (p.width * p.width)).exp().sqrt();
    if whole || p.masks == Masks::Plain {
        return kernel;
    }
    // (d + 1) C(d, k) / 2^d, in logarithms: the power alone underflows for long texts.
    let choose = ln_gamma(d + 1.0) - ln_gamma(k + 1.0) - ln_gamma(d - k + 1.0);
    kernel * ((d + 1.0).ln() + choose - d * std::f64::consts::LN_2).exp()
}

/// Weighted ridge regression with a free intercept.
fn fit(masks: &[Vec<bool>], scores: &[f64], weights: &[f64], ridge: f64) -> Result<(f64, Vec<f64>), LinalgError> {
    let d = masks[0].len();
    let mut gram = Mat::zeros(d + 1, d + 1);
    let mut right = Mat::zeros(d + 1, 1);
    for ((mask, score), w) in masks.iter().zip(scores).zip(weights) {
        let shown: Vec<usize> = std::iter::once(d).chain((0..d).filter(|i| mask[*i])).collect();
        for i in &shown {
            right.row_mut(*i)[0] += w * score;
            shown.iter().for_each(|j| gram.row_mut(*i)[*j] += w);
        }
    }
    for i in 0..=d {
        // A little everywhere keeps the solution defined when a part was always shown.
        gram.row_mut(i)[i] += if i < d { ridge.max(1e-9) } else { 1e-12 };
    }
    let solved = cholesky_solve(&gram, &right)?;
    Ok((solved.data[d], solved.data[..d].to_vec()))
}
