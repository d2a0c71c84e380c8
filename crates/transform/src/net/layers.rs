//! Layers, what they keep of a forward pass, and their gradients.

use rand::RngExt;
use vectory_core::rng::Rng;
use vectory_core::{Context, Vectors};

use super::product::{multiplied, transposed};

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
    /// x / (1 + e^-x): smooth.
    Silu,
    /// Silences this share of the values at random and scales the others up, in [`Net::forward_dropout`] only.
    Dropout(f32),
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
    /// Dense layers of these widths (inputs, hidden …, outputs), with the layers `between` after each but the last.
    #[must_use]
    pub fn mlp(widths: &[usize], between: &[Layer], r: &mut Rng) -> Self {
        let mut layers = Vec::new();
        for (i, w) in widths.windows(2).enumerate() {
            if i > 0 {
                layers.extend_from_slice(between);
            }
            layers.push(Layer::dense(w[0], w[1], true, r));
        }
        Self { layers }
    }

    /// What comes out of the first `layers` layers.
    #[must_use]
    pub fn apply_to(&self, x: &Vectors, layers: usize, ctx: &Context) -> Vectors {
        self.layers[..layers].iter().fold(x.clone(), |x, l| l.forward(x, None, Some(ctx)).0)
    }

    /// What comes out.
    #[must_use]
    pub fn apply(&self, x: &Vectors, ctx: &Context) -> Vectors {
        self.apply_to(x, self.layers.len(), ctx)
    }

    /// What comes out of a few rows, on the calling thread.
    ///
    /// # Panics
    /// When the values are not rows of `dim`.
    #[must_use]
    pub fn apply_here(&self, values: &[f32], dim: usize) -> Vectors {
        self.layers.iter().fold(table(values, dim), |x, l| l.forward(x, None, None).0)
    }

    /// What comes out, and what [`Net::backward`] needs.
    #[must_use]
    pub fn forward(&self, x: Vectors, ctx: &Context) -> (Vectors, Trace) {
        self.run(x, None, ctx)
    }

    /// The same with values silenced at random where there are [`Layer::Dropout`]: for training, and for Monte Carlo estimates.
    #[must_use]
    pub fn forward_dropout(&self, x: Vectors, r: &mut Rng, ctx: &Context) -> (Vectors, Trace) {
        self.run(x, Some(r), ctx)
    }

    fn run(&self, x: Vectors, mut r: Option<&mut Rng>, ctx: &Context) -> (Vectors, Trace) {
        let (mut x, mut kept) = (x, Vec::with_capacity(self.layers.len()));
        for layer in &self.layers {
            let (y, k) = layer.forward(x, r.as_deref_mut(), Some(ctx));
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

    /// All parameters one after another, in the order of [`Net::parameters`].
    #[must_use]
    pub fn flat(&self) -> Vec<f32> {
        let mut out = Vec::new();
        for layer in &self.layers {
            if let Layer::Dense { weights, bias } = layer {
                out.extend_from_slice(weights.as_slice());
                out.extend_from_slice(bias);
            }
        }
        out
    }

    /// Takes what [`Net::flat`] gave.
    ///
    /// # Panics
    /// When there are not as many values as parameters.
    pub fn set_flat(&mut self, values: &[f32]) {
        let mut rest = values;
        for p in self.parameters() {
            let (own, others) = rest.split_at(p.len());
            p.copy_from_slice(own);
            rest = others;
        }
        assert!(rest.is_empty(), "as many values as parameters");
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
    fn forward(&self, x: Vectors, r: Option<&mut Rng>, ctx: Option<&Context>) -> (Vectors, Kept) {
        let plain = |values| Kept { values, scale: Vec::new() };
        match self {
            Self::Dense { weights, bias } => {
                let mut y = multiplied(&x, weights, ctx);
                if !bias.is_empty() {
                    y.as_mut_slice()
                        .chunks_exact_mut(bias.len())
                        .for_each(|r| r.iter_mut().zip(bias).for_each(|(v, b)| *v += b));
                }
                (y, plain(x))
            }
            Self::Norm => {
                let (y, scale) = normalised(x);
                (y.clone(), Kept { values: y, scale })
            }
            Self::Relu => {
                let mut y = x;
                y.as_mut_slice().iter_mut().for_each(|v| *v = v.max(0.0));
                (y.clone(), plain(y))
            }
            Self::Silu => {
                let mut y = x.clone();
                y.as_mut_slice().iter_mut().for_each(|v| *v /= 1.0 + (-*v).exp());
                (y, plain(x))
            }
            Self::Dropout(share) => match r {
                None => (x, plain(Vectors::zeros(0, 0))),
                Some(r) => {
                    let (mut y, mut mask, scale) = (x.clone(), x, 1.0 / (1.0 - share));
                    let draw = |m: &mut f32| *m = if r.random::<f32>() < *share { 0.0 } else { scale };
                    mask.as_mut_slice().iter_mut().for_each(draw);
                    times(&mut y, &mask);
                    (y, plain(mask))
                }
            },
        }
    }

    fn backward(&self, kept: &Kept, mut g: Vectors, own: &mut Vec<Vec<f32>>, ctx: &Context) -> Vectors {
        match self {
            Self::Dense { weights, bias } => {
                own.push(multiplied(&transposed(&g), &transposed(&kept.values), Some(ctx)).as_slice().to_vec());
                if !bias.is_empty() {
                    own.push(column_sums(&g, None));
                }
                return multiplied(&g, &transposed(weights), Some(ctx));
            }
            Self::Norm => {
                let n = g.rows().max(1) as f32;
                let (mean, along) = (column_sums(&g, None), column_sums(&g, Some(&kept.values)));
                for (row, y) in g.as_mut_slice().chunks_exact_mut(kept.scale.len().max(1)).zip(kept.values.iter()) {
                    for (j, v) in row.iter_mut().enumerate() {
                        *v = kept.scale[j] * (*v - mean[j] / n - y[j] * along[j] / n);
                    }
                }
            }
            Self::Relu => {
                let pairs = g.as_mut_slice().iter_mut().zip(kept.values.as_slice());
                pairs.for_each(|(g, y)| *g = if *y > 0.0 { *g } else { 0.0 });
            }
            Self::Silu => {
                let pairs = g.as_mut_slice().iter_mut().zip(kept.values.as_slice());
                pairs.for_each(|(g, x)| {
                    let s = 1.0 / (1.0 + (-x).exp());
                    *g *= s * (1.0 + x * (1.0 - s));
                });
            }
            Self::Dropout(_) if kept.values.is_empty() => {}
            Self::Dropout(_) => times(&mut g, &kept.values),
        }
        g
    }
}

/// Each value times its like.
fn times(x: &mut Vectors, by: &Vectors) {
    x.as_mut_slice().iter_mut().zip(by.as_slice()).for_each(|(x, m)| *x *= m);
}

/// Values as rows of `dim`.
///
/// # Panics
/// When they are none.
#[must_use]
pub fn table(values: &[f32], dim: usize) -> Vectors {
    let mut out = Vectors::zeros(values.len() / dim.max(1), dim);
    out.as_mut_slice().copy_from_slice(values);
    out
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
