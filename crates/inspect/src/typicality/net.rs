//! Small nets as models: unlike a linear model they can learn a wrong label by heart, and so show it.

use rand::seq::SliceRandom;
use vectory_core::linalg::Mat;
use vectory_core::{Context, VectorsRef, rng};
use vectory_transform::net::{Adam, Layer, Net, cross_entropy, softmax};

use super::NetParams;
use crate::InspectError;

const BATCH: usize = 128;

/// Fits a net with one hidden layer to some of the rows and gives what it says of all: rows × classes.
pub(super) fn told(
    x: VectorsRef<'_>,
    labels: (&[u32], usize),
    on: &[usize],
    params: NetParams,
    ctx: &Context,
) -> Result<Mat, InspectError> {
    let (labels, classes) = labels;
    let widths = [x.dim(), params.hidden, classes];
    let mut net = Net::mlp(&widths, &[Layer::Relu], &mut rng::stream(ctx.seed, "typicality.start"));
    let mut adam = Adam::new(2e-3);
    let mut r = rng::stream(ctx.seed, "typicality.net");
    let mut order = on.to_vec();
    for epoch in 0..params.epochs {
        ctx.check()?;
        adam.rate = 2e-3 * (1.0 - epoch as f32 / params.epochs as f32).max(0.05);
        order.shuffle(&mut r);
        for batch in order.chunks(BATCH) {
            let own: Vec<u32> = batch.iter().map(|i| labels[*i]).collect();
            let (out, trace) = net.forward(x.picked(batch.iter().copied()), ctx);
            let (_, gradients) = net.backward(&trace, cross_entropy(out, &own).1, ctx);
            adam.step(net.parameters(), &gradients, ctx);
        }
    }
    let mut out = net.apply_here(x.as_slice(), x.dim());
    out.as_mut_slice().chunks_exact_mut(classes).for_each(softmax);
    let told = out.as_slice().iter().map(|v| f64::from(*v)).collect();
    Mat::new(x.rows(), classes, told).map_err(InspectError::compute)
}
