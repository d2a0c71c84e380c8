//! A conditional variational autoencoder: responses become a latent cloud of one simple shape, and back.

use rand::seq::SliceRandom;
use vectory_core::{Context, rng};
use vectory_learn::mlp::{Activation, Adam, Mlp};

use super::RegionsParams;
use super::quantile::Pairs;
use crate::InspectError;
use crate::normal::normal;

const BATCH: usize = 128;

/// Encoder and decoder, both told the features (Sohn, Lee and Yan 2015).
pub(super) struct Latent {
    encoder: Mlp,
    decoder: Mlp,
    dims: usize,
}

impl Latent {
    /// Fits responses given features: mean squared error + beta · divergence from the standard normal.
    pub fn fit(rows: Pairs<'_>, params: &RegionsParams, ctx: &Context) -> Result<Self, InspectError> {
        let (h, l, p, r) = (params.hidden, params.latent, rows.p, rows.r);
        let mut encoder = Mlp::new(&[p + r, h, h, 2 * l], Activation::Silu, ctx.seed ^ 4);
        let mut decoder = Mlp::new(&[p + l, h, h, r], Activation::Silu, ctx.seed ^ 5);
        let (mut of_encoder, mut of_decoder) = (Adam::new(&encoder, 2e-3), Adam::new(&decoder, 2e-3));
        let mut draw = rng::stream(ctx.seed, "regions.latent");
        let mut order: Vec<usize> = (0..rows.rows()).collect();
        let epochs = 4 * params.epochs;
        for epoch in 0..epochs {
            ctx.check()?;
            order.shuffle(&mut draw);
            let rate = 2e-3 * (1.0 - epoch as f32 / epochs as f32).max(0.05);
            (of_encoder.rate, of_decoder.rate) = (rate, rate);
            for batch in order.chunks(BATCH) {
                let size = batch.len() as f32;
                let both = joined(batch, rows);
                let up = encoder.forward(&both);
                let noise: Vec<f32> = (0..batch.len() * l).map(|_| normal(&mut draw) as f32).collect();
                let z = sampled(up.output(), &noise, l);
                let input = beside(batch, rows, &z, l);
                let down = decoder.forward(&input);
                let mut slope = down.output().to_vec();
                for (row, i) in slope.chunks_exact_mut(r).zip(batch) {
                    row.iter_mut().zip(rows.y(*i)).for_each(|(s, t)| *s = 2.0 * (*s - t) / size);
                }
                let (gradient, back) = decoder.backward(&down, &slope);
                of_decoder.step(&mut decoder, &gradient);
                let mut slope = up.output().to_vec();
                for (i, row) in slope.chunks_exact_mut(2 * l).enumerate() {
                    for j in 0..l {
                        let to_z = back[i * (p + l) + p + j];
                        let (mean, log) = (row[j], row[l + j].clamp(-8.0, 4.0));
                        let half = (0.5 * log).exp();
                        row[j] = to_z + params.beta * mean / size;
                        row[l + j] =
                            0.5 * to_z * noise[i * l + j] * half + 0.5 * params.beta * (half * half - 1.0) / size;
                    }
                }
                let (gradient, _) = encoder.backward(&up, &slope);
                of_encoder.step(&mut encoder, &gradient);
            }
        }
        Ok(Self { encoder, decoder, dims: l })
    }

    /// A latent point of each response.
    pub fn encode(&self, rows: Pairs<'_>, ctx: &Context) -> Vec<f32> {
        let all: Vec<usize> = (0..rows.rows()).collect();
        let out = self.encoder.forward(&joined(&all, rows));
        let mut draw = rng::stream(ctx.seed, "regions.encode");
        let noise: Vec<f32> = (0..all.len() * self.dims).map(|_| normal(&mut draw) as f32).collect();
        sampled(out.output(), &noise, self.dims)
    }

    /// The responses of latent points, given features.
    pub fn decode(&self, x: &[f32], z: &[f32]) -> Vec<f32> {
        let input: Vec<f32> = z.chunks_exact(self.dims).flat_map(|z| x.iter().chain(z).copied()).collect();
        self.decoder.forward(&input).output().to_vec()
    }
}

fn joined(which: &[usize], rows: Pairs<'_>) -> Vec<f32> {
    which.iter().flat_map(|i| rows.x(*i).iter().chain(rows.y(*i))).copied().collect()
}

fn beside(which: &[usize], rows: Pairs<'_>, z: &[f32], l: usize) -> Vec<f32> {
    which.iter().zip(z.chunks_exact(l)).flat_map(|(i, z)| rows.x(*i).iter().chain(z)).copied().collect()
}

/// mean + deviation · noise.
fn sampled(encoded: &[f32], noise: &[f32], l: usize) -> Vec<f32> {
    let rows = encoded.chunks_exact(2 * l).zip(noise.chunks_exact(l));
    rows.flat_map(|(e, n)| (0..l).map(move |j| e[j] + (0.5 * e[l + j].clamp(-8.0, 4.0)).exp() * n[j])).collect()
}
