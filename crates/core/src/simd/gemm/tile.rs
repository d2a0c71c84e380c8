//! The blocked product, written once: a tile of up to 8 rows × `NV` registers stays in registers while k runs.
//!
//! The order of blocks follows Goto and van de Geijn 2008: a block of A (packed, L2), a group of B's panels (packed, L2),
//! one panel of A in L1. Every element of C is one chain of fused additions over k, so it does not depend on where in a
//! matrix its row and column stand.
#![allow(unsafe_op_in_unsafe_fn, reason = "every function passes on the one contract of `Lanes`; `Job` keeps the bounds")]

use std::marker::PhantomData;

use super::super::lanes::Lanes;
use super::{Job, blocks};

/// Rows of a tile.
pub(super) const ROWS: usize = 8;
/// Rows of A packed at a time.
const A_ROWS: usize = 72;
/// Words of B that a group of panels may have: half of a small L2 cache.
const B_WORDS: usize = 96 * 1024;

/// What a packed word holds, and how two of them multiply.
pub(in crate::simd) trait Unit {
    type Word: Copy;
    type V: Lanes;
    type B: Copy;
    /// Values of k in a word.
    const PER_WORD: usize;
    /// The word of a row at value `p`; past the row's end it counts as zero.
    fn word(row: &[f32], p: usize) -> Self::Word;
    unsafe fn load(p: *const Self::Word) -> Self::B;
    unsafe fn splat(w: Self::Word) -> Self::B;
    unsafe fn step(acc: Self::V, a: Self::B, b: Self::B) -> Self::V;
}

/// One f32 a word.
pub(in crate::simd) struct Single<V>(PhantomData<V>);

impl<V: Lanes> Unit for Single<V> {
    type Word = f32;
    type V = V;
    type B = V;
    const PER_WORD: usize = 1;
    #[inline(always)]
    fn word(row: &[f32], p: usize) -> f32 {
        row[p]
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> V {
        V::load(p)
    }
    #[inline(always)]
    unsafe fn splat(w: f32) -> V {
        V::splat(w)
    }
    #[inline(always)]
    unsafe fn step(acc: V, a: V, b: V) -> V {
        a.mul_add(b, acc)
    }
}

/// Two bfloat16 a word, widened before they are multiplied: for CPUs without an instruction for it.
pub(in crate::simd) struct Split<V>(PhantomData<V>);

impl<V: Lanes> Unit for Split<V> {
    type Word = u32;
    type V = V;
    type B = (V, V);
    const PER_WORD: usize = 2;
    #[inline(always)]
    fn word(row: &[f32], p: usize) -> u32 {
        super::pack::bf16_pair(row, p)
    }
    #[inline(always)]
    unsafe fn load(p: *const u32) -> (V, V) {
        V::split_bf16(p)
    }
    #[inline(always)]
    unsafe fn splat(w: u32) -> (V, V) {
        (V::splat(f32::from_bits(w << 16)), V::splat(f32::from_bits(w & 0xffff_0000)))
    }
    #[inline(always)]
    unsafe fn step(acc: V, a: (V, V), b: (V, V)) -> V {
        a.1.mul_add(b.1, a.0.mul_add(b.0, acc))
    }
}

/// Where a tile reads and writes.
#[derive(Clone, Copy)]
struct At<W> {
    len: usize,
    a: *const W,
    b: *const W,
    c: *mut f32,
    ldc: usize,
    cols: usize,
    add: bool,
}

/// The whole product of a job.
#[inline(always)]
pub(in crate::simd) unsafe fn run<U: Unit, const NV: usize>(job: &mut Job<'_, U::Word>) {
    let width = NV * U::V::N;
    let panels = job.n.div_ceil(width);
    let mut scratch = Vec::new();
    for (k0, len) in blocks(job.k.div_ceil(U::PER_WORD)) {
        let group = (B_WORDS / (len * width)).max(1);
        for i0 in (0..job.m).step_by(A_ROWS) {
            let rows = A_ROWS.min(job.m - i0);
            pack_a::<U>(job, (i0, rows), (k0, len), &mut scratch);
            for j0 in (0..panels).step_by(group) {
                for r0 in (0..rows).step_by(ROWS) {
                    for j in j0..panels.min(j0 + group) {
                        let at = At {
                            len,
                            a: scratch.as_ptr().add(r0 * len),
                            b: job.b.as_ptr().add((k0 * panels + j * len) * width),
                            c: job.c.as_mut_ptr().add((i0 + r0) * job.ldc + j * width),
                            ldc: job.ldc,
                            cols: width.min(job.n - j * width),
                            add: k0 > 0,
                        };
                        tile_of_rows::<U, NV>(rows - r0, at);
                    }
                }
            }
        }
    }
}

/// Interleaves `ROWS` rows at a time, word by word; the last panel is as narrow as its rows.
#[inline(always)]
fn pack_a<U: Unit>(job: &Job<'_, U::Word>, rows: (usize, usize), words: (usize, usize), out: &mut Vec<U::Word>) {
    out.clear();
    out.reserve(rows.1 * words.1);
    for r0 in (0..rows.1).step_by(ROWS) {
        let panel = ROWS.min(rows.1 - r0);
        let first = (rows.0 + r0) * job.k;
        let a = &job.a[first..first + panel * job.k];
        for w in words.0..words.0 + words.1 {
            out.extend((0..panel).map(|r| U::word(&a[r * job.k..(r + 1) * job.k], w * U::PER_WORD)));
        }
    }
}

#[inline(always)]
unsafe fn tile_of_rows<U: Unit, const NV: usize>(rows: usize, at: At<U::Word>) {
    match rows {
        1 => tile::<U, 1, NV>(at),
        2 => tile::<U, 2, NV>(at),
        3 => tile::<U, 3, NV>(at),
        4 => tile::<U, 4, NV>(at),
        5 => tile::<U, 5, NV>(at),
        6 => tile::<U, 6, NV>(at),
        7 => tile::<U, 7, NV>(at),
        _ => tile::<U, ROWS, NV>(at),
    }
}

#[inline(always)]
unsafe fn tile<U: Unit, const MR: usize, const NV: usize>(at: At<U::Word>) {
    let lanes = U::V::N;
    let mut acc = [[U::V::zero(); NV]; MR];
    for p in 0..at.len {
        let (a, b) = (at.a.add(p * MR), at.b.add(p * NV * lanes));
        let mut row = [U::load(b); NV];
        for (v, x) in row.iter_mut().enumerate().skip(1) {
            *x = U::load(b.add(v * lanes));
        }
        for (r, s) in acc.iter_mut().enumerate() {
            let x = U::splat(*a.add(r));
            for (t, y) in s.iter_mut().zip(&row) {
                *t = U::step(*t, x, *y);
            }
        }
    }
    for (r, s) in acc.iter().enumerate() {
        for (v, x) in s.iter().enumerate() {
            let c = at.c.add(r * at.ldc + v * lanes);
            write::<U::V>(*x, c, at.cols.saturating_sub(v * lanes), at.add);
        }
    }
}

/// Writes (or adds) the first `cols` lanes.
#[inline(always)]
unsafe fn write<V: Lanes>(x: V, c: *mut f32, cols: usize, add: bool) {
    if cols >= V::N {
        let x = if add { x.add(V::load(c)) } else { x };
        x.store(c);
    } else if cols > 0 {
        let x = if add { x.add(V::load_first(c, cols)) } else { x };
        x.store_first(c, cols);
    }
}
