//! An uncertainty for vectors of a frozen encoder: an adapter that turns each into a distribution of where its partner may lie
//! (Upadhyay, Karthik, Mancini and Akata, *ProbVLM: Probabilistic adapter for frozen vision-language models*, 2023).
//!
//! Fitted on a few thousand pairs of vectors that mean the same (picture and caption, a text and a shortened one). A small net gives
//! each dimension a generalised Gaussian: a centre, a width, a shape; it is fitted to the vector itself and to its partner. The
//! width is what the encoder cannot know (aleatoric); what the net does not know (epistemic) is the variance of the centre under
//! dropout. Their sum, mean over dimensions, is the uncertainty: for selective answers, and for choosing what to label.
//!
//! Fit: 6 · pairs · epochs · (2 d · hidden …) operations, seconds for 4,000 pairs of 256 values; then `passes` passes a vector.

mod claim;
mod density;
mod file;
#[cfg(test)]
mod tests;

use rand::seq::SliceRandom;
use vectory_core::{Context, VectorsRef, rng};
use vectory_transform::net::{Adam, Layer, Net, table};

use crate::InspectError;

pub(crate) use claim::PROB_VLM;

/// What an adapter is fitted with.
#[derive(Clone, Debug, PartialEq)]
pub struct AdapterParams {
    /// Hidden units (1 or more).
    pub hidden: usize,
    /// Share of hidden units that are silenced at random (0 ..= 0.9).
    pub dropout: f32,
    /// Passes over the pairs (1 or more).
    pub epochs: usize,
    /// Weight of the partner's likelihood against the vector's own, 0 or more.
    pub cross: f32,
    /// Passes under dropout for the epistemic part (2 or more).
    pub passes: usize,
}

impl Default for AdapterParams {
    fn default() -> Self {
        Self { hidden: 256, dropout: 0.1, epochs: 20, cross: 1.0, passes: 10 }
    }
}

impl AdapterParams {
    /// # Errors
    /// [`InspectError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), InspectError> {
        let bad = |field, legal, got: String| Err(InspectError::Param { field, legal, got });
        if self.hidden == 0 || self.epochs == 0 {
            return bad("hidden and epochs", "1 or more", format!("{} and {}", self.hidden, self.epochs));
        }
        if !(0.0..=0.9).contains(&self.dropout) {
            return bad("dropout", "0 ..= 0.9", self.dropout.to_string());
        }
        if !(self.cross >= 0.0 && self.cross.is_finite()) {
            return bad("cross", "0 or more, finite", self.cross.to_string());
        }
        if self.passes < 2 {
            return bad("passes", "2 or more", self.passes.to_string());
        }
        Ok(())
    }
}

/// A fitted adapter.
#[derive(Clone, Debug)]
pub struct Adapter {
    net: Net,
    dim: usize,
    hidden: usize,
    dropout: f32,
    /// Multiplied onto vectors, so that a value is about 1.
    scale: f32,
    passes: usize,
    /// Mean loss of the last pass, in nats a dimension.
    pub loss: f64,
}

/// The parts of the uncertainty of a vector, each the mean over dimensions of a variance.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Parts {
    /// What the encoder cannot know.
    pub aleatoric: f64,
    /// What the adapter does not know.
    pub epistemic: f64,
}

impl Parts {
    /// The uncertainty.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.aleatoric + self.epistemic
    }
}

