//! Quantile regression by nets: of coordinates, and of directions.

use rand::seq::SliceRandom;
use vectory_core::rng::Rng;
use vectory_core::{Context, rng};
use vectory_transform::net::{Adam, Layer, Net, table};

use super::RegionsParams;
use crate::InspectError;
use crate::normal::normal;

const BATCH: usize = 128;

/// Features and responses (or latent points), row by row.
#[derive(Clone, Copy)]
pub(super) struct Pairs<'a> {
    pub x: &'a [f32],
    /// Values of a row of `x`.
    pub p: usize,
    pub y: &'a [f32],
    /// Values of a row of `y`.
    pub r: usize,
}

impl<'a> Pairs<'a> {
    pub fn rows(&self) -> usize {
        self.y.len() / self.r
    }

    pub fn x(&self, i: usize) -> &'a [f32] {
        &self.x[i * self.p..(i + 1) * self.p]
    }

    pub fn y(&self, i: usize) -> &'a [f32] {
        &self.y[i * self.r..(i + 1) * self.r]
    }
}

/// Slope of the pinball loss at a level in the predicted quantile.
fn pinball(predicted: f32, truth: f32, level: f32) -> f32 {
    if truth < predicted { 1.0 - level } else { -level }
}

/// Standard directions: a net of features and a direction gives a quantile of the response along it.
pub(super) struct Directional {
    net: Net,
    /// The directions whose half-spaces are cut.
    pub directions: Vec<Vec<f32>>,
    dims: usize,
}

impl Directional {
    /// Fits the quantile at `level` along all directions.
    pub fn fit(rows: Pairs<'_>, params: &RegionsParams, ctx: &Context) -> Result<Self, InspectError> {
        let dims = rows.r;
        let mut r = rng::stream(ctx.seed, "regions.directional");
        let directions = (0..params.directions).map(|i| even(i, params.directions, dims, &mut r)).collect();
        let widths = [rows.p + dims, params.hidden, params.hidden, 1];
        let mut net = Net::mlp(&widths, &[Layer::Silu], &mut rng::stream(ctx.seed, "regions.directional.start"));
        let mut adam = Adam::new(2e-3);
        let level = params.level as f32;
        let mut order: Vec<usize> = (0..rows.rows()).collect();
        for epoch in 0..params.epochs {
            ctx.check()?;
            order.shuffle(&mut r);
            adam.rate = 2e-3 * (1.0 - epoch as f32 / params.epochs as f32).max(0.05);
            for batch in order.chunks(BATCH) {
                // Each row meets new directions each time.
                let (mut input, mut truth) = (Vec::new(), Vec::new());
                for i in batch.iter().flat_map(|i| [*i; 3]) {
                    let u = random_unit(dims, &mut r);
                    input.extend_from_slice(rows.x(i));
                    input.extend_from_slice(&u);
                    truth.push(dot(&u, rows.y(i)));
                }
                let (mut told, trace) = net.forward(table(&input, rows.p + dims), ctx);
                let pairs = told.as_mut_slice().iter_mut().zip(&truth);
                pairs.for_each(|(q, t)| *q = pinball(*q, *t, level) / truth.len() as f32);
                let (_, gradients) = net.backward(&trace, told, ctx);
                adam.step(net.parameters(), &gradients, ctx);
            }
        }
        Ok(Self { net, directions, dims })
    }

    /// The quantile along each direction, given features.
    pub fn quantiles(&self, x: &[f32]) -> Vec<f32> {
        let input: Vec<f32> = self.directions.iter().flat_map(|u| x.iter().chain(u).copied()).collect();
        self.net.apply_here(&input, x.len() + self.dims).as_slice().to_vec()
    }

    /// How far beyond every half-space's border a point lies: inside where it is 0 or more.
    pub fn depth(&self, quantiles: &[f32], z: &[f32]) -> f32 {
        debug_assert_eq!(z.len(), self.dims);
        self.directions.iter().zip(quantiles).map(|(u, q)| dot(u, z) - q).fold(f32::INFINITY, f32::min)
    }
}

/// Lower and upper quantile of each coordinate, given features.
pub(super) struct Coordinates {
    net: Net,
    dims: usize,
}

impl Coordinates {
    /// Fits quantiles at alpha / (2 dims) and 1 less that (Bonferroni), so that all coordinates hold together.
    pub fn fit(rows: Pairs<'_>, params: &RegionsParams, ctx: &Context) -> Result<Self, InspectError> {
        let dims = rows.r;
        let mut r = rng::stream(ctx.seed, "regions.coordinates");
        let widths = [rows.p, params.hidden, params.hidden, 2 * dims];
        let mut net = Net::mlp(&widths, &[Layer::Silu], &mut rng::stream(ctx.seed, "regions.coordinates.start"));
        let mut adam = Adam::new(2e-3);
        let low = (params.alpha / (2.0 * dims as f64)) as f32;
        let mut order: Vec<usize> = (0..rows.rows()).collect();
        for epoch in 0..3 * params.epochs {
            ctx.check()?;
            order.shuffle(&mut r);
            adam.rate = 2e-3 * (1.0 - epoch as f32 / (3 * params.epochs) as f32).max(0.05);
            for batch in order.chunks(BATCH) {
                let input: Vec<f32> = batch.iter().flat_map(|i| rows.x(*i)).copied().collect();
                let (mut told, trace) = net.forward(table(&input, rows.p), ctx);
                for (row, i) in told.as_mut_slice().chunks_exact_mut(2 * dims).zip(batch) {
                    for j in 0..dims {
                        let truth = rows.y(*i)[j];
                        row[j] = pinball(row[j], truth, low) / batch.len() as f32;
                        row[dims + j] = pinball(row[dims + j], truth, 1.0 - low) / batch.len() as f32;
                    }
                }
                let (_, gradients) = net.backward(&trace, told, ctx);
                adam.step(net.parameters(), &gradients, ctx);
            }
        }
        Ok(Self { net, dims })
    }

    /// Lower ends, then upper ends.
    pub fn bounds(&self, x: &[f32]) -> Vec<f32> {
        self.net.apply_here(x, x.len()).as_slice().to_vec()
    }

    /// Whether a point lies within all bounds.
    pub fn holds(&self, bounds: &[f32], y: &[f32]) -> bool {
        (0..self.dims).all(|j| bounds[j] <= y[j] && y[j] <= bounds[self.dims + j])
    }
}

pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn random_unit(dims: usize, r: &mut Rng) -> Vec<f32> {
    let mut u: Vec<f32> = (0..dims).map(|_| normal(r) as f32).collect();
    let length = dot(&u, &u).sqrt().max(1e-12);
    u.iter_mut().for_each(|v| *v /= length);
    u
}

/// Evenly around the circle in the plane, at random elsewhere.
fn even(i: usize, of: usize, dims: usize, r: &mut Rng) -> Vec<f32> {
    if dims == 2 {
        let angle = std::f32::consts::TAU * i as f32 / of as f32;
        return vec![angle.cos(), angle.sin()];
    }
    random_unit(dims, r)
}
