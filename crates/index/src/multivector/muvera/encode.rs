//! Bags to vectors.

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::repr::MultiRef;
use vectory_core::simd::{self, PackedB};
use vectory_core::{Cancelled, Context, Vectors, VectorsRef, rng};

use super::MuveraParams;
use crate::multivector::StoreError;

/// Encodes bags of tokens of one dimension. Everything random in it follows from its seed: both sides must use one encoder.
pub struct Encoder {
    params: MuveraParams,
    dim: usize,
    /// Values that a token is thrown down to.
    width: usize,
    /// All hyperplanes, then (unless tokens are taken as they are) all rows of signs, to be multiplied at once.
    directions: PackedB,
    /// Where each value of the encoding goes in the sketch, and its sign.
    sketch: Vec<(u32, f32)>,
}

/// What is summed up in a part.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Query,
    Document,
}

impl Encoder {
    /// Draws the cuts and the signs.
    ///
    /// # Errors
    /// [`StoreError::Param`] for a parameter out of range or tokens without values.
    pub fn new(params: MuveraParams, dim: usize, seed: u64) -> Result<Self, StoreError> {
        params.check()?;
        if dim == 0 {
            return Err(StoreError::Param { field: "dimension of the tokens", value: "0".into(), range: "1 or more" });
        }
        let width = params.d_proj.min(dim);
        let planes = params.repetitions * params.k_sim as usize;
        let rows = planes + if width < dim { params.repetitions * width } else { 0 };
        let mut directions = Vectors::zeros(rows, dim);
        let (mut normal, mut signs) = (rng::stream(seed, "muvera.planes"), rng::stream(seed, "muvera.signs"));
        let scale = 1.0 / (width as f32).sqrt();
        for (i, row) in directions.as_mut_slice().chunks_exact_mut(dim).enumerate() {
            if i < planes {
                row.iter_mut().for_each(|v| *v = gaussian(&mut normal));
            } else {
                row.iter_mut().for_each(|v| *v = if signs.random::<bool>() { scale } else { -scale });
            }
        }
        let mut draws = rng::stream(seed, "muvera.sketch");
        let sketch = params.d_final.map_or_else(Vec::new, |target| {
            let one = |_| (draws.random_range(0..target as u32), if draws.random::<bool>() { 1.0 } else { -1.0 });
            (0..params.raw_len(width)).map(one).collect()
        });
        Ok(Self { params, dim, width, directions: PackedB::new(directions.as_slice(), rows, dim), sketch })
    }

    /// Values of an encoding.
    #[must_use]
    pub fn len(&self) -> usize {
        self.params.d_final.unwrap_or_else(|| self.params.raw_len(self.width))
    }

    /// Whether an encoding has no values: never.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A query's encoding. Panics for tokens of another dimension.
    #[must_use]
    pub fn query(&self, tokens: VectorsRef<'_>) -> Vec<f32> {
        self.encode(tokens, Side::Query)
    }

    /// A document's encoding. Panics for tokens of another dimension.
    #[must_use]
    pub fn document(&self, tokens: VectorsRef<'_>) -> Vec<f32> {
        self.encode(tokens, Side::Document)
    }

    /// The encodings of many documents, on all threads.
    ///
    /// # Errors
    /// When interrupted.
    pub fn documents(&self, documents: MultiRef<'_>, ctx: &Context) -> Result<Vectors, Cancelled> {
        let mut out = Vectors::zeros(documents.len(), self.len());
        ctx.pool().install(|| {
            out.as_mut_slice().par_chunks_mut(self.len()).enumerate().try_for_each(|(d, row)| {
                ctx.check()?;
                row.copy_from_slice(&self.document(documents.item(d)));
                Ok::<_, Cancelled>(())
            })
        })?;
        Ok(out)
    }

    fn encode(&self, tokens: VectorsRef<'_>, side: Side) -> Vec<f32> {
        assert!(tokens.rows() == 0 || tokens.dim() == self.dim, "tokens of {} values, not {}", tokens.dim(), self.dim);
        let columns = self.directions.n();
        let mut products = vec![0.0; tokens.rows() * columns];
        if columns > 0 && tokens.rows() > 0 {
            simd::gemm_packed(tokens.as_slice(), &self.directions, &mut products);
        }
        let mut raw = vec![0.0; self.params.raw_len(self.width)];
        if tokens.rows() > 0 {
            for (r, blocks) in raw.chunks_exact_mut(self.width << self.params.k_sim).enumerate() {
                self.cut(r, Products { tokens, products: &products, columns }, side, blocks);
            }
        }
        if self.sketch.is_empty() {
            return raw;
        }
        let mut out = vec![0.0; self.len()];
        raw.iter().zip(&self.sketch).for_each(|(v, (to, sign))| out[*to as usize] += v * sign);
        out
    }

    /// The blocks of one repetition.
    fn cut(&self, r: usize, from: Products<'_>, side: Side, blocks: &mut [f32]) {
        let k = self.params.k_sim as usize;
        let parts: Vec<u32> = (0..from.tokens.rows())
            .map(|t| from.row(t)[r * k..(r + 1) * k].iter().fold(0, |code, v| code << 1 | u32::from(*v > 0.0)))
            .collect();
        let projected = |t: usize| {
            let first = self.params.repetitions * k + r * self.width;
            if self.width < self.dim { &from.row(t)[first..first + self.width] } else { from.tokens.row(t) }
        };
        let mut counts = vec![0u32; 1 << k];
        for (t, part) in parts.iter().enumerate() {
            counts[*part as usize] += 1;
            simd::axpy(1.0, projected(t), &mut blocks[*part as usize * self.width..][..self.width]);
        }
        if side == Side::Query {
            return;
        }
        for (part, (block, count)) in blocks.chunks_exact_mut(self.width).zip(&counts).enumerate() {
            match count {
                0 if self.params.fill_empty => {
                    let near = (0..parts.len()).min_by_key(|t| (parts[*t] ^ part as u32).count_ones()).unwrap_or(0);
                    block.copy_from_slice(projected(near));
                }
                0 | 1 => {}
                n => block.iter_mut().for_each(|v| *v /= *n as f32),
            }
        }
    }
}

/// Products of tokens with all directions.
#[derive(Clone, Copy)]
struct Products<'a> {
    tokens: VectorsRef<'a>,
    products: &'a [f32],
    columns: usize,
}

impl<'a> Products<'a> {
    fn row(&self, t: usize) -> &'a [f32] {
        &self.products[t * self.columns..(t + 1) * self.columns]
    }
}

/// One standard normal value, by Box and Muller's transform.
fn gaussian(rng: &mut rng::Rng) -> f32 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    (radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()) as f32
}
