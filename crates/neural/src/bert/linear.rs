//! A linear layer: x Wᵀ + b over all tokens of a batch.

use super::LoadError;
use super::weights::Weights;
use crate::matmul::matmul_nt;

/// Weights (an output a row) and bias.
pub(super) struct Linear {
    weights: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
}

impl Linear {
    /// Reads one layer, or several of one shape stacked into one product.
    pub(super) fn read(weights: &Weights, names: &[&str], outputs: usize, inputs: usize) -> Result<Self, LoadError> {
        let mut layer = Self { weights: Vec::new(), bias: Vec::new(), inputs };
        for name in names {
            layer.weights.extend(weights.get(&format!("{name}.weight"), outputs * inputs)?);
            layer.bias.extend(weights.get(&format!("{name}.bias"), outputs)?);
        }
        Ok(layer)
    }

    pub(super) fn forward(&self, x: &[f32], out: &mut [f32]) {
        matmul_nt(x, &self.weights, self.inputs, out);
        for row in out.chunks_exact_mut(self.bias.len()) {
            row.iter_mut().zip(&self.bias).for_each(|(o, b)| *o += b);
        }
    }
}
