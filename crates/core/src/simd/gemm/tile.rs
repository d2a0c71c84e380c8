//! The blocked product, written once: a tile of up to `MR` rows (at most 8) × `NV` registers stays in registers while k runs.
//!
//! The order of blocks follows Goto and van de Geijn 2008: a block of A (packed, L2), a group of B's panels (packed, L2),
//! one panel of A in L1. Every element of C is one chain of fused additions over k, so it does not depend on where in a
//! matrix its row and column stand.
#![allow(
    unsafe_op_in_unsafe_fn,
    reason = "every function passes on the one contract of `Lanes`; `Job` keeps the bounds"
)]

use std::marker::PhantomData;

use super::super::lanes::Lanes;
use super::{B_WORDS, Job, blocks};

/// What a packed word holds, and how two of them multiply.
pub(in crate::simd) trait Unit {
    /// Sums.
    type V: Lanes;
    /// A register of words, made ready to multiply.
    type B: Copy;
    /// `V::N` words.
    unsafe fn load(p: *const f32) -> Self::B;
    /// One word in all places.
    unsafe fn splat(w: f32) -> Self::B;
    /// The sums with one more product.
    unsafe fn step(acc: Self::V, a: Self::B, b: Self::B) -> Self::V;
}

/// One f32 a word.
pub(in crate::simd) struct Single<V>(PhantomData<V>);

impl<V: Lanes> Unit for Single<V> {
    type V = V;
    type B = V;
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
    type V = V;
    type B = (V, V);
    #[inline(always)]
    unsafe fn load(p: *const f32) -> (V, V) {
        V::split_bf16(p.cast())
    }
    #[inline(always)]
    unsafe fn splat(w: f32) -> (V, V) {
        (V::splat(f32::from_bits(w.to_bits() << 16)), V::splat(f32::from_bits(w.to_bits() & 0xffff_0000)))
    }
    #[inline(always)]
    unsafe fn step(acc: V, a: (V, V), b: (V, V)) -> V {
        a.1.mul_add(b.1, a.0.mul_add(b.0, acc))
    }
}

/// Where a tile reads and writes.
#[derive(Clone, Copy)]
struct At {
    len: usize,
    a: *const f32,
    b: *const f32,
    c: *mut f32,
    ldc: usize,
    cols: usize,
    add: bool,
}

/// The whole product of a job.
#[inline(always)]
pub(in crate::simd) unsafe fn run<U: Unit, const MR: usize, const NV: usize>(job: &mut Job<'_>) {
    let width = NV * U::V::N;
    let panels = job.n.div_ceil(width);
    for (k0, len) in blocks(job.words) {
        let group = (B_WORDS / (len * width)).max(1);
        let (a, b) = (job.a.as_ptr().add(k0 * job.m), job.b.as_ptr().add(k0 * panels * width));
        for j0 in (0..panels).step_by(group) {
            for r in (0..job.m).step_by(MR) {
                for j in j0..panels.min(j0 + group) {
                    let at = At {
                        len,
                        a: a.add(r * len),
                        b: b.add(j * len * width),
                        c: job.c.as_mut_ptr().add(r * job.ldc + j * width),
                        ldc: job.ldc,
                        cols: width.min(job.n - j * width),
                        add: k0 > 0,
                    };
                    tile_of_rows::<U, MR, NV>(job.m - r, at);
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn tile_of_rows<U: Unit, const MR: usize, const NV: usize>(rows: usize, at: At) {
    if rows >= MR {
        return tile::<U, MR, NV>(at);
    }
    match rows {
        1 => tile::<U, 1, NV>(at),
        2 => tile::<U, 2, NV>(at),
        3 => tile::<U, 3, NV>(at),
        4 => tile::<U, 4, NV>(at),
        5 => tile::<U, 5, NV>(at),
        6 => tile::<U, 6, NV>(at),
        _ => tile::<U, 7, NV>(at),
    }
}

#[inline(always)]
unsafe fn tile<U: Unit, const MR: usize, const NV: usize>(at: At) {
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
