//! Small nets as models: unlike a linear model they can learn a wrong label by heart, and so show it.

use rand::seq::SliceRandom;
use vectory_core::linalg::Mat;
use vectory_core::{Context, VectorsRef, rng};
use vectory_learn::mlp::{Activation, Adam, Mlp, cross_entropy};

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
    let mut net = Mlp::new(&[x.dim(), params.hidden, classes], Activation::Relu, ctx.seed);
    let mut adam = Adam::new(&net, 2e-3);
    let mut r = rng::stream(ctx.seed, "typicality.net");
    let mut order = on.to_vec();
    for epoch in 0..params.epochs {
        ctx.check()?;
        adam.rate = 2e-3 * (1.0 - epoch as f32 / params.epochs as f32).max(0.05);
        order.shuffle(&mut r);
        for batch in order.chunks(BATCH) {
            let values: Vec<f32> = batch.iter().flat_map(|i| x.row(*i)).copied().collect();
            let tape = net.forward(&values);
            let mut slope = tape.output().to_vec();
            for (row, i) in slope.chunks_exact_mut(classes).zip(batch) {
                cross_entropy(row, labels[*i] as usize);
                row.iter_mut().for_each(|v| *v /= batch.len() as f32);
            }
            let (gradient, _) = net.backward(&tape, &slope);
            adam.step(&mut net, &gradient);
        }
    }
    let mut out = net.forward(x.as_slice()).output().to_vec();
    out.chunks_exact_mut(classes).for_each(vectory_learn::sampling::softmax);
    Mat::new(x.rows(), classes, out.into_iter().map(f64::from).collect()).map_err(InspectError::compute)
}
