//! The autoencoder and the changes, trained together.

use vectory_core::linalg::covariance;
use vectory_core::{Context, Vectors, VectorsRef};

use super::Harmonize;
use super::groups::{Groups, Known};
use crate::models::{Harmonized, narrow};
use crate::net::{Adam, Layer, batches, product, squared, table, transposed};
use crate::steps::Erase;
use crate::{FitTransform, Side, Transform, TransformError};

/// Changes have farther to go than weights: from nothing to a turn.
const FASTER: f32 = 10.0;

pub(super) fn train(
    params: &Harmonize,
    rows: VectorsRef<'_>,
    known: &Known<'_>,
    ctx: &Context,
) -> Result<Harmonized, TransformError> {
    let (mean, spread) = covariance(rows, ctx)?;
    let variance = (0..spread.rows).map(|i| spread.at(i, i)).sum::<f64>() / spread.rows.max(1) as f64;
    if !(variance > 0.0 && variance.is_finite()) {
        return Err(TransformError::param("rows", "all the same, or too large to square", "rows that differ"));
    }
    let widths = (rows.dim(), params.hidden, params.dims);
    let mut model = Harmonized::start(widths, known.covariates(), ctx.seed);
    (model.shift, model.scale) = (narrow(&mean), (1.0 / variance.sqrt()) as f32);
    let (mut adam, mut of_changes) = (Adam::new(params.rate), Adam::new(params.rate));
    ctx.progress().begin("harmonize", Some(params.epochs as u64), "epochs");
    for epoch in 0..params.epochs {
        adam.rate = params.rate * (1.0 - epoch as f32 / params.epochs as f32);
        of_changes.rate = adam.rate * FASTER;
        for batch in batches(rows.rows(), params.batch, ctx.seed, epoch) {
            ctx.check()?;
            let mut gradients =
                gradients(&model, params, &model.seen(rows.picked(batch.iter().copied()).view()), (known, &batch), ctx);
            let mut all = model.encoder.parameters();
            all.extend(model.decoder.parameters());
            let slopes = gradients.split_off(all.len());
            adam.step(all, &gradients, ctx);
            of_changes.step(model.changes.iter_mut().map(Vectors::as_mut_slice).collect(), &slopes, ctx);
        }
        ctx.progress().advance(1);
    }
    ctx.progress().end();
    forget_sites(&mut model, rows, known, ctx)?;
    Ok(model)
}

/// What linear models could still read of the sites within groups is taken out of the encoder's last layer in closed form.
fn forget_sites(
    model: &mut Harmonized,
    rows: VectorsRef<'_>,
    known: &Known<'_>,
    ctx: &Context,
) -> Result<(), TransformError> {
    if known.sites.iter().all(|s| *s == known.sites[0]) {
        return Ok(());
    }
    let mut z = model.apply(rows, ctx)?;
    Groups::of(known, &(0..rows.rows()).collect::<Vec<_>>(), false).centre(&mut z);
    let side = Side { labels: Some(known.sites), ..Side::default() };
    let erased = Erase::default().fit(z.view(), &side, ctx)?;
    let Some(Layer::Dense { weights, bias }) = model.encoder.layers.last_mut() else { return Ok(()) };
    let zero = erased.apply(Vectors::zeros(1, model.dims).view(), ctx)?;
    let mut columns = erased.apply(transposed(weights).view(), ctx)?;
    for column in columns.as_mut_slice().chunks_exact_mut(model.dims) {
        column.iter_mut().zip(zero.row(0)).for_each(|(v, z)| *v -= z);
    }
    *weights = transposed(&columns);
    let shifted = erased.apply(table(bias, model.dims).view(), ctx)?;
    bias.copy_from_slice(shifted.row(0));
    Ok(())
}

/// Of the encoder's parameters, the decoder's, and the changes.
pub(super) fn gradients(
    model: &Harmonized,
    params: &Harmonize,
    x: &Vectors,
    (known, batch): (&Known<'_>, &[usize]),
    ctx: &Context,
) -> Vec<Vec<f32>> {
    let (z, up) = model.encoder.forward(x.clone(), ctx);
    let (out, down) = model.decoder.forward(z.clone(), ctx);
    let (mut slope, of_decoder) = model.decoder.backward(&down, squared(&out, x).1, ctx);
    // Against the spread of the encoded rows, or else shrinking all of them would do.
    let unit = 1.0 / (spread(&z) * params.dims as f32).max(f32::MIN_POSITIVE);
    Groups::of(known, batch, false).pull_sites(&z, params.invariance * unit, &mut slope);
    let mut of_changes: Vec<Vec<f32>> = model.changes.iter().map(|u| turning(u, params.morphism, ctx)).collect();
    if params.morphism > 0.0 {
        let finer = Groups::of(known, batch, true);
        finer.follow(&z, &model.changes, params.morphism * unit, (&mut slope, &mut of_changes), ctx);
    }
    let (_, mut all) = model.encoder.backward(&up, slope, ctx);
    all.extend(of_decoder);
    all.extend(of_changes);
    all
}

/// Mean variance of a column.
fn spread(z: &Vectors) -> f32 {
    let (n, dims) = (z.rows().max(1) as f32, z.dim());
    let mut mean = vec![0.0; dims];
    z.iter().for_each(|r| mean.iter_mut().zip(r).for_each(|(m, v)| *m += v / n));
    let square: f32 = z.iter().map(|r| r.iter().zip(&mean).map(|(v, m)| (v - m) * (v - m)).sum::<f32>()).sum();
    square / (n * dims.max(1) as f32)
}

/// The gradient of `weight` · |U Uᵀ − I|² / dims.
fn turning(u: &Vectors, weight: f32, ctx: &Context) -> Vec<f32> {
    let mut apart = product(u, u, ctx);
    (0..u.rows()).for_each(|i| apart.row_mut(i)[i] -= 1.0);
    let out = product(&apart, &transposed(u), ctx);
    out.as_slice().iter().map(|v| 4.0 * weight * v / u.rows().max(1) as f32).collect()
}
