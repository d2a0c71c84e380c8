//! What a stored number is worth: the two weightings of an inverted index.

use serde::{Deserialize, Serialize};

use super::params::{Bm25Params, Saturation};

/// How the weights of sparse vectors are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImpactParams {
    /// Bits a weight: 1..=16 (a fraction of the term's largest weight) or 32 (kept exactly, may be negative).
    pub bits: u32,
}

impl Default for ImpactParams {
    fn default() -> Self {
        Self { bits: 8 }
    }
}

impl ImpactParams {
    /// Whether weights are kept as they are.
    pub(crate) fn exact(self) -> bool {
        self.bits == 32
    }

    /// The code of a weight where the term's largest weight is `max`: at least 1, so that what is there stays there.
    pub(crate) fn code(self, weight: f32, max: f32) -> u32 {
        let levels = self.levels();
        ((weight / max * levels).round() as u32).clamp(1, levels as u32)
    }

    /// What one step of a code is worth where the term's largest weight is `max`.
    pub(crate) fn step(self, max: f32) -> f32 {
        max / self.levels()
    }

    fn levels(self) -> f32 {
        ((1u32 << self.bits) - 1) as f32
    }
}

/// What the numbers of an index mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weighting {
    /// Term frequencies, weighed by BM25.
    Bm25(Bm25Params),
    /// Weights that came with the items; a score is the inner product with the query's.
    Impacts(ImpactParams),
}

/// Turns stored numbers of one term into values.
#[derive(Clone, Copy)]
pub(crate) enum Values<'a> {
    /// `tf - 1`, with the norm of each document.
    Saturating { saturation: Saturation, norms: &'a [f32] },
    /// `code - 1` times a step.
    Linear { step: f32 },
    /// The bits of an f32.
    Exact,
}

impl Values<'_> {
    /// The value of one posting, before the query's weight.
    #[inline]
    pub fn value(self, doc: u32, stored: u32) -> f32 {
        match self {
            Values::Saturating { saturation, norms } => {
                let norm = norms.get(doc as usize).copied().unwrap_or(f32::INFINITY);
                saturation.at(stored as f32 + 1.0, norm)
            }
            Values::Linear { step } => (stored as f32 + 1.0) * step,
            Values::Exact => f32::from_bits(stored),
        }
    }
}
