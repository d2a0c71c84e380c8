//! The encoder below a projector, trained.

use rand::RngExt;
use vectory_core::{Context, Vectors, VectorsRef, rng};
use vectory_linalg::{Mat, eigen_symmetric, matmul, transpose};

use super::Tldr;
use crate::models::{Affine, narrow, rows_of};
use crate::net::{Adam, Layer, Net, barlow, batches};
use crate::steps::{at_most, first_rows, power};
use crate::{Transform, TransformError};

pub(super) fn encoder(
    params: &Tldr,
    rows: VectorsRef<'_>,
    (mean, spread): (&[f64], &Mat),
    twins: &[Vec<u32>],
    ctx: &Context,
) -> Result<Box<dyn Transform>, TransformError> {
    let d = rows.dim();
    at_most("dims", params.dims, d, "the dimensions of the rows")?;
    let eigen = eigen_symmetric(spread)?;
    let scale = ((0..d).map(|i| spread.at(i, i)).sum::<f64>() / d as f64).sqrt();
    if scale <= 0.0 || !scale.is_finite() {
        return Err(TransformError::param("rows", "all the same, or too large to square", "rows that differ"));
    }
    let start = rows_of(&first_rows(&eigen.vectors, params.dims));
    let mut net = Net { layers: layers(params, start, ctx.seed) };
    train(params, &mut net, &Input { rows, mean: narrow(mean), scale: scale as f32 }, twins, ctx)?;
    let Some(Layer::Dense { weights, .. }) = net.layers.first() else {
        return Err(TransformError::param("projector", params.projector, "of layers"));
    };
    let mut forth = Mat::from_fn(params.dims, d, |i, j| f64::from(weights.row(i)[j]) / scale);
    if params.whiten {
        let out = matmul(&matmul(&forth, spread)?, &transpose(&forth))?;
        forth = matmul(&power(&eigen_symmetric(&out)?, -0.5, super::NULL)?, &forth)?;
    }
    Ok(Box::new(Affine::linear(narrow(mean), rows_of(&forth), None)))
}

/// The encoder, then three layers of the projector; the last norm makes the loss's columns.
fn layers(params: &Tldr, start: Vectors, seed: u64) -> Vec<Layer> {
    let (mut r, wide) = (rng::stream(seed, "transform.tldr.projector"), params.projector);
    let mut out = vec![Layer::Dense { weights: start, bias: Vec::new() }];
    for inputs in [params.dims, wide, wide] {
        if inputs == wide && out.len() > 1 {
            out.push(Layer::Relu);
        }
        out.push(Layer::dense(inputs, wide, false, &mut r));
        out.push(Layer::Norm);
    }
    out
}

/// Rows as the network sees them: centred, of mean variance 1.
struct Input<'a> {
    rows: VectorsRef<'a>,
    mean: Vec<f32>,
    scale: f32,
}

impl Input<'_> {
    fn of(&self, which: impl ExactSizeIterator<Item = usize>) -> Vectors {
        let mut out = Vectors::zeros(which.len(), self.rows.dim());
        for (to, from) in which.enumerate() {
            let values = self.rows.row(from).iter().zip(&self.mean).map(|(v, m)| (v - m) / self.scale);
            out.row_mut(to).iter_mut().zip(values).for_each(|(o, v)| *o = v);
        }
        out
    }
}

fn train(params: &Tldr, net: &mut Net, x: &Input<'_>, twins: &[Vec<u32>], ctx: &Context) -> Result<(), TransformError> {
    let usable: Vec<usize> = (0..twins.len()).filter(|i| !twins[*i].is_empty()).collect();
    if usable.len() < 2 {
        return Err(TransformError::TooFew { needed: 2, rows: usable.len() });
    }
    let mut adam = Adam::new(params.rate);
    ctx.progress().begin("twins", Some(params.steps as u64), "steps");
    let (mut step, mut epoch) = (0, 0);
    while step < params.steps {
        let mut draw = rng::item(ctx.seed, "transform.tldr.pairs", epoch as u64);
        for batch in batches(usable.len(), params.batch, ctx.seed, epoch).into_iter().take(params.steps - step) {
            ctx.check()?;
            adam.rate = params.rate * (1.0 - step as f32 / params.steps as f32);
            let first: Vec<usize> = batch.iter().map(|i| usable[*i]).collect();
            let second: Vec<usize> =
                first.iter().map(|i| twins[*i][draw.random_range(0..twins[*i].len())] as usize).collect();
            let (a, on_a) = net.forward(x.of(first.into_iter()), ctx);
            let (b, on_b) = net.forward(x.of(second.into_iter()), ctx);
            let (_, to_a, to_b) = barlow(&a, &b, params.lambda, ctx);
            let ((_, mut sum), (_, other)) = (net.backward(&on_a, to_a, ctx), net.backward(&on_b, to_b, ctx));
            sum.iter_mut().zip(&other).for_each(|(s, o)| s.iter_mut().zip(o).for_each(|(s, o)| *s += o));
            adam.step(net.parameters(), &sum, ctx);
            step += 1;
            ctx.progress().advance(1);
        }
        epoch += 1;
    }
    ctx.progress().end();
    Ok(())
}
