//! The six kinds of representation, as borrowed views. Dense rows have a module of their own: [`crate::vectors`].

use serde::{Deserialize, Serialize};

use crate::{Metric, VectorsRef};

/// The kinds of representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One row of f32 an item.
    Dense,
    /// A few weighted dimensions of very many.
    Sparse,
    /// A bag of rows an item.
    Multi,
    /// A mean and a variance a dimension.
    Gaussian,
    /// Bits.
    Binary,
    /// Compressed by a codec; only the codec reads it.
    Code,
}

impl Kind {
    /// Whether items of this kind can be compared by `metric`.
    #[must_use]
    pub fn allows(self, metric: Metric) -> bool {
        use Metric as M;
        match self {
            Self::Dense => matches!(metric, M::Dot | M::Cosine | M::L2 | M::L1 | M::Poincare),
            Self::Sparse => matches!(metric, M::Dot | M::Cosine),
            Self::Multi => matches!(metric, M::MaxSim),
            Self::Gaussian => matches!(metric, M::Kl),
            Self::Binary => matches!(metric, M::Hamming | M::Jaccard),
            Self::Code => true,
        }
    }
}

/// A sparse item: dimensions ascending, one weight each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SparseRef<'a> {
    /// Which dimensions, strictly ascending.
    pub dims: &'a [u32],
    /// Their weights.
    pub weights: &'a [f32],
}

impl SparseRef<'_> {
    /// Inner product: a merge of the two lists, O(a + b).
    #[must_use]
    pub fn dot(self, other: SparseRef<'_>) -> f32 {
        let (mut i, mut j, mut sum) = (0, 0, 0.0f32);
        while i < self.dims.len() && j < other.dims.len() {
            match self.dims[i].cmp(&other.dims[j]) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    sum += self.weights[i] * other.weights[j];
                    i += 1;
                    j += 1;
                }
            }
        }
        sum
    }
}

/// Bags of rows: item `i` owns rows `offsets[i]..offsets[i + 1]`.
#[derive(Clone, Copy, Debug)]
pub struct MultiRef<'a> {
    /// One more than the items.
    pub offsets: &'a [u64],
    /// All rows of all items.
    pub rows: VectorsRef<'a>,
}

impl<'a> MultiRef<'a> {
    /// How many items.
    #[must_use]
    pub fn len(self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there is no item.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The rows of item `i`.
    #[must_use]
    pub fn item(self, i: usize) -> VectorsRef<'a> {
        self.rows.slice(self.offsets[i] as usize, self.offsets[i + 1] as usize)
    }
}

/// A diagonal Gaussian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianRef<'a> {
    /// The mean.
    pub mean: &'a [f32],
    /// The variance of each dimension, positive.
    pub variance: &'a [f32],
}

impl GaussianRef<'_> {
    /// KL(self ‖ other), in nats.
    #[must_use]
    pub fn kl(self, other: GaussianRef<'_>) -> f32 {
        let sum: f64 = (0..self.mean.len())
            .map(|i| {
                let (vp, vq) = (f64::from(self.variance[i]), f64::from(other.variance[i]));
                let d = f64::from(self.mean[i]) - f64::from(other.mean[i]);
                (vq / vp).ln() + (vp + d * d) / vq - 1.0
            })
            .sum();
        (sum / 2.0) as f32
    }
}

/// Bits of one item in little-endian words; bits past the dimension are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BinaryRef<'a> {
    /// 64 bits a word.
    pub words: &'a [u64],
}

impl BinaryRef<'_> {
    /// How many bits differ.
    #[must_use]
    pub fn hamming(self, other: BinaryRef<'_>) -> u32 {
        self.words.iter().zip(other.words).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    /// Shared bits over set bits; 1 for two empty sets.
    #[must_use]
    pub fn jaccard(self, other: BinaryRef<'_>) -> f32 {
        let (mut both, mut either) = (0u32, 0u32);
        for (a, b) in self.words.iter().zip(other.words) {
            both += (a & b).count_ones();
            either += (a | b).count_ones();
        }
        if either == 0 { 1.0 } else { both as f32 / either as f32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparse_dot_meets_on_shared_dimensions() {
        let a = SparseRef { dims: &[1, 4, 9], weights: &[1.0, 2.0, 3.0] };
        let b = SparseRef { dims: &[4, 8, 9], weights: &[10.0, 1.0, 1.0] };
        assert_eq!(a.dot(b), 23.0);
    }

    #[test]
    fn kl_is_zero_on_itself_and_positive_elsewhere() {
        let p = GaussianRef { mean: &[0.0, 1.0], variance: &[1.0, 2.0] };
        let q = GaussianRef { mean: &[0.5, 1.0], variance: &[1.0, 1.0] };
        assert_eq!(p.kl(p), 0.0);
        assert!(p.kl(q) > 0.0);
    }

    #[test]
    fn kinds_refuse_foreign_metrics() {
        assert!(Kind::Dense.allows(Metric::Cosine));
        assert!(!Kind::Dense.allows(Metric::Hamming));
        assert!(!Kind::Binary.allows(Metric::L2));
    }
}
