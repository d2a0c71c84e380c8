//! A linear layer: x Wᵀ + b over all tokens of a batch.

use vectory_core::simd::{PackedB, PackedBf16, gemm_packed, gemm_packed_bf16};

use super::LoadError;
use super::config::Precision;
use super::weights::Weights;

/// Weights in the order of the kernels, and bias.
pub(super) struct Linear {
    weights: Packed,
    bias: Vec<f32>,
}

enum Packed {
    Single(PackedB),
    Half(PackedBf16),
}

impl Linear {
    /// Reads one layer, or several of one shape stacked into one product.
    pub(super) fn read(weights: &Weights, names: &[&str], outputs: usize, inputs: usize) -> Result<Self, LoadError> {
        let (mut values, mut bias) = (Vec::new(), Vec::new());
        for name in names {
            values.extend(weights.get(&format!("{name}.weight"), outputs * inputs)?);
            bias.extend(weights.get(&format!("{name}.bias"), outputs)?);
        }
        let weights = match weights.precision() {
            Precision::Single => Packed::Single(PackedB::new(&values, bias.len(), inputs)),
            Precision::Half => Packed::Half(PackedBf16::new(&values, bias.len(), inputs)),
        };
        Ok(Self { weights, bias })
    }

    pub(super) fn forward(&self, x: &[f32], out: &mut [f32]) {
        match &self.weights {
            Packed::Single(weights) => gemm_packed(x, weights, out),
            Packed::Half(weights) => gemm_packed_bf16(x, weights, out),
        }
        for row in out.chunks_exact_mut(self.bias.len()) {
            row.iter_mut().zip(&self.bias).for_each(|(o, b)| *o += b);
        }
    }
}
