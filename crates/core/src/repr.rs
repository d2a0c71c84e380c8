//! The six kinds of representation, as borrowed views. Dense rows have a module of their own: [`crate::vectors`].

use serde::{Deserialize, Serialize};

use crate::{Metric, Vectors, VectorsRef};

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

/// Bags of rows, owned.
#[derive(Clone)]
pub struct Multi {
    offsets: Vec<u64>,
    rows: Vectors,
}

impl Multi {
    /// Cuts rows into bags of the given lengths; `None` when the lengths are not all of the rows.
    #[must_use]
    pub fn new(lengths: &[u32], rows: Vectors) -> Option<Self> {
        let mut offsets = Vec::with_capacity(lengths.len() + 1);
        offsets.push(0u64);
        let mut end = 0;
        offsets.extend(lengths.iter().map(|l| {
            end += u64::from(*l);
            end
        }));
        (end == rows.rows() as u64).then_some(Self { offsets, rows })
    }

    /// How many items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All rows of all items.
    #[must_use]
    pub fn rows(&self) -> &Vectors {
        &self.rows
    }

    /// How many rows each item has.
    #[must_use]
    pub fn lengths(&self) -> Vec<u32> {
        self.offsets.windows(2).map(|w| (w[1] - w[0]) as u32).collect()
    }

    /// Borrowed.
    #[must_use]
    pub fn view(&self) -> MultiRef<'_> {
        MultiRef { offsets: &self.offsets, rows: self.rows.view() }
    }
}

/// Sparse items, owned: item `i` has the dimensions and weights from `offsets[i]` to `offsets[i + 1]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseSet {
    offsets: Vec<u64>,
    dims: Vec<u32>,
    weights: Vec<f32>,
}

impl SparseSet {
    /// No item yet.
    #[must_use]
    pub fn new() -> Self {
        Self { offsets: vec![0], dims: Vec::new(), weights: Vec::new() }
    }

    /// Appends an item given in any order; a dimension that comes twice counts with the sum of its weights, weights of 0 are
    /// left out.
    pub fn push(&mut self, entries: &mut Vec<(u32, f32)>) {
        entries.sort_by_key(|e| e.0);
        let start = self.dims.len();
        for (dim, weight) in entries.drain(..) {
            if self.dims.len() > start && self.dims.last() == Some(&dim) {
                if let Some(last) = self.weights.last_mut() {
                    *last += weight;
                }
            } else if weight != 0.0 {
                self.dims.push(dim);
                self.weights.push(weight);
            }
        }
        self.offsets.push(self.dims.len() as u64);
    }

    /// How many items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Weights of all items together.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.dims.len()
    }

    /// One more than the largest dimension.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.dims.iter().max().map_or(0, |d| d.saturating_add(1))
    }

    /// Item `i`.
    #[must_use]
    pub fn item(&self, i: usize) -> SparseRef<'_> {
        let range = self.offsets[i] as usize..self.offsets[i + 1] as usize;
        SparseRef { dims: &self.dims[range.clone()], weights: &self.weights[range] }
    }

    /// All items in turn.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SparseRef<'_>> + Clone {
        (0..self.len()).map(|i| self.item(i))
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
    fn bags_are_all_of_the_rows() {
        let rows = Vectors::from_slice(&[1.0, 2.0, 3.0], 1).unwrap();
        let multi = Multi::new(&[2, 0, 1], rows.clone()).unwrap();
        assert_eq!((multi.len(), multi.lengths()), (3, vec![2, 0, 1]));
        assert_eq!(multi.view().item(2).row(0), [3.0]);
        assert!(Multi::new(&[2], rows).is_none());
    }

    #[test]
    fn sparse_items_are_sorted_and_joined() {
        let mut set = SparseSet::new();
        set.push(&mut vec![(9, 1.0), (2, 0.5), (9, 2.0), (4, 0.0)]);
        set.push(&mut Vec::new());
        assert_eq!(set.item(0), SparseRef { dims: &[2, 9], weights: &[0.5, 3.0] });
        assert_eq!((set.len(), set.width(), set.item(1).dims.len()), (2, 10, 0));
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
