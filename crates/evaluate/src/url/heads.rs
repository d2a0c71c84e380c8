//! Heads that give a vector an uncertainty.

use rand::seq::SliceRandom;
use vectory_core::linear::{LinearClassifier, LogisticParams, logistic, stratified_folds};
use vectory_core::rng::Rng;
use vectory_core::{Context, Vectors, VectorsRef, rng};
use vectory_transform::net::{Adam, Layer, Net, squared, table};

use crate::protocols::{Labelled, ProtocolError};

/// An uncertainty; larger is less certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// Entropy of the classifier's probabilities.
    Entropy,
    /// 1 less its largest probability.
    Probability,
    /// Minus the length of the vector.
    Length,
    /// The loss that a net predicts.
    Loss,
}

impl Quantifier {
    /// As tables have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Entropy => "class entropy",
            Self::Probability => "1 - largest probability",
            Self::Length => "- length",
            Self::Loss => "predicted loss",
        }
    }
}

/// What heads are fitted with.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadsParams {
    /// Inverse strength of the classifier's penalty, above 0.
    pub c: f64,
    /// Units of each of the loss head's two hidden layers (1 or more).
    pub width: usize,
    /// Passes over the rows (1 or more).
    pub epochs: usize,
}

impl Default for HeadsParams {
    fn default() -> Self {
        Self { c: 1.0, width: 128, epochs: 20 }
    }
}

/// Heads over frozen vectors.
pub struct Heads {
    classifier: LinearClassifier,
    loss: LossHead,
}

impl Heads {
    /// Fits a classifier on labelled vectors, and a net on the losses of rows that a classifier has not seen (five folds).
    ///
    /// # Errors
    /// [`ProtocolError`]: parameters out of range, too few rows, not finite, interrupted.
    pub fn fit(train: &Labelled, params: &HeadsParams, ctx: &Context) -> Result<Self, ProtocolError> {
        if params.width == 0 || params.epochs == 0 {
            return Err(ProtocolError::Param { field: "width and epochs", legal: "1 or more" });
        }
        let settings = LogisticParams { c: params.c, standardize: true, ..LogisticParams::default() };
        let classifier = logistic(train.rows.view(), &train.labels, &settings, ctx)?;
        let mut losses = vec![0.0f32; train.labels.len()];
        for fold in stratified_folds(&train.labels, 5, ctx.seed) {
            let (seen, held) = (train.pick(&fold.train), train.pick(&fold.test));
            let model = logistic(seen.rows.view(), &seen.labels, &settings, ctx)?;
            let told = model.probabilities(held.rows.view(), ctx)?;
            for (i, at) in fold.test.iter().enumerate() {
                let own = held.labels[i] as usize;
                let p = if own < told.cols { told.at(i, own) } else { 0.0 };
                losses[*at] = -p.max(1e-6).ln() as f32;
            }
        }
        let mut loss = LossHead::new(train.rows.dim(), params.width, ctx.seed);
        let mut r = rng::stream(ctx.seed, "url.heads");
        let all: Vec<usize> = (0..losses.len()).collect();
        for _ in 0..params.epochs {
            ctx.check()?;
            loss.epoch((train.rows.view(), &losses[..]), &all, &mut r, ctx);
        }
        Ok(Self { classifier, loss })
    }

    /// An uncertainty of each row.
    ///
    /// # Errors
    /// [`ProtocolError::Linalg`] for rows of another dimension; interrupted.
    pub fn uncertainty(&self, x: VectorsRef<'_>, q: Quantifier, ctx: &Context) -> Result<Vec<f64>, ProtocolError> {
        if q == Quantifier::Length {
            return Ok(shortness(x));
        }
        let told = self.classifier.probabilities(x, ctx)?;
        Ok(match q {
            Quantifier::Loss => self.loss.predict(x, ctx),
            _ => (0..x.rows()).map(|i| of_probabilities(told.row(i), q)).collect(),
        })
    }
}

pub(super) fn of_probabilities(p: &[f64], q: Quantifier) -> f64 {
    match q {
        Quantifier::Entropy => p.iter().filter(|v| **v > 0.0).map(|v| -v * v.ln()).sum(),
        _ => 1.0 - p.iter().fold(0.0f64, |m, v| m.max(*v)),
    }
}

pub(super) fn shortness(x: VectorsRef<'_>) -> Vec<f64> {
    x.iter().map(|r| -r.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt()).collect()
}

/// A small net of three layers that predicts the loss of a task from a vector; the vector is not trained through it.
pub struct LossHead {
    net: Net,
    adam: Adam,
}

impl LossHead {
    /// For vectors of `dim` values.
    #[must_use]
    pub fn new(dim: usize, width: usize, seed: u64) -> Self {
        let net = Net::mlp(&[dim, width, width, 1], &[Layer::Relu], &mut rng::stream(seed, "url.start"));
        let mut adam = Adam::new(1e-3);
        adam.decay = 0.01;
        Self { net, adam }
    }

    /// One step towards the losses of a batch: least squares.
    pub fn step(&mut self, rows: Vectors, losses: &[f32], ctx: &Context) {
        let (out, trace) = self.net.forward(rows, ctx);
        let (_, gradients) = self.net.backward(&trace, squared(&out, &table(losses, 1)).1, ctx);
        self.adam.step(self.net.parameters(), &gradients, ctx);
    }

    /// One pass over some rows, in a new order.
    pub(super) fn epoch(&mut self, (x, losses): (VectorsRef<'_>, &[f32]), rows: &[usize], r: &mut Rng, ctx: &Context) {
        const BATCH: usize = 128;
        let mut order = rows.to_vec();
        order.shuffle(r);
        for batch in order.chunks(BATCH) {
            let wanted: Vec<f32> = batch.iter().map(|i| losses[*i]).collect();
            self.step(x.picked(batch.iter().copied()), &wanted, ctx);
        }
    }

    /// The loss that is expected of each row.
    #[must_use]
    pub fn predict(&self, x: VectorsRef<'_>, ctx: &Context) -> Vec<f64> {
        self.net.apply(&table(x.as_slice(), x.dim()), ctx).as_slice().iter().map(|v| f64::from(*v)).collect()
    }
}
