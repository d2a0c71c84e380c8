//! B in the order in which tiles read it.

use half::bf16;

use super::blocks;

/// Rows of B, packed for this CPU's tiles: worth its O(n · k) when it is multiplied more than a few times.
#[derive(Clone, Debug, Default)]
pub struct PackedB {
    n: usize,
    k: usize,
    words: Vec<f32>,
}

impl PackedB {
    /// Packs `n × k` row-major values (as a linear layer's weights are stored). Panics when their number is another.
    #[must_use]
    pub fn new(b: &[f32], n: usize, k: usize) -> Self {
        let mut packed = Self::default();
        packed.repack(b, n, k);
        packed
    }

    /// Packs other rows into the same memory.
    pub fn repack(&mut self, b: &[f32], n: usize, k: usize) {
        assert_eq!(b.len(), n * k, "b has {} values, not {n} × {k}", b.len());
        (self.n, self.k) = (n, k);
        pack(b, Shape { n, k, per_word: 1, width: super::width() }, &mut self.words, |row, p| row[p]);
    }

    /// Rows of B: columns of the product.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// Values a row has.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    pub(super) fn words(&self) -> &[f32] {
        &self.words
    }
}

/// As [`PackedB`], rounded to bfloat16: half the memory; with AVX-512 BF16 twice the speed.
#[derive(Clone, Debug, Default)]
pub struct PackedBf16 {
    n: usize,
    k: usize,
    words: Vec<u32>,
}

impl PackedBf16 {
    /// Packs `n × k` row-major values. Panics when their number is another.
    #[must_use]
    pub fn new(b: &[f32], n: usize, k: usize) -> Self {
        assert_eq!(b.len(), n * k, "b has {} values, not {n} × {k}", b.len());
        let mut words = Vec::new();
        pack(b, Shape { n, k, per_word: 2, width: super::width() }, &mut words, bf16_pair);
        Self { n, k, words }
    }

    /// Rows of B: columns of the product.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// Values a row has.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    pub(super) fn words(&self) -> &[u32] {
        &self.words
    }
}

/// Values `p` and `p + 1` of a row as bfloat16, the first in the low half.
pub(in crate::simd) fn bf16_pair(row: &[f32], p: usize) -> u32 {
    let half = |i: usize| row.get(i).map_or(0, |v| u32::from(bf16::from_f32(*v).to_bits()));
    half(p) | half(p + 1) << 16
}

/// What is packed: n × k values, `per_word` of them a word, `width` rows a panel.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Shape {
    pub n: usize,
    pub k: usize,
    pub per_word: usize,
    pub width: usize,
}

/// Panels of `width` rows, interleaved word by word; short panels are filled with zeros.
pub(in crate::simd) fn pack<W: Copy + Default>(b: &[f32], shape: Shape, out: &mut Vec<W>, word: impl Fn(&[f32], usize) -> W) {
    let Shape { n, k, per_word, width } = shape;
    let (panels, words) = (n.div_ceil(width), k.div_ceil(per_word));
    out.clear();
    out.resize(panels * width * words, W::default());
    for (k0, len) in blocks(words) {
        for j in 0..panels {
            let panel = &mut out[(k0 * panels + j * len) * width..][..len * width];
            let rows = &b[j * width * k..n.min((j + 1) * width) * k];
            // A cache line of each row at a time: both sides then stay in L1, whatever the stride.
            for p0 in (0..len).step_by(16) {
                for (r, row) in rows.chunks_exact(k.max(1)).enumerate() {
                    for p in p0..len.min(p0 + 16) {
                        panel[p * width + r] = word(row, (k0 + p) * per_word);
                    }
                }
            }
        }
    }
}
