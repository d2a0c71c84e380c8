//! Training: batches, moving averages, restarts.

use rand::RngExt;
use rand::seq::SliceRandom;
use vectory_core::{Context, Vectors, VectorsRef, cluster, rng, simd};

use super::{VectorQuantizer, VqInit, VqParams};
use crate::CodecError;
use crate::codec::check_finite;

/// Below this much weight a code is left where it is.
const LEAST_WEIGHT: f32 = 1e-5;

impl VqParams {
    /// Learns a codebook.
    ///
    /// # Errors
    /// [`CodecError`]: a parameter, no rows, values that are not finite, interrupted.
    pub fn fit(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<VectorQuantizer, CodecError> {
        self.check()?;
        check_finite(rows)?;
        if rows.rows() == 0 || rows.dim() == 0 {
            return Err(CodecError::TooFew { what: "a codebook", needed: 1, rows: 0 });
        }
        let mut state = Averages::start(self, rows, ctx);
        let mut order: Vec<usize> = (0..rows.rows()).collect();
        for epoch in 0..self.epochs {
            order.shuffle(&mut rng::item(ctx.seed, "vq order", epoch as u64));
            for ids in order.chunks(self.batch) {
                let mut batch = Vectors::zeros(ids.len(), rows.dim());
                ids.iter().enumerate().for_each(|(i, id)| batch.row_mut(i).copy_from_slice(rows.row(*id)));
                let (codes, _) = cluster::nearest(state.codebook.view(), batch.view(), ctx)?;
                state.update(self, &batch, &codes);
            }
            if self.restart_below > 0.0 && epoch + 1 < self.epochs {
                state.restart(self, rows, &mut rng::item(ctx.seed, "vq restart", epoch as u64));
            }
        }
        Ok(VectorQuantizer::new(state.codebook))
    }
}

/// The codebook, and the averages that it is the quotient of.
struct Averages {
    codebook: Vectors,
    sums: Vectors,
    weights: Vec<f32>,
    /// Rows of this epoch that chose each code.
    chosen: Vec<usize>,
}

impl Averages {
    fn start(p: &VqParams, rows: VectorsRef<'_>, ctx: &Context) -> Self {
        let mut r = rng::stream(ctx.seed, "vq init");
        let mut codebook = Vectors::zeros(p.codes, rows.dim());
        let squares = rows.iter().map(|v| f64::from(simd::dot(v, v))).sum::<f64>();
        let spread = (squares / rows.as_slice().len() as f64).sqrt() as f32;
        for i in 0..p.codes {
            let from = rows.row(r.random_range(0..rows.rows()));
            let code = codebook.row_mut(i);
            match p.init {
                VqInit::Rows => code.copy_from_slice(from),
                VqInit::Normal => code.iter_mut().for_each(|v| *v = spread * normal(&mut r)),
            }
        }
        // As if each code had been chosen evenly so far.
        let even = p.batch.min(rows.rows()) as f32 / p.codes as f32;
        let mut sums = codebook.clone();
        sums.as_mut_slice().iter_mut().for_each(|v| *v *= even);
        Self { codebook, sums, weights: vec![even; p.codes], chosen: vec![0; p.codes] }
    }

    fn update(&mut self, p: &VqParams, batch: &Vectors, codes: &[u32]) {
        let keep = p.decay;
        self.weights.iter_mut().for_each(|w| *w *= keep);
        self.sums.as_mut_slice().iter_mut().for_each(|v| *v *= keep);
        for (row, code) in batch.iter().zip(codes) {
            self.chosen[*code as usize] += 1;
            self.weights[*code as usize] += 1.0 - keep;
            simd::axpy(1.0 - keep, row, self.sums.row_mut(*code as usize));
        }
        for (i, w) in self.weights.iter().enumerate().filter(|(_, w)| **w > LEAST_WEIGHT) {
            let sum = self.sums.row(i);
            self.codebook.row_mut(i).iter_mut().zip(sum).for_each(|(c, s)| *c = s / w);
        }
    }

    /// Puts dead codes on rows drawn by chance, with the weight of an even share.
    fn restart(&mut self, p: &VqParams, rows: VectorsRef<'_>, r: &mut rng::Rng) {
        let even = self.weights.iter().sum::<f32>() / p.codes as f32;
        let least = p.restart_below * rows.rows() as f32 / p.codes as f32;
        for i in 0..p.codes {
            if (std::mem::take(&mut self.chosen[i]) as f32) < least {
                let row = rows.row(r.random_range(0..rows.rows()));
                self.codebook.row_mut(i).copy_from_slice(row);
                self.sums.row_mut(i).iter_mut().zip(row).for_each(|(s, v)| *s = even * v);
                self.weights[i] = even;
            }
        }
    }
}

/// A standard normal value (Box and Muller).
fn normal(r: &mut rng::Rng) -> f32 {
    let (u, angle) = (1.0 - r.random::<f64>(), std::f64::consts::TAU * r.random::<f64>());
    ((-2.0 * u.ln()).sqrt() * angle.cos()) as f32
}
