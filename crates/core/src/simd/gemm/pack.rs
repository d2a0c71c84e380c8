//! Operands in the order in which tiles read them.
//!
//! For each block of k, for each panel of rows: the rows interleaved word by word. A word is one f32, or two bfloat16
//! carried as one (packing only moves words, so their bits survive).

use super::super::lanes::Lanes;
use super::super::table::kernels;
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
        pack(
            b,
            Shape { rows: n, words: k, width: kernels().gemm.width, pad: true },
            kernels().gemm.pack_b,
            &mut self.words,
        );
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

/// Rows of A, packed: worth it when they meet several packed B.
#[derive(Clone, Debug, Default)]
pub struct PackedA {
    m: usize,
    k: usize,
    words: Vec<f32>,
}

impl PackedA {
    /// Packs row-major rows of `k` values. Panics when the values are not rows of `k`.
    #[must_use]
    pub fn new(a: &[f32], k: usize) -> Self {
        let mut packed = Self::default();
        packed.repack(a, k);
        packed
    }

    /// Packs other rows into the same memory.
    pub fn repack(&mut self, a: &[f32], k: usize) {
        assert_eq!(a.len() % k.max(1), 0, "a has {} values, not rows of {k}", a.len());
        (self.m, self.k) = (a.len() / k.max(1), k);
        pack(
            a,
            Shape { rows: self.m, words: k, width: kernels().gemm.rows, pad: false },
            kernels().gemm.pack_a,
            &mut self.words,
        );
    }

    /// Rows of A: rows of the product.
    #[must_use]
    pub fn m(&self) -> usize {
        self.m
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

/// As [`PackedB`], rounded to bfloat16: half the memory; with AVX-512 BF16 faster.
#[derive(Clone, Debug, Default)]
pub struct PackedBf16 {
    n: usize,
    k: usize,
    words: Vec<f32>,
}

impl PackedBf16 {
    /// Packs `n × k` row-major values. Panics when their number is another.
    #[must_use]
    pub fn new(b: &[f32], n: usize, k: usize) -> Self {
        assert_eq!(b.len(), n * k, "b has {} values, not {n} × {k}", b.len());
        let (mut pairs, mut words) = (Vec::new(), Vec::new());
        to_pairs(b, k, &mut pairs);
        let shape = Shape { rows: n, words: k.div_ceil(2), width: kernels().gemm.width, pad: true };
        pack(&pairs, shape, kernels().gemm.pack_b, &mut words);
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

    pub(super) fn words(&self) -> &[f32] {
        &self.words
    }
}

/// Rows of k values as rows of ⌈k / 2⌉ words of two bfloat16, the first in the low half.
pub(in crate::simd) fn to_pairs(rows: &[f32], k: usize, out: &mut Vec<f32>) {
    out.clear();
    out.reserve(rows.len().div_ceil(2) + rows.len() / k.max(1));
    for row in rows.chunks_exact(k.max(1)) {
        let (pairs, rest) = row.as_chunks::<2>();
        out.extend(pairs.iter().map(|p| f32::from_bits(bf16(p[0]) | bf16(p[1]) << 16)));
        out.extend(rest.iter().map(|v| f32::from_bits(bf16(*v))));
    }
}

/// The bits of the nearest bfloat16, ties to even; without a branch, so that loops over it become vector code.
#[inline(always)]
fn bf16(v: f32) -> u32 {
    let bits = v.to_bits();
    let rounded = (bits.wrapping_add(0x7fff + ((bits >> 16) & 1))) >> 16;
    let quiet_nan = (bits >> 16) | 0x40;
    if bits & 0x7fff_ffff > 0x7f80_0000 { quiet_nan } else { rounded }
}

/// What is packed: `rows × words`, `width` rows a panel; `pad`: whether the last panel is filled up with zeros (tiles have
/// a fixed width in B, but as many rows of A as there are).
#[derive(Clone, Copy)]
pub(in crate::simd) struct Shape {
    pub rows: usize,
    pub words: usize,
    pub width: usize,
    pub pad: bool,
}

/// One panel: some rows of `stride` words each, of which `len` from `first` are interleaved with `width` words a step.
#[derive(Clone, Copy)]
pub(in crate::simd) struct Panel<'a> {
    pub rows: &'a [f32],
    pub stride: usize,
    pub first: usize,
    pub len: usize,
    pub width: usize,
}

/// Packs all panels.
pub(in crate::simd) fn pack(src: &[f32], s: Shape, panel: unsafe fn(Panel<'_>, &mut [f32]), out: &mut Vec<f32>) {
    let padded = if s.pad { s.rows.next_multiple_of(s.width) } else { s.rows };
    if padded != s.rows {
        out.clear();
    }
    out.resize(padded * s.words, 0.0);
    for (first, len) in blocks(s.words) {
        for r in (0..s.rows).step_by(s.width) {
            let width = s.width.min(padded - r);
            let rows = &src[r * s.words..s.rows.min(r + s.width) * s.words];
            let to = &mut out[first * padded + r * len..][..len * width];
            // SAFETY: the caller's kernel is of this CPU, and it stays within `rows` and `to`.
            unsafe { panel(Panel { rows, stride: s.words, first, len, width }, to) };
        }
    }
}

/// Interleaves one panel: squares of registers are transposed, what is left goes word by word.
#[inline(always)]
pub(in crate::simd) unsafe fn interleave<V: Lanes>(p: Panel<'_>, out: &mut [f32]) {
    let rows = p.rows.len() / p.stride;
    debug_assert!(rows <= p.width && out.len() == p.len * p.width && p.first + p.len <= p.stride);
    let (full_rows, full_len) = (rows / V::N * V::N, p.len / V::N * V::N);
    for r in (0..full_rows).step_by(V::N) {
        for w in (0..full_len).step_by(V::N) {
            // SAFETY: N rows from `r` and N words from `w` exist on both sides; the features are the caller's.
            unsafe {
                let from = p.rows.as_ptr().add(r * p.stride + p.first + w);
                V::transpose(from, p.stride, out.as_mut_ptr().add(w * p.width + r), p.width);
            }
        }
    }
    for r in 0..rows {
        let start = if r < full_rows { full_len } else { 0 };
        let row = &p.rows[r * p.stride + p.first..][..p.len];
        for (w, v) in row.iter().enumerate().skip(start) {
            out[w * p.width + r] = *v;
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn rounding_is_that_of_the_half_crate() {
        let edges = [0, 1, 0x7f80_0000, 0x7f80_0001, 0xffc0_0000, 0x3f80_8000, 0x3f81_8000, 0x7f7f_ffff, 0x0000_8000];
        for bits in edges.into_iter().chain((0..100_000).map(|i| crate::rng::mix(i) as u32)) {
            let v = f32::from_bits(bits);
            assert_eq!(super::bf16(v), u32::from(half::bf16::from_f32(v).to_bits()), "{bits:x}");
        }
    }
}
