//! Kernels over vectors: one algorithm each, compiled for AVX-512, AVX2, NEON and plain scalar code, the best that the
//! CPU has chosen once at run time.
//!
//! All functions are safe and allocate nothing. Slices need no alignment; two slices of one call must be equally long
//! (they panic otherwise, as indexing does). NaN and infinities go through. Sums of f32 are kept in several chains, so
//! they differ in the last bits between instruction sets, never between calls.

mod adagrad;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod bytes;
mod fetch;
mod gemm;
mod lanes;
mod maxsim;
#[cfg(target_arch = "aarch64")]
mod neon;
mod pairs;
mod reduce;
mod scalar;
mod shared;
mod shells;
mod table;
#[cfg(test)]
mod tests;

use half::{bf16, f16};

pub use adagrad::PairStep;
pub use fetch::{fetch, fetch_bytes};
pub use gemm::{GemmNt, PackedA, PackedB, PackedBf16, gemm_both_packed, gemm_nt, gemm_packed, gemm_packed_bf16};
pub use maxsim::{Base, MaxSimQuery, TokenForm, TokenRows};
pub use pairs::Pairs;
pub use shared::SharedCells;
pub use table::Op;
use table::kernels;

/// The instruction set in use: `avx512+vnni`, `avx512`, `avx2`, `neon` or `scalar`.
#[must_use]
pub fn available() -> &'static str {
    kernels().name
}

#[inline]
fn same(a: usize, b: usize) {
    if a != b {
        differ(a, b);
    }
}

#[cold]
fn differ(a: usize, b: usize) -> ! {
    panic!("vectors of {a} and {b} values do not compare")
}

/// Sum of products.
#[must_use]
#[inline]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    pair(Op::Dot, a, b)
}

/// Squared Euclidean distance.
#[must_use]
#[inline]
pub fn l2_sq(a: &[f32], b: &[f32]) -> f32 {
    pair(Op::L2, a, b)
}

/// Manhattan distance.
#[must_use]
#[inline]
pub fn l1(a: &[f32], b: &[f32]) -> f32 {
    pair(Op::L1, a, b)
}

/// Any of the three sums.
#[must_use]
#[inline]
pub fn pair(op: Op, a: &[f32], b: &[f32]) -> f32 {
    same(a.len(), b.len());
    // SAFETY: the kernels are of this CPU; both slices have the same length.
    unsafe { (kernels().f32.pair[op as usize])(a, b) }
}

/// `[a · b, a · a, b · b]` in one pass.
#[must_use]
#[inline]
pub fn cosine_parts(a: &[f32], b: &[f32]) -> [f32; 3] {
    same(a.len(), b.len());
    // SAFETY: as in `pair`.
    unsafe { (kernels().f32.cosine_parts)(a, b) }
}

/// Cosine similarity; 0 where one of the two is zero.
#[must_use]
#[inline]
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    same(a.len(), b.len());
    // SAFETY: as in `pair`.
    unsafe { (kernels().f32.cosine)(a, b) }
}

/// Euclidean length.
#[must_use]
#[inline]
pub fn norm(a: &[f32]) -> f32 {
    dot(a, a).sqrt()
}

/// `y += alpha · x`.
#[inline]
pub fn axpy(alpha: f32, x: &[f32], y: &mut [f32]) {
    same(x.len(), y.len());
    // SAFETY: as in `pair`.
    unsafe { (kernels().f32.axpy)(alpha, x, y) }
}

/// One AdaGrad step on two rows whose product `a · b` is being fitted (GloVe): `a -= s b / sqrt(a_squares)` and the other way
/// round, from the old values of both; then the squares grow by the squares of `s b` and `s a`.
#[inline]
pub fn adagrad_product(mut p: PairStep<'_>) {
    check_step(&p);
    // SAFETY: the kernels are of this CPU; the four slices have the same length.
    unsafe { (kernels().f32.step_product)(&mut p) }
}

/// [`adagrad_product`] where `|a + b|² / 2` is being fitted: both rows step along `a + b`.
#[inline]
pub fn adagrad_sum(mut p: PairStep<'_>) {
    check_step(&p);
    // SAFETY: as in `adagrad_product`.
    unsafe { (kernels().f32.step_sum)(&mut p) }
}

#[inline]
fn check_step(p: &PairStep<'_>) {
    same(p.a.len(), p.b.len());
    same(p.a.len(), p.a_squares.len());
    same(p.b.len(), p.b_squares.len());
}

/// `x := scale · x`; gives the squared length that it has then.
#[inline]
pub fn stretch(scale: f32, x: &mut [f32]) -> f32 {
    // SAFETY: the kernels are of this CPU and stay within the slice.
    unsafe { (kernels().f32.stretch)(scale, x) }
}

/// `x := 2 x − y` in every place, as squared distances need of products; the largest of them, −∞ where there is none.
#[inline]
pub fn twice_less(x: &mut [f32], y: &[f32]) -> f32 {
    same(x.len(), y.len());
    // SAFETY: the kernels are of this CPU; the slices have the same length.
    unsafe { (kernels().f32.twice_less)(x, y) }
}

/// The first place from `start` on whose value is at least `floor` (NaN never is); `None` where there is none.
#[must_use]
#[inline]
pub fn position_ge(values: &[f32], start: usize, floor: f32) -> Option<usize> {
    // SAFETY: the kernels are of this CPU and stay within the slice.
    let at = unsafe { (kernels().f32.position_ge)(values, start, floor) };
    (at < values.len()).then_some(at)
}

