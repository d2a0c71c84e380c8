//! Layers, what they keep of a forward pass, and their gradients.

use rand::RngExt;
use vectory_core::rng::Rng;
use vectory_core::{Context, Vectors};

use super::product::{product, transposed};

/// Added to a variance before it divides.
const EPSILON: f32 = 1e-5;

/// One layer.
#[derive(Clone, Debug)]
pub enum Layer {
    /// `x Wᵀ + b`.
    Dense {
        /// Outputs × inputs.
        weights: Vectors,
        /// One an output; empty: none.
        bias: Vec<f32>,
    },
    /// Every column to mean 0 and variance 1 over the rows at hand (batch normalisation without memory): for parts that are
    /// dropped after training.
    Norm,
    /// The positive part.
    Relu,
}

impl Layer {
    /// A dense layer with uniform weights of variance 2 / inputs (He and others 2015).
    #[must_use]
    pub fn dense(inputs: usize, outputs: usize, bias: bool, r: &mut Rng) -> Self {
        let bound = (6.0 / inputs.max(1) as f32).sqrt();
        let mut weights = Vectors::zeros(outputs, inputs);
        weights.as_mut_slice().iter_mut().for_each(|w| *w = r.random_range(-bound..bound));
        Self::Dense { weights, bias: vec![0.0; if bias { outputs } else { 0 }] }
    }
}

/// Layers one after another.
#[derive(Clone, Debug, Default)]
pub struct Net {
    /// The first sees the rows.
    pub layers: Vec<Layer>,
}

/// What a forward pass leaves for the way back: of each layer its input (dense) or output.
pub struct Trace(Vec<Kept>);

struct Kept {
    values: Vectors,
    /// Of a norm: what each column was multiplied by.
    scale: Vec<f32>,
}

impl Net {
    /// Dense layers of these widths with rectifiers between them.
    #[must_use]
    pub fn mlp(widths: &[usize], r: &mut Rng) -> Self {
        let mut layers = Vec::new();
        for (i, w) in widths.windows(2).enumerate() {
            if i > 0 {
                layers.push(Layer::Relu);
            }
            layers.push(Layer::dense(w[0], w[1], true, r));
        }
        Self { layers }
    }

    /// What comes out of the first `layers` layers.
    #[must_use]
    pub fn apply_to(&self, x: &Vectors, layers: usize, ctx: &Context) -> Vectors {
        self.layers[..layers].iter().fold(x.clone(), |x, l| l.forward(x, ctx).0)
    }

    /// What comes out.
    #[must_use]
    pub fn apply(&self, x: &Vectors, ctx: &Context) -> Vectors {
        self.apply_to(x, self.layers.len(), ctx)
    }

    /// What comes out, and what [`Net::backward`] needs.
    #[must_use]
    pub fn forward(&self, x: Vectors, ctx: &Context) -> (Vectors, Trace) {
        let (mut x, mut kept) = (x, Vec::with_capacity(self.layers.len()));
        for layer in &self.layers {
            let (y, k) = layer.forward(x, ctx);
            kept.push(k);
            x = y;
        }
        (x, Trace(kept))
    }

    /// From the loss's gradient at the output: that at the input, and that of each parameter in the order of [`Net::parameters`].
    #[must_use]
    pub fn backward(&self, trace: &Trace, gradient: Vectors, ctx: &Context) -> (Vectors, Vec<Vec<f32>>) {
        let (mut g, mut all) = (gradient, Vec::new());
        for (layer, kept) in self.layers.iter().zip(&trace.0).rev() {
            let mut own = Vec::new();
            g = layer.backward(kept, g, &mut own, ctx);
            own.append(&mut all);
            all = own;
        }
        (g, all)
    }

    /// Everything that is trained.
    pub fn parameters(&mut self) -> Vec<&mut [f32]> {
        let mut out = Vec::new();
        for layer in &mut self.layers {
            if let Layer::Dense { weights, bias } = layer {
                out.push(weights.as_mut_slice());
                if !bias.is_empty() {
                    out.push(&mut bias[..]);
                }
            }
        }
        out
    }
}

impl Layer {
    fn forward(&self, x: Vectors, ctx: &Context) -> (Vectors, Kept) {
        match self {
            Self::Dense { weights, bias } => {
                let mut y = product(&x, weights, ctx);
                if !bias.is_empty() {
                    y.as_mut_slice()
                        .chunks_exact_mut(bias.len())
                        .for_each(|r| r.iter_mut().zip(bias).for_each(|(v, b)| *v += b));
                }
                (y, Kept { values: x, scale: Vec::new() })
            }
            Self::Norm => {
                let (y, scale) = normalised(x);
                (y.clone(), Kept { values: y, scale })
            }
            Self::Relu => {
                let mut y = x;
                y.as_mut_slice().iter_mut().for_each(|v| *v = v.max(0.0));
                (y.clone(), Kept { values: y, scale: Vec::new() })
            }
        }
    }

    fn backward(&self, kept: &Kept, mut g: Vectors, own: &mut Vec<Vec<f32>>, ctx: &Context) -> Vectors {
        match self {
            Self::Dense { weights, bias } => {
                own.push(product(&transposed(&g), &transposed(&kept.values), ctx).as_slice().to_vec());
                if !bias.is_empty() {
                    own.push(column_sums(&g, None));
                }
                product(&g, &transposed(weights), ctx)
            }
            Self::Norm => {
                let n = g.rows().max(1) as f32;
                let (mean, along) = (column_sums(&g, None), column_sums(&g, Some(&kept.values)));
                for (row, y) in g.as_mut_slice().chunks_exact_mut(kept.scale.len().max(1)).zip(kept.values.iter()) {
                    for (j, v) in row.iter_mut().enumerate() {
                        *v = kept.scale[j] * (*v - mean[j] / n - y[j] * along[j] / n);
                    }
                }
                g
            }
            Self::Relu => {
                g.as_mut_slice()
                    .iter_mut()
                    .zip(kept.values.as_slice())
                    .for_each(|(g, y)| *g = if *y > 0.0 { *g } else { 0.0 });
                g
            }
        }
    }
}

/// Sums of columns, each value times that of `with`.
fn column_sums(x: &Vectors, with: Option<&Vectors>) -> Vec<f32> {
    let mut sums = vec![0.0f64; x.dim()];
    for (i, row) in x.iter().enumerate() {
        match with {
            None => sums.iter_mut().zip(row).for_each(|(s, v)| *s += f64::from(*v)),
            Some(w) => {
                sums.iter_mut().zip(row).zip(w.row(i)).for_each(|((s, v), w)| *s += f64::from(*v) * f64::from(*w));
            }
        }
    }
    sums.iter().map(|s| *s as f32).collect()
}

/// Columns of mean 0 and variance 1, and what each was multiplied by.
fn normalised(mut x: Vectors) -> (Vectors, Vec<f32>) {
    let (n, dim) = (x.rows().max(1) as f32, x.dim().max(1));
    let mean: Vec<f32> = column_sums(&x, None).iter().map(|s| s / n).collect();
    x.as_mut_slice().chunks_exact_mut(dim).for_each(|r| r.iter_mut().zip(&mean).for_each(|(v, m)| *v -= m));
    let scale: Vec<f32> = column_sums(&x, Some(&x)).iter().map(|s| 1.0 / (s / n + EPSILON).sqrt()).collect();
    x.as_mut_slice().chunks_exact_mut(dim).for_each(|r| r.iter_mut().zip(&scale).for_each(|(v, s)| *v *= s));
    (x, scale)
}
