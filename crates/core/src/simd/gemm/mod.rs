//! Matrix products C = A · Bᵀ of f32, on the calling thread: both operands row-major, as vectors and weights are stored.

pub(super) mod pack;
pub(super) mod tile;

pub use pack::{PackedB, PackedBf16};

use super::table::{Op, kernels};

/// Words of k in a block: a panel of A (8 × 384) then fits L1.
const K_BLOCK: usize = 384;
/// Up to so many rows of A, packing B costs more than it saves.
const FEW: usize = 4;

/// One product: `c = a · bᵀ`.
pub struct GemmNt<'a> {
    /// m × k, row-major.
    pub a: &'a [f32],
    /// n × k, row-major.
    pub b: &'a [f32],
    /// m × n, row-major; overwritten.
    pub c: &'a mut [f32],
    /// Rows of `a`.
    pub m: usize,
    /// Rows of `b`.
    pub n: usize,
    /// Values a row has.
    pub k: usize,
}

/// What the kernels are given; the lengths have been checked.
pub(super) struct Job<'a, W> {
    pub a: &'a [f32],
    pub b: &'a [W],
    pub c: &'a mut [f32],
    pub m: usize,
    pub n: usize,
    pub k: usize,
    pub ldc: usize,
}

/// `c = a · bᵀ`, on one thread; callers parallelise over rows of `a` or `b`. 2 m n k operations.
///
/// Where the same `b` is used again, pack it once: [`gemm_packed`]. Panics when a length does not fit the shape.
pub fn gemm_nt(g: GemmNt<'_>) {
    assert_eq!(g.a.len(), g.m * g.k, "a has {} values, not {} × {}", g.a.len(), g.m, g.k);
    assert_eq!(g.b.len(), g.n * g.k, "b has {} values, not {} × {}", g.b.len(), g.n, g.k);
    assert_eq!(g.c.len(), g.m * g.n, "c has {} values, not {} × {}", g.c.len(), g.m, g.n);
    if g.k == 0 || g.c.is_empty() {
        g.c.fill(0.0);
        return;
    }
    if g.m <= FEW {
        for (row, out) in g.a.chunks_exact(g.k).zip(g.c.chunks_exact_mut(g.n)) {
            super::rows(Op::Dot, row, g.b, out);
        }
        return;
    }
    gemm_packed(g.a, &PackedB::new(g.b, g.n, g.k), g.c);
}

/// `c = a · bᵀ` for a packed `b`: `a` is m × k, `c` m × n, both row-major, m being what `a`'s length says. An element of
/// `c` has the same value wherever its rows stand in `a` and `b`. Panics when a length does not fit.
pub fn gemm_packed(a: &[f32], b: &PackedB, c: &mut [f32]) {
    let Some(mut job) = job(a, (b.words(), b.n(), b.k()), c) else { return };
    // SAFETY: `kernels` are of this CPU, and `job` has checked every length.
    unsafe { (kernels().gemm.f32)(&mut job) }
}

/// [`gemm_packed`] with both operands rounded to bfloat16 and sums in f32: relative error about 2⁻⁸ a factor.
pub fn gemm_packed_bf16(a: &[f32], b: &PackedBf16, c: &mut [f32]) {
    let Some(mut job) = job(a, (b.words(), b.n(), b.k()), c) else { return };
    // SAFETY: as above.
    unsafe { (kernels().gemm.bf16)(&mut job) }
}

/// Checks lengths; `None` where nothing is left to do.
fn job<'a, W>(a: &'a [f32], (b, n, k): (&'a [W], usize, usize), c: &'a mut [f32]) -> Option<Job<'a, W>> {
    if k == 0 || n == 0 {
        c.fill(0.0);
        return None;
    }
    assert_eq!(a.len() % k, 0, "a has {} values, not rows of {k}", a.len());
    let m = a.len() / k;
    assert_eq!(c.len(), m * n, "c has {} values, not {m} × {n}", c.len());
    Some(Job { a, b, c, m, n, k, ldc: n })
}

/// Columns of a panel.
fn width() -> usize {
    kernels().gemm.width
}

/// (first word, words) of each block of k: as few blocks as fit, all about equally long.
fn blocks(words: usize) -> impl Iterator<Item = (usize, usize)> {
    let step = words.div_ceil(words.div_ceil(K_BLOCK).max(1)).max(1);
    (0..words).step_by(step).map(move |k0| (k0, step.min(words - k0)))
}