/// One query against each row of `base` (rows of the query's length, as many as `out` has places): four rows at a time.
pub fn rows(op: Op, query: &[f32], base: &[f32], out: &mut [f32]) {
    same(query.len() * out.len(), base.len());
    // SAFETY: the kernels are of this CPU; `base` holds `out.len()` rows.
    unsafe { (kernels().f32.rows[op as usize])(query, base, out) }
}

/// One query against the rows of `base` that `ids` name. Panics at an id past the end.
pub fn rows_at(op: Op, query: &[f32], base: &[f32], ids: &[u32], out: &mut [f32]) {
    same(ids.len(), out.len());
    // SAFETY: the kernels are of this CPU; each row is bounds-checked where it is met.
    unsafe { (kernels().f32.at[op as usize])(query, base, ids, out) }
}

/// `e[i, j] = a_i · b_j` for the rows that the ids name. Panics at an id past the end or a wrong length of `e`.
pub fn products(mut p: Pairs<'_>) {
    p.check();
    // SAFETY: the kernels are of this CPU; `check` keeps every id within its rows.
    unsafe { (kernels().f32.products)(&mut p) }
}

/// A step of both sides along the gradient of their products: `a_i += Σ_j e[i, j] b_j` and `b_j += Σ_i e[i, j] a_i`, with
/// the values from before the call; where there are more than eight ids of `b`, the next eight see what the first did to `a`. Panics
/// as [`products`].
pub fn exchange(mut p: Pairs<'_>) {
    p.check();
    // SAFETY: as in `products`.
    unsafe { (kernels().f32.exchange)(&mut p) }
}

/// `out := row`, which other threads may change meanwhile. Panics at an id past the end or where `out` has not two values for each cell.
#[inline]
pub fn shared_read(rows: &SharedCells<'_>, id: u32, out: &mut [f32]) {
    rows.check(&[id], out.len());
    // SAFETY: as in `shared_sum`.
    unsafe { (kernels().f32.shared_read)(rows, id, out) }
}

/// `row += scale · Σ (new − old)`, while other threads may do the same; without `old`, the row as it is now stands for it. Panics as
/// [`shared_read`].
#[inline]
pub fn shared_add(rows: &SharedCells<'_>, id: u32, scale: f32, old: Option<&[f32]>, news: &[&[f32]]) {
    old.iter().chain(news).for_each(|row| rows.check(&[id], row.len()));
    // SAFETY: as in `shared_sum`.
    unsafe { (kernels().f32.shared_add)(rows, id, scale, old, news) }
}

/// `out += scale · Σ rows` over the rows that `ids` name, which other threads may change meanwhile. Panics at an id past the end or where
/// `out` has not two values for each cell.
#[inline]
pub fn shared_sum(rows: &SharedCells<'_>, ids: &[u32], scale: f32, out: &mut [f32]) {
    rows.check(ids, out.len());
    // SAFETY: the kernels are of this CPU; `check` keeps the ids within the table.
    unsafe { (kernels().f32.shared_sum)(rows, ids, scale, out) }
}

/// `row += scale · change` for the rows that `ids` name, while other threads may do the same. Panics as [`shared_sum`].
#[inline]
pub fn shared_step(rows: &SharedCells<'_>, ids: &[u32], scale: f32, change: &[f32]) {
    rows.check(ids, change.len());
    // SAFETY: as in `shared_sum`.
    unsafe { (kernels().f32.shared_step)(rows, ids, scale, change) }
}

/// Sum of products of signed bytes; exact up to 131,000 values.
#[must_use]
#[inline]
pub fn dot_i8(a: &[i8], b: &[i8]) -> i32 {
    same(a.len(), b.len());
    // SAFETY: as in `pair`.
    unsafe { (kernels().bytes.i8_i8)(bytemuck::cast_slice(a), bytemuck::cast_slice(b)) }
}

/// Sum of products of unsigned bytes; exact up to 33,000 values.
#[must_use]
#[inline]
pub fn dot_u8(a: &[u8], b: &[u8]) -> i32 {
    same(a.len(), b.len());
    // SAFETY: as in `pair`.
    unsafe { (kernels().bytes.u8_u8)(a, b) }
}

/// Sum of products of unsigned and signed bytes; exact up to 65,000 values.
#[must_use]
#[inline]
pub fn dot_u8_i8(a: &[u8], b: &[i8]) -> i32 {
    same(a.len(), b.len());
    // SAFETY: as in `pair`.
    unsafe { (kernels().bytes.u8_i8)(a, bytemuck::cast_slice(b)) }
}

/// Sum of products of half-precision values, added in f32.
#[must_use]
#[inline]
pub fn dot_f16(a: &[f16], b: &[f16]) -> f32 {
    same(a.len(), b.len());
    // SAFETY: as in `pair`.
    unsafe { (kernels().f16)(bytemuck::cast_slice(a), bytemuck::cast_slice(b)) }
}

/// Sum of products of bfloat16 values, added in f32.
#[must_use]
#[inline]
pub fn dot_bf16(a: &[bf16], b: &[bf16]) -> f32 {
    same(a.len(), b.len());
    // SAFETY: as in `pair`.
    unsafe { (kernels().bf16)(bytemuck::cast_slice(a), bytemuck::cast_slice(b)) }
}

/// How many bits differ.
#[must_use]
#[inline]
pub fn hamming(a: &[u64], b: &[u64]) -> u32 {
    same(a.len(), b.len());
    // SAFETY: as in `pair`.
    unsafe { (kernels().bits.xor)(a, b) as u32 }
}

/// How many bits are set in both.
#[must_use]
#[inline]
pub fn and_popcount(a: &[u64], b: &[u64]) -> u32 {
    same(a.len(), b.len());
    // SAFETY: as in `pair`.
    unsafe { (kernels().bits.and)(a, b) as u32 }
}