impl Adapter {
    /// Fits vectors and their partners, row by row.
    ///
    /// # Errors
    /// [`InspectError`] for parameters out of range, rows that do not pair, fewer than ten pairs, values that are not finite, or an
    /// interrupt.
    pub fn fit(
        x: VectorsRef<'_>,
        partners: VectorsRef<'_>,
        params: &AdapterParams,
        ctx: &Context,
    ) -> Result<Self, InspectError> {
        const BATCH: usize = 64;
        params.check()?;
        check(x, partners)?;
        let dim = x.dim();
        let squares: f64 = x.as_slice().iter().map(|v| f64::from(*v) * f64::from(*v)).sum();
        let scale = (1.0 / (squares / x.as_slice().len() as f64).max(1e-24).sqrt()) as f32;
        let mut net = net(dim, params.hidden, params.dropout, ctx.seed);
        let mut adam = Adam::new(1e-3);
        let mut r = rng::stream(ctx.seed, "adapter");
        let mut order: Vec<usize> = (0..x.rows()).collect();
        let progress = ctx.progress();
        progress.begin("adapter", Some(params.epochs as u64), "epochs");
        let mut loss = 0.0;
        for epoch in 0..params.epochs {
            order.shuffle(&mut r);
            adam.rate = 1e-3 * (1.0 - epoch as f32 / params.epochs as f32).max(0.05);
            // The centre is drawn to the vector at first, so that widths do not grow over what is only not learned yet.
            let draw = (1.0 - 4.0 * epoch as f32 / params.epochs as f32).max(0.0);
            loss = 0.0;
            for batch in order.chunks(BATCH) {
                ctx.check()?;
                let of = |rows: VectorsRef<'_>| -> Vec<f32> {
                    batch.iter().flat_map(|i| rows.row(*i)).map(|v| v * scale).collect()
                };
                let (own, partner) = (of(x), of(partners));
                let (told, trace) = net.forward_dropout(table(&own, dim), &mut r, ctx);
                let targets = density::Targets { own: &own, partner: &partner, cross: params.cross, draw };
                let (value, slope) = density::loss(told.as_slice(), dim, &targets);
                let (_, gradients) = net.backward(&trace, table(&slope, 3 * dim), ctx);
                adam.step(net.parameters(), &gradients, ctx);
                loss += value * batch.len() as f64 / x.rows() as f64;
            }
            progress.note(&format!("loss {loss:.3}"));
            progress.advance(1);
        }
        progress.end();
        Ok(Self { net, dim, hidden: params.hidden, dropout: params.dropout, scale, passes: params.passes, loss })
    }

    /// The uncertainty of each row, in squared units of the vectors. The same rows under the same seed have the same.
    ///
    /// # Errors
    /// [`InspectError::Compute`] for rows of another dimension or values that are not finite; interrupted.
    pub fn uncertainty(&self, x: VectorsRef<'_>, ctx: &Context) -> Result<Vec<Parts>, InspectError> {
        const BLOCK: usize = 256;
        finite(x, self.dim)?;
        let mut out = Vec::with_capacity(x.rows());
        let unit = f64::from(self.scale).powi(-2);
        for from in (0..x.rows()).step_by(BLOCK) {
            ctx.check()?;
            let part = x.slice(from, x.rows().min(from + BLOCK));
            let values: Vec<f32> = part.as_slice().iter().map(|v| v * self.scale).collect();
            let mut r = rng::item(ctx.seed, "adapter.passes", from as u64);
            let (mut sum, mut squares, mut aleatoric) =
                (vec![0.0f64; values.len()], vec![0.0f64; values.len()], vec![0.0f64; part.rows()]);
            for _ in 0..self.passes {
                let (told, _) = self.net.forward_dropout(table(&values, self.dim), &mut r, ctx);
                for (i, row) in told.iter().enumerate() {
                    for (j, centre) in row[..self.dim].iter().enumerate() {
                        sum[i * self.dim + j] += f64::from(*centre);
                        squares[i * self.dim + j] += f64::from(*centre).powi(2);
                    }
                    aleatoric[i] += density::variance(row, self.dim) / self.passes as f64;
                }
            }
            let n = self.passes as f64;
            let spread: Vec<f64> =
                sum.iter().zip(&squares).map(|(s, q)| ((q - s * s / n) / (n - 1.0)).max(0.0)).collect();
            out.extend(aleatoric.iter().zip(spread.chunks_exact(self.dim)).map(|(a, e)| Parts {
                aleatoric: a * unit,
                epistemic: e.iter().sum::<f64>() / self.dim as f64 * unit,
            }));
        }
        Ok(out)
    }
}

/// From a vector to a centre, a width and a shape of each of its dimensions.
fn net(dim: usize, hidden: usize, dropout: f32, seed: u64) -> Net {
    let between = [Layer::Silu, Layer::Dropout(dropout)];
    let between = &between[..if dropout > 0.0 { 2 } else { 1 }];
    Net::mlp(&[dim, hidden, 3 * dim], between, &mut rng::stream(seed, "adapter.start"))
}

fn check(x: VectorsRef<'_>, partners: VectorsRef<'_>) -> Result<(), InspectError> {
    if x.rows() != partners.rows() || x.dim() != partners.dim() {
        return Err(InspectError::Compute(format!(
            "{} rows of {} dimensions do not pair with {} rows of {}",
            x.rows(),
            x.dim(),
            partners.rows(),
            partners.dim()
        )));
    }
    if x.rows() < 10 || x.dim() == 0 {
        return Err(InspectError::Empty { rows: x.rows(), dim: x.dim(), usable: x.rows() });
    }
    finite(x, x.dim())?;
    finite(partners, x.dim())
}

fn finite(x: VectorsRef<'_>, dim: usize) -> Result<(), InspectError> {
    if x.dim() != dim {
        return Err(InspectError::Compute(format!("rows have {} dimensions, the adapter {dim}", x.dim())));
    }
    match x.first_non_finite() {
        Some((row, dim)) => {
            Err(InspectError::Compute(format!("row {row} has a value that is not finite at dimension {dim}")))
        }
        None => Ok(()),
    }
}
