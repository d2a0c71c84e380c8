//! Measures of predictions: scores or probabilities against truth.

use std::collections::BTreeMap;

/// Area under the receiver operating characteristic: how often a positive scores above a negative, ties half.
/// `None` when one of the two is missing. O(n log n).
#[must_use]
pub fn roc_auc(positive: &[bool], scores: &[f64]) -> Option<f64> {
    let ranks = super::ranks(scores);
    let p = positive.iter().filter(|y| **y).count() as f64;
    let n = positive.len() as f64 - p;
    let sum: f64 = positive.iter().zip(&ranks).filter(|(y, _)| **y).map(|(_, r)| r).sum();
    (p > 0.0 && n > 0.0).then(|| (sum - p * (p + 1.0) / 2.0) / (p * n))
}

/// Average precision: precision at each threshold, weighted by the recall it adds; equal scores are one threshold.
/// `None` without a positive.
#[must_use]
pub fn average_precision(positive: &[bool], scores: &[f64]) -> Option<f64> {
    let mut order: Vec<usize> = (0..positive.len().min(scores.len())).collect();
    order.sort_by(|i, j| scores[*j].total_cmp(&scores[*i]));
    let (mut seen, mut hits, mut sum) = (0usize, 0usize, 0.0);
    for group in order.chunk_by(|i, j| scores[*i] == scores[*j]) {
        let new = group.iter().filter(|i| positive[**i]).count();
        seen += group.len();
        hits += new;
        sum += new as f64 * hits as f64 / seen as f64;
    }
    (hits > 0).then(|| sum / hits as f64)
}

/// Mean squared difference of a probability from what came true (Brier 1950).
#[must_use]
pub fn brier(positive: &[bool], probability: &[f64]) -> Option<f64> {
    mean(positive.iter().zip(probability).map(|(y, p)| (p - f64::from(u8::from(*y))).powi(2)))
}

/// Mean negative log-likelihood of binary outcomes; probabilities are kept off 0 and 1 by 1e-15.
#[must_use]
pub fn log_loss(positive: &[bool], probability: &[f64]) -> Option<f64> {
    mean(positive.iter().zip(probability).map(|(y, p)| {
        let p = p.clamp(1e-15, 1.0 - 1e-15);
        if *y { -p.ln() } else { -(1.0 - p).ln() }
    }))
}

/// Expected calibration error: |mean probability − share that came true| over equal bins, weighted by their size.
#[must_use]
pub fn calibration_error(positive: &[bool], probability: &[f64], bins: usize) -> Option<f64> {
    let bins = bins.max(1);
    let mut gaps = vec![0.0; bins];
    for (y, p) in positive.iter().zip(probability) {
        let bin = ((p * bins as f64) as usize).min(bins - 1);
        gaps[bin] += p - f64::from(u8::from(*y));
    }
    let n = positive.len().min(probability.len());
    (n > 0).then(|| gaps.iter().map(|g| g.abs()).sum::<f64>() / n as f64)
}

/// Mean negative log-probability of the true class; one row of probabilities an item.
#[must_use]
pub fn negative_log_likelihood<'a>(truth: &[usize], probabilities: impl IntoIterator<Item = &'a [f64]>) -> Option<f64> {
    mean(truth.iter().zip(probabilities).map(|(t, row)| -row.get(*t).copied().unwrap_or(0.0).max(1e-15).ln()))
}

/// Share of right predictions.
#[must_use]
pub fn accuracy(truth: &[usize], predicted: &[usize]) -> Option<f64> {
    mean(truth.iter().zip(predicted).map(|(t, p)| f64::from(u8::from(t == p))))
}

/// How classes are joined into one F1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum F1 {
    /// The mean over classes: rare classes count as much as frequent ones.
    Macro,
    /// Over all decisions at once (equals accuracy where each item has one class).
    Micro,
    /// The mean over classes, weighted by how often each is true.
    Weighted,
}

/// F1 of predicted classes, over the classes that occur in truth or prediction.
#[must_use]
pub fn f1(truth: &[usize], predicted: &[usize], join: F1) -> Option<f64> {
    let counts = Counts::of(truth, predicted);
    let one = |c: &Class| ratio(2.0 * c.both, c.truth + c.predicted);
    match join {
        F1::Macro => mean(counts.classes.values().map(one)),
        F1::Micro => accuracy(truth, predicted),
        F1::Weighted => {
            (counts.n > 0.0).then(|| counts.classes.values().map(|c| c.truth * one(c)).sum::<f64>() / counts.n)
        }
    }
}

/// Matthews' correlation for any number of classes (Gorodkin 2004); 0 when either side knows one class only.
#[must_use]
pub fn matthews(truth: &[usize], predicted: &[usize]) -> Option<f64> {
    let c = Counts::of(truth, predicted);
    let sum = |f: fn(&Class) -> f64| c.classes.values().map(f).sum::<f64>();
    let right = sum(|k| k.both);
    let (tp, tt, pp) = (sum(|k| k.truth * k.predicted), sum(|k| k.truth * k.truth), sum(|k| k.predicted * k.predicted));
    let n2 = c.n * c.n;
    (c.n > 0.0).then(|| ratio(right * c.n - tp, ((n2 - pp) * (n2 - tt)).sqrt()))
}

/// Cohen's kappa: agreement beyond chance; `None` when chance alone would agree always.
#[must_use]
pub fn cohen_kappa(truth: &[usize], predicted: &[usize]) -> Option<f64> {
    let c = Counts::of(truth, predicted);
    let agreed: f64 = c.classes.values().map(|k| k.both).sum::<f64>() / c.n;
    let chance: f64 = c.classes.values().map(|k| k.truth * k.predicted).sum::<f64>() / (c.n * c.n);
    (chance < 1.0).then(|| (agreed - chance) / (1.0 - chance))
}

#[derive(Default)]
struct Class {
    truth: f64,
    predicted: f64,
    both: f64,
}

struct Counts {
    classes: BTreeMap<usize, Class>,
    n: f64,
}

impl Counts {
    fn of(truth: &[usize], predicted: &[usize]) -> Self {
        let mut classes: BTreeMap<usize, Class> = BTreeMap::new();
        for (t, p) in truth.iter().zip(predicted) {
            classes.entry(*t).or_default().truth += 1.0;
            classes.entry(*p).or_default().predicted += 1.0;
            if t == p {
                classes.entry(*t).or_default().both += 1.0;
            }
        }
        Self { classes, n: truth.len().min(predicted.len()) as f64 }
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0usize);
    for v in values {
        sum += v;
        n += 1;
    }
    (n > 0).then(|| sum / n as f64)
}
