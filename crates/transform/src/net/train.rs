//! Loops: rows in random batches, and a classifier.

use rand::seq::SliceRandom;
use vectory_core::{Cancelled, Context, VectorsRef, rng};

use super::{Adam, Layer, Net, cross_entropy};

/// Numbers 0 to n in random order, in batches of `size`; what is left over joins none.
#[must_use]
pub fn batches(n: usize, size: usize, seed: u64, epoch: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(&mut rng::item(seed, "net.batches", epoch as u64));
    order.chunks_exact(size.clamp(1, n.max(1))).map(<[usize]>::to_vec).collect()
}

/// How a classifier is trained.
#[derive(Clone, Debug)]
pub struct Classifier {
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Passes over the rows.
    pub epochs: usize,
    /// Rows of a step.
    pub batch: usize,
    /// Step size, falling to 0.
    pub rate: f32,
}

impl Default for Classifier {
    fn default() -> Self {
        Self { hidden: vec![128], epochs: 10, batch: 128, rate: 1e-3 }
    }
}

/// A network from rows to the scores of the classes 0 to `classes`.
///
/// # Errors
/// [`Cancelled`].
///
/// # Panics
/// When a label is not below `classes`.
pub fn classifier(
    rows: VectorsRef<'_>,
    labels: &[u32],
    classes: usize,
    params: &Classifier,
    ctx: &Context,
) -> Result<Net, Cancelled> {
    let mut widths = vec![rows.dim()];
    widths.extend(&params.hidden);
    widths.push(classes);
    let mut net = Net::mlp(&widths, &[Layer::Relu], &mut rng::stream(ctx.seed, "net.classifier"));
    let mut adam = Adam::new(params.rate);
    for epoch in 0..params.epochs {
        ctx.check()?;
        adam.rate = params.rate * (1.0 - epoch as f32 / params.epochs as f32);
        for batch in batches(rows.rows(), params.batch, ctx.seed, epoch) {
            let own: Vec<u32> = batch.iter().map(|i| labels[*i]).collect();
            let (out, trace) = net.forward(rows.picked(batch.iter().copied()), ctx);
            let (_, gradients) = net.backward(&trace, cross_entropy(out, &own).1, ctx);
            adam.step(net.parameters(), &gradients, ctx);
        }
    }
    Ok(net)
}
