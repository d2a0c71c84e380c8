//! Matrix products C = A · Bᵀ of f32, on the calling thread: both operands row-major, as vectors and weights are stored.

pub(super) mod pack;
pub(super) mod tile;

pub use pack::{PackedA, PackedB, PackedBf16};

use super::table::{Op, kernels};

/// Words of k in a block: a panel of A (8 × 384) then fits L1.
const K_BLOCK: usize = 384;
/// Up to so many rows of A, packing B costs more than it saves.
const FEW: usize = 4;
/// Rows of A packed at a time.
const A_ROWS: usize = 72;
/// Words of B packed at a time.
const B_WORDS: usize = 96 * 1024;

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

/// What the kernels are given: packed operands; row `i` of C starts at `c[i * ldc]`. The lengths have been checked.
pub(super) struct Job<'a> {
    pub a: &'a [f32],
    pub b: &'a [f32],
    pub c: &'a mut [f32],
    pub m: usize,
    pub n: usize,
    pub words: usize,
    pub ldc: usize,
}

/// `c = a · bᵀ`, on one thread; callers parallelise over rows of `a` or `b`. 2 m n k operations.
///
/// Where the same `b` is used again, pack it once: [`gemm_packed`]. Panics when a length does not fit the shape.
///
/// ```
/// use vectory_core::simd::{GemmNt, gemm_nt};
/// let mut c = [0.0; 2];
/// gemm_nt(GemmNt { a: &[1.0, 2.0, 3.0], b: &[1.0, 1.0, 1.0, 0.0, 0.0, 2.0], c: &mut c, m: 1, n: 2, k: 3 });
/// assert_eq!(c, [6.0, 6.0]);
/// ```
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
    // B is packed a part at a time, so that it is multiplied while it is still in the cache.
    let width = kernels().gemm.width;
    let step = (B_WORDS / (g.k * width)).max(1) * width;
    let (mut a, mut b) = (PackedA::default(), PackedB::default());
    for (a_rows, c_rows) in g.a.chunks(g.k * 8 * A_ROWS).zip(g.c.chunks_mut(g.n * 8 * A_ROWS)) {
        a.repack(a_rows, g.k);
        for j in (0..g.n).step_by(step) {
            let n = step.min(g.n - j);
            b.repack(&g.b[j * g.k..(j + n) * g.k], n, g.k);
            run(&mut Job { a: a.words(), b: b.words(), c: &mut c_rows[j..], m: a.m(), n, words: g.k, ldc: g.n });
        }
    }
}

/// `c = a · bᵀ` for a packed `b`: `a` is m × k, `c` m × n, both row-major, m being what `a`'s length says. An element of
/// `c` has the same value wherever its rows stand in `a` and `b`. Panics when a length does not fit.
pub fn gemm_packed(a: &[f32], b: &PackedB, c: &mut [f32]) {
    let Some(m) = rows_of(a, b.n(), b.k(), c) else { return };
    let (n, k, mut packed) = (b.n(), b.k(), PackedA::default());
    for (a, c) in a.chunks(k * A_ROWS).zip(c[..m * n].chunks_mut(n * A_ROWS)) {
        packed.repack(a, k);
        run(&mut Job { a: packed.words(), b: b.words(), c, m: packed.m(), n, words: k, ldc: n });
    }
}

/// [`gemm_packed`] where `a` is packed as well.
pub fn gemm_both_packed(a: &PackedA, b: &PackedB, c: &mut [f32]) {
    assert_eq!(a.k(), b.k(), "rows of {} and {} values do not multiply", a.k(), b.k());
    assert_eq!(c.len(), a.m() * b.n(), "c has {} values, not {} × {}", c.len(), a.m(), b.n());
    if a.k() == 0 || c.is_empty() {
        c.fill(0.0);
        return;
    }
    run(&mut Job { a: a.words(), b: b.words(), c, m: a.m(), n: b.n(), words: a.k(), ldc: b.n() });
}

/// [`gemm_packed`] with both operands rounded to bfloat16 and sums in f32: relative error about 2⁻⁸ a factor.
pub fn gemm_packed_bf16(a: &[f32], b: &PackedBf16, c: &mut [f32]) {
    let Some(m) = rows_of(a, b.n(), b.k(), c) else { return };
    let (n, k, words, mut packed) = (b.n(), b.k(), b.k().div_ceil(2), PackedA::default());
    let mut pairs = Vec::new();
    for (a, c) in a.chunks(k * A_ROWS).zip(c[..m * n].chunks_mut(n * A_ROWS)) {
        pack::to_pairs(a, k, &mut pairs);
        packed.repack(&pairs, words);
        let mut job = Job { a: packed.words(), b: b.words(), c, m: packed.m(), n, words, ldc: n };
        // SAFETY: the kernels are of this CPU; `rows_of` and the packed types keep the lengths.
        unsafe { (kernels().gemm.bf16)(&mut job) }
    }
}

fn run(job: &mut Job<'_>) {
    // SAFETY: the kernels are of this CPU; the callers and the packed types keep the lengths.
    unsafe { (kernels().gemm.f32)(job) }
}

/// Rows of `a`; `None` where nothing is left to do.
fn rows_of(a: &[f32], n: usize, k: usize, c: &mut [f32]) -> Option<usize> {
    if k == 0 || n == 0 {
        c.fill(0.0);
        return None;
    }
    assert_eq!(a.len() % k, 0, "a has {} values, not rows of {k}", a.len());
    let m = a.len() / k;
    assert_eq!(c.len(), m * n, "c has {} values, not {m} × {n}", c.len());
    Some(m)
}

/// (first word, words) of each block of k: as few blocks as fit, all about equally long.
fn blocks(words: usize) -> impl Iterator<Item = (usize, usize)> {
    let step = words.div_ceil(words.div_ceil(K_BLOCK).max(1)).max(1);
    (0..words).step_by(step).map(move |k0| (k0, step.min(words - k0)))
}
