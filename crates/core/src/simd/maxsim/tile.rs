//! The tiles, written once: `MR` document rows meet `NV` registers of query tokens.
#![allow(
    unsafe_op_in_unsafe_fn,
    reason = "every function passes on the one contract of `Lanes`; `Job` keeps the bounds"
)]

use std::marker::PhantomData;

use super::super::fetch::fetch;
use super::super::gemm::tile::Unit;
use super::super::lanes::Lanes;
use super::Job;

/// What a word holds, how sums begin, grow and end.
pub(in crate::simd) trait Words {
    /// Finished sums.
    type V: Lanes;
    /// Growing sums.
    type Acc: Copy;
    /// A register of words.
    type B: Copy;
    /// The beginning of the sums of one panel.
    unsafe fn begin(start: *const i32) -> Self::Acc;
    /// A word for each lane, of the query.
    unsafe fn load(p: *const u32) -> Self::B;
    /// One word of the document in all lanes.
    unsafe fn splat(w: u32) -> Self::B;
    /// The sums with one more word.
    unsafe fn step(acc: Self::Acc, document: Self::B, query: Self::B) -> Self::Acc;
    /// As f32.
    unsafe fn end(acc: Self::Acc) -> Self::V;
}

/// Words of floats, as the matrix products have them.
pub(in crate::simd) struct Floats<U>(PhantomData<U>);

impl<U: Unit> Words for Floats<U> {
    type V = U::V;
    type Acc = U::V;
    type B = U::B;
    #[inline(always)]
    unsafe fn begin(_: *const i32) -> U::V {
        U::V::zero()
    }
    #[inline(always)]
    unsafe fn load(p: *const u32) -> U::B {
        U::load(p.cast())
    }
    #[inline(always)]
    unsafe fn splat(w: u32) -> U::B {
        U::splat(f32::from_bits(w))
    }
    #[inline(always)]
    unsafe fn step(acc: U::V, document: U::B, query: U::B) -> U::V {
        U::step(acc, document, query)
    }
    #[inline(always)]
    unsafe fn end(acc: U::V) -> U::V {
        acc
    }
}

/// Raises `job.best` to the best of the document's rows, two panels at a time.
#[inline(always)]
pub(in crate::simd) unsafe fn run<W: Words, const MR: usize>(job: &mut Job<'_>) {
    let panels = job.best.len() / W::V::N;
    let mut p = 0;
    while p + 2 <= panels {
        columns::<W, MR, 2>(job, p);
        p += 2;
    }
    if p < panels {
        columns::<W, MR, 1>(job, p);
    }
}

/// All rows against the panels from `p`. The last tile reaches back over rows that were met before: a maximum does not
/// mind. Documents of fewer rows than a tile go by smaller ones.
#[inline(always)]
unsafe fn columns<W: Words, const MR: usize, const NV: usize>(job: &mut Job<'_>, p: usize) {
    let out = job.best.as_mut_ptr().add(p * W::V::N);
    let mut best = [W::V::load(out); NV];
    for (v, b) in best.iter_mut().enumerate() {
        *b = W::V::load(out.add(v * W::V::N));
    }
    let mut row = 0;
    if job.n >= MR {
        while row < job.n {
            row = row.min(job.n - MR);
            tile::<W, MR, NV>(job, p, row, &mut best);
            row += MR;
        }
    } else if job.n >= 3 {
        while row < job.n {
            row = row.min(job.n - 3);
            tile::<W, 3, NV>(job, p, row, &mut best);
            row += 3;
        }
    } else {
        for row in 0..job.n {
            tile::<W, 1, NV>(job, p, row, &mut best);
        }
    }
    for (v, b) in best.iter().enumerate() {
        b.store(out.add(v * W::V::N));
    }
}

#[inline(always)]
unsafe fn tile<W: Words, const MR: usize, const NV: usize>(job: &Job<'_>, p: usize, row: usize, best: &mut [W::V; NV]) {
    let (lanes, stride) = (W::V::N, 4 * job.words);
    let rows = job.rows.as_ptr().add(row * stride);
    let panel = job.panels.as_ptr().add(p * lanes * job.words);
    let mut acc = [[W::begin(job.start.as_ptr().add(p * lanes)); NV]; MR];
    for a in &mut acc {
        for (v, s) in a.iter_mut().enumerate().skip(1) {
            *s = W::begin(job.start.as_ptr().add((p + v) * lanes));
        }
    }
    for w in 0..job.words {
        // A tile is a dozen short streams, which the CPU does not foresee; the next one begins where this one ends.
        fetch(rows.wrapping_add(MR * (stride + 4 * w)));
        let mut query = [W::load(panel.add(w * lanes)); NV];
        for (v, q) in query.iter_mut().enumerate().skip(1) {
            *q = W::load(panel.add((v * job.words + w) * lanes));
        }
        for (r, sums) in acc.iter_mut().enumerate() {
            let word = W::splat(rows.add(r * stride + 4 * w).cast::<u32>().read_unaligned());
            for (s, q) in sums.iter_mut().zip(&query) {
                *s = W::step(*s, word, *q);
            }
        }
    }
    let all = job.best.len();
    for (r, sums) in acc.iter().enumerate() {
        let scale = if job.scales.is_empty() { None } else { Some(W::V::splat(*job.scales.get_unchecked(row + r))) };
        for (v, (s, b)) in sums.iter().zip(best.iter_mut()).enumerate() {
            let mut x = W::end(*s);
            let base = match job.base {
                Some(t) => {
                    let at = *t.ids.get_unchecked(row + r) as usize * all + (p + v) * lanes;
                    W::V::load(t.table.as_ptr().add(at))
                }
                None => W::V::zero(),
            };
            if let Some(scale) = scale {
                x = x.mul_add(scale, base);
            } else if job.base.is_some() {
                x = x.add(base);
            }
            *b = b.max(x);
        }
    }
}
