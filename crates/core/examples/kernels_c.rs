//! Loops over our kernels and over those of peers (both by one call through a pointer), and our exact neighbours, as C
//! functions: `benches/kernels.py` and `benches/knn.py` load this library, so that all sides run under the same clock.

#![allow(clippy::missing_safety_doc, reason = "called by the two scripts alone")]

use std::ffi::c_void;
use std::hint::black_box;
use std::slice;

use vectory_core::simd::{self, Op};
use vectory_core::{Context, Metric, VectorsRef, neighbors};

/// What numkong and simsimd export too: two vectors, their length, the result.
type Kernel = unsafe extern "C" fn(*const c_void, *const c_void, usize, *mut c_void);

unsafe fn vector<'a, T>(p: *const c_void, n: usize) -> &'a [T] {
    // SAFETY: the scripts pass arrays of at least `n` values.
    unsafe { slice::from_raw_parts(p.cast(), n) }
}

/// A query and rows that stay in the first caches.
#[repr(C)]
pub struct Work {
    query: *const c_void,
    base: *const c_void,
    rows: usize,
    /// Bytes from row to row.
    stride: usize,
    n: usize,
    rounds: usize,
}

impl Work {
    /// The query and row `r`.
    fn pair<T>(&self, r: usize) -> (&[T], &[T]) {
        // SAFETY: the scripts pass a query of `n` values and `rows` rows of `stride` bytes that hold as many.
        unsafe { (vector(self.query, self.n), vector(self.base.byte_add(r * self.stride), self.n)) }
    }
}

/// One of our kernels on a query and each of the rows, called as any Rust program calls it.
macro_rules! own {
    ($name:ident, $t:ty, $f:expr) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(w: &Work) -> f64 {
            let mut sum = 0.0;
            for _ in 0..w.rounds {
                for r in 0..w.rows {
                    let (a, b) = w.pair::<$t>(r);
                    sum += f64::from($f(black_box(a), black_box(b)) as f32);
                }
            }
            sum
        }
    };
}

own!(vectory_dot, f32, simd::dot);
own!(vectory_l2_sq, f32, simd::l2_sq);
own!(vectory_cosine, f32, simd::cosine);
own!(vectory_dot_f16, half::f16, simd::dot_f16);
own!(vectory_dot_bf16, half::bf16, simd::dot_bf16);
own!(vectory_dot_i8, i8, simd::dot_i8);

/// The same work by a peer's kernel.
#[unsafe(no_mangle)]
unsafe extern "C" fn vectory_peer(w: &Work, kernel: Kernel) -> f64 {
    let mut sum = 0.0;
    for _ in 0..w.rounds {
        for r in 0..w.rows {
            let mut out = 0.0f64;
            // SAFETY: as above, and the script passes kernels of this form.
            unsafe { kernel(w.query, w.base.byte_add(r * w.stride), w.n, (&raw mut out).cast()) };
            sum += out;
        }
    }
    sum
}

/// The same work by our form for one query and many rows, which follow each other without a gap.
#[unsafe(no_mangle)]
unsafe extern "C" fn vectory_rows(w: &Work, op: i32) -> f64 {
    let op = [Op::Dot, Op::L2, Op::L1][op as usize];
    // SAFETY: as above.
    let (query, base) = unsafe { (vector::<f32>(w.query, w.n), vector::<f32>(w.base, w.rows * w.n)) };
    let (mut out, mut sum) = (vec![0.0; w.rows], 0.0);
    for _ in 0..w.rounds {
        simd::rows(op, query, base, &mut out);
        sum += f64::from(out[0]);
    }
    sum
}

/// A context for `vectory_exact`; never freed.
#[unsafe(no_mangle)]
extern "C" fn vectory_context(threads: usize) -> *mut Context {
    Context::new(1, threads).map_or(std::ptr::null_mut(), |c| Box::into_raw(Box::new(c)))
}

/// What `vectory_exact` is given.
#[repr(C)]
pub struct Exact {
    ctx: *const Context,
    base: *const f32,
    n: usize,
    queries: *const f32,
    q: usize,
    dim: usize,
    k: usize,
    metric: i32,
    ids: *mut i64,
}

/// Exact neighbours into a table of q × k ids; 0 when it went well.
#[unsafe(no_mangle)]
unsafe extern "C" fn vectory_exact(e: &Exact) -> i32 {
    // SAFETY: the script passes arrays of these sizes.
    let (ctx, base, queries, ids) = unsafe {
        (
            &*e.ctx,
            slice::from_raw_parts(e.base, e.n * e.dim),
            slice::from_raw_parts(e.queries, e.q * e.dim),
            slice::from_raw_parts_mut(e.ids, e.q * e.k),
        )
    };
    let metric = [Metric::Dot, Metric::L2, Metric::Cosine][e.metric as usize];
    let (Ok(base), Ok(queries)) = (VectorsRef::new(base, e.dim), VectorsRef::new(queries, e.dim)) else { return 1 };
    let Ok(found) = neighbors::exact(base, queries, metric, e.k, ctx) else { return 2 };
    for (row, hits) in ids.chunks_mut(e.k).zip(found) {
        row.iter_mut().zip(hits).for_each(|(i, h)| *i = i64::from(h.id));
    }
    0
}
