//! A conditional variational autoencoder: responses become a latent cloud of one simple shape, and back.

use rand::seq::SliceRandom;
use vectory_core::{Context, rng};
use vectory_transform::net::{Adam, Layer, Net, table};

use super::RegionsParams;
use super::quantile::Pairs;
use crate::InspectError;
use crate::normal::normal;

const BATCH: usize = 128;

/// Encoder and decoder, both told the features (Sohn, Lee and Yan 2015).
pub(super) struct Latent {
    encoder: Net,
    decoder: Net,
    dims: usize,
}

impl Latent {
    /// Fits responses given features: mean squared error + beta · divergence from the standard normal.
    pub fn fit(rows: Pairs<'_>, params: &RegionsParams, ctx: &Context) -> Result<Self, InspectError> {
        let (h, l, p, r) = (params.hidden, params.latent, rows.p, rows.r);
        let mut start = rng::stream(ctx.seed, "regions.latent.start");
        let mut encoder = Net::mlp(&[p + r, h, h, 2 * l], &[Layer::Silu], &mut start);
        let mut decoder = Net::mlp(&[p + l, h, h, r], &[Layer::Silu], &mut start);
        let (mut of_encoder, mut of_decoder) = (Adam::new(2e-3), Adam::new(2e-3));
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
                let (mut up, above) = encoder.forward(table(&both, p + r), ctx);
                let noise: Vec<f32> = (0..batch.len() * l).map(|_| normal(&mut draw) as f32).collect();
                let z = sampled(up.as_slice(), &noise, l);
                let input = beside(batch, rows, &z, l);
                let (mut down, below) = decoder.forward(table(&input, p + l), ctx);
                for (row, i) in down.as_mut_slice().chunks_exact_mut(r).zip(batch) {
                    row.iter_mut().zip(rows.y(*i)).for_each(|(s, t)| *s = 2.0 * (*s - t) / size);
                }
                let (back, gradients) = decoder.backward(&below, down, ctx);
                of_decoder.step(decoder.parameters(), &gradients, ctx);
                for (i, row) in up.as_mut_slice().chunks_exact_mut(2 * l).enumerate() {
                    for j in 0..l {
                        let to_z = back.row(i)[p + j];
                        let (mean, log) = (row[j], row[l + j].clamp(-8.0, 4.0));
                        let half = (0.5 * log).exp();
                        row[j] = to_z + params.beta * mean / size;
                        row[l + j] =
                            0.5 * to_z * noise[i * l + j] * half + 0.5 * params.beta * (half * half - 1.0) / size;
                    }
                }
                let (_, gradients) = encoder.backward(&above, up, ctx);
                of_encoder.step(encoder.parameters(), &gradients, ctx);
            }
        }
        Ok(Self { encoder, decoder, dims: l })
    }

    /// A latent point of each response.
    pub fn encode(&self, rows: Pairs<'_>, ctx: &Context) -> Vec<f32> {
        let all: Vec<usize> = (0..rows.rows()).collect();
        let out = self.encoder.apply(&table(&joined(&all, rows), rows.p + rows.r), ctx);
        let mut draw = rng::stream(ctx.seed, "regions.encode");
        let noise: Vec<f32> = (0..all.len() * self.dims).map(|_| normal(&mut draw) as f32).collect();
        sampled(out.as_slice(), &noise, self.dims)
    }

    /// The responses of latent points, given features.
    pub fn decode(&self, x: &[f32], z: &[f32]) -> Vec<f32> {
        let input: Vec<f32> = z.chunks_exact(self.dims).flat_map(|z| x.iter().chain(z).copied()).collect();
        self.decoder.apply_here(&input, x.len() + self.dims).as_slice().to_vec()
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
