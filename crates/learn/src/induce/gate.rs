//! Form and context together: v = a · A u + (1 − a) · form, the gate a = sigmoid(w · [context; form] + b) learned from known words.

use serde::{Deserialize, Serialize};
use vectory_core::{Cancelled, Context, Vectors, simd};

/// How the gate is learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateParams {
    /// Passes (20).
    pub epochs: usize,
    /// AdaGrad's rate (0.1).
    pub lr: f32,
}

impl Default for GateParams {
    fn default() -> Self {
        Self { epochs: 20, lr: 0.1 }
    }
}

/// A learned gate.
#[derive(Clone, Debug)]
pub struct Gate {
    weights: Vec<f32>,
    bias: f32,
}

impl Gate {
    /// Learns from what context and form say of words (rows of three tables, the last the truth).
    ///
    /// # Errors
    /// When interrupted. Panics when the tables have different shapes.
    pub fn fit(
        context: &Vectors,
        form: &Vectors,
        truth: &Vectors,
        params: &GateParams,
        ctx: &Context,
    ) -> Result<Self, Cancelled> {
        assert!(context.rows() == form.rows() && form.rows() == truth.rows(), "a row a word in each table");
        let d = context.dim();
        let (mut gate, mut squares) = (Self { weights: vec![0.0; 2 * d], bias: 0.0 }, vec![1e-2f32; 2 * d + 1]);
        for _ in 0..params.epochs {
            ctx.check()?;
            for i in 0..truth.rows() {
                let slope = gate.slope(context.row(i), form.row(i), truth.row(i));
                let inputs = context.row(i).iter().chain(form.row(i)).copied().chain([1.0]);
                let places = gate.weights.iter_mut().chain([&mut gate.bias]);
                for ((w, s), x) in places.zip(&mut squares).zip(inputs) {
                    let g = slope * x;
                    *s += g * g;
                    *w -= params.lr * g / s.sqrt();
                }
            }
        }
        Ok(gate)
    }

    /// The slope of |v − truth|² / 2 in the gate's input.
    pub(super) fn slope(&self, context: &[f32], form: &[f32], truth: &[f32]) -> f32 {
        let a = self.share(context, form);
        let pull: f32 =
            (0..truth.len()).map(|k| (a * context[k] + (1.0 - a) * form[k] - truth[k]) * (context[k] - form[k])).sum();
        pull * a * (1.0 - a)
    }

    /// How much the context decides, 0 to 1.
    #[must_use]
    pub fn share(&self, context: &[f32], form: &[f32]) -> f32 {
        let d = context.len();
        let x = simd::dot(&self.weights[..d], context) + simd::dot(&self.weights[d..], form) + self.bias;
        1.0 / (1.0 + (-x).exp())
    }

    /// The vector.
    #[must_use]
    pub fn join(&self, context: &[f32], form: &[f32]) -> Vec<f32> {
        let a = self.share(context, form);
        context.iter().zip(form).map(|(c, f)| a * c + (1.0 - a) * f).collect()
    }
}
