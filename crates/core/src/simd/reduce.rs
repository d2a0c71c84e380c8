//! The f32 algorithms, written once over [`Lanes`]; each instruction set instantiates them in its shells.
#![allow(
    unsafe_op_in_unsafe_fn,
    reason = "every function passes on the one contract of `Lanes`; bounds are kept by the loops"
)]

use std::marker::PhantomData;

use super::lanes::{Halves, Lanes};

/// How a pair of lanes adds to a sum.
pub(super) trait Step {
    /// The sum with one more pair.
    unsafe fn step<V: Lanes>(acc: V, a: V, b: V) -> V;
}

/// a · b.
pub(super) struct Dot;
/// (a − b)².
pub(super) struct L2;
/// |a − b|.
pub(super) struct L1;

impl Step for Dot {
    #[inline(always)]
    unsafe fn step<V: Lanes>(acc: V, a: V, b: V) -> V {
        a.mul_add(b, acc)
    }
}
impl Step for L2 {
    #[inline(always)]
    unsafe fn step<V: Lanes>(acc: V, a: V, b: V) -> V {
        let d = a.sub(b);
        d.mul_add(d, acc)
    }
}
impl Step for L1 {
    #[inline(always)]
    unsafe fn step<V: Lanes>(acc: V, a: V, b: V) -> V {
        acc.add(a.sub(b).abs())
    }
}

/// The sum of a step over two equally long slices: four chains, so that latency hides.
#[inline(always)]
pub(super) unsafe fn pair<V: Lanes, S: Step>(a: &[f32], b: &[f32]) -> f32 {
    let (n, a, b) = (a.len(), a.as_ptr(), b.as_ptr());
    let mut acc = [V::zero(); 4];
    let mut i = 0;
    while i + 4 * V::N <= n {
        for (u, s) in acc.iter_mut().enumerate() {
            *s = S::step(*s, V::load(a.add(i + u * V::N)), V::load(b.add(i + u * V::N)));
        }
        i += 4 * V::N;
    }
    if i + 2 * V::N <= n {
        acc[0] = S::step(acc[0], V::load(a.add(i)), V::load(b.add(i)));
        acc[1] = S::step(acc[1], V::load(a.add(i + V::N)), V::load(b.add(i + V::N)));
        i += 2 * V::N;
    }
    if i + V::N <= n {
        acc[2] = S::step(acc[2], V::load(a.add(i)), V::load(b.add(i)));
        i += V::N;
    }
    if i < n {
        acc[3] = S::step(acc[3], V::load_first(a.add(i), n - i), V::load_first(b.add(i), n - i));
    }
    acc[0].add(acc[1]).add(acc[2].add(acc[3])).sum()
}

/// One query against four rows of its length: the query is loaded once.
#[inline(always)]
pub(super) unsafe fn four<V: Lanes, S: Step>(q: &[f32], rows: [*const f32; 4]) -> [f32; 4] {
    let (n, q) = (q.len(), q.as_ptr());
    let mut acc = [[V::zero(); 2]; 4];
    let mut i = 0;
    while i + 2 * V::N <= n {
        let (x, y) = (V::load(q.add(i)), V::load(q.add(i + V::N)));
        for (s, r) in acc.iter_mut().zip(rows) {
            s[0] = S::step(s[0], x, V::load(r.add(i)));
            s[1] = S::step(s[1], y, V::load(r.add(i + V::N)));
        }
        i += 2 * V::N;
    }
    if i + V::N <= n {
        let x = V::load(q.add(i));
        for (s, r) in acc.iter_mut().zip(rows) {
            s[0] = S::step(s[0], x, V::load(r.add(i)));
        }
        i += V::N;
    }
    if i < n {
        let x = V::load_first(q.add(i), n - i);
        for (s, r) in acc.iter_mut().zip(rows) {
            s[1] = S::step(s[1], x, V::load_first(r.add(i), n - i));
        }
    }
    V::sum4([acc[0][0].add(acc[0][1]), acc[1][0].add(acc[1][1]), acc[2][0].add(acc[2][1]), acc[3][0].add(acc[3][1])])
}

/// One query against the rows of `base` that `ids` name; `base` holds rows of the query's length.
#[inline(always)]
pub(super) unsafe fn gather<V: Lanes, S: Step>(q: &[f32], base: &[f32], ids: &[u32], out: &mut [f32]) {
    let d = q.len();
    let row = |id: u32| &base[id as usize * d..][..d];
    let mut chunks = ids.chunks_exact(4);
    let mut o = 0;
    for c in &mut chunks {
        let rows = [row(c[0]).as_ptr(), row(c[1]).as_ptr(), row(c[2]).as_ptr(), row(c[3]).as_ptr()];
        out[o..o + 4].copy_from_slice(&four::<V, S>(q, rows));
        o += 4;
    }
    for id in chunks.remainder() {
        out[o] = pair::<V, S>(q, row(*id));
        o += 1;
    }
}

/// One query against all rows of `base`.
#[inline(always)]
pub(super) unsafe fn rows<V: Lanes, S: Step>(q: &[f32], base: &[f32], out: &mut [f32]) {
    let d = q.len();
    let mut o = 0;
    while o + 4 <= out.len() {
        let p = base[o * d..(o + 4) * d].as_ptr();
        out[o..o + 4].copy_from_slice(&four::<V, S>(q, [p, p.add(d), p.add(2 * d), p.add(3 * d)]));
        o += 4;
    }
    while o < out.len() {
        out[o] = pair::<V, S>(q, &base[o * d..(o + 1) * d]);
        o += 1;
    }
}

/// [a · b, a · a, b · b] in one pass.
#[inline(always)]
pub(super) unsafe fn cosine_parts<V: Lanes>(a: &[f32], b: &[f32]) -> [f32; 3] {
    let (n, a, b) = (a.len(), a.as_ptr(), b.as_ptr());
    let mut acc = [[V::zero(); 3]; 2];
    let mut i = 0;
    while i + 2 * V::N <= n {
        for (u, s) in acc.iter_mut().enumerate() {
            cosine_step(s, V::load(a.add(i + u * V::N)), V::load(b.add(i + u * V::N)));
        }
        i += 2 * V::N;
    }
    if i + V::N <= n {
        cosine_step(&mut acc[0], V::load(a.add(i)), V::load(b.add(i)));
        i += V::N;
    }
    if i < n {
        cosine_step(&mut acc[1], V::load_first(a.add(i), n - i), V::load_first(b.add(i), n - i));
    }
    let [s, t] = acc;
    let [ab, aa, bb, _] = V::sum4([s[0].add(t[0]), s[1].add(t[1]), s[2].add(t[2]), V::zero()]);
    [ab, aa, bb]
}

/// a · b / (|a| |b|); 0 where one of the two is zero.
#[inline(always)]
pub(super) unsafe fn cosine<V: Lanes>(a: &[f32], b: &[f32]) -> f32 {
    let [ab, aa, bb] = cosine_parts::<V>(a, b);
    let squares = aa * bb;
    if squares > 1e-30 && squares < 1e30 {
        return ab / squares.sqrt();
    }
    if aa == 0.0 || bb == 0.0 {
        return 0.0;
    }
    // In f64 the product of two squared norms neither overflows nor vanishes.
    (f64::from(ab) / (f64::from(aa) * f64::from(bb)).sqrt()) as f32
}

#[inline(always)]
unsafe fn cosine_step<V: Lanes>(s: &mut [V; 3], x: V, y: V) {
    s[0] = x.mul_add(y, s[0]);
    s[1] = x.mul_add(x, s[1]);
    s[2] = y.mul_add(y, s[2]);
}

/// y += alpha · x.
#[inline(always)]
pub(super) unsafe fn axpy<V: Lanes>(alpha: f32, x: &[f32], y: &mut [f32]) {
    let (n, x, y, f) = (y.len(), x.as_ptr(), y.as_mut_ptr(), V::splat(alpha));
    let mut i = 0;
    while i + V::N <= n {
        f.mul_add(V::load(x.add(i)), V::load(y.add(i))).store(y.add(i));
        i += V::N;
    }
    if i < n {
        f.mul_add(V::load_first(x.add(i), n - i), V::load_first(y.add(i), n - i)).store_first(y.add(i), n - i);
    }
}

/// x := scale · x; its squared length after that.
#[inline(always)]
pub(super) unsafe fn stretch<V: Lanes>(scale: f32, x: &mut [f32]) -> f32 {
    let (n, x, f) = (x.len(), x.as_mut_ptr(), V::splat(scale));
    let (mut i, mut sum) = (0, V::zero());
    while i + V::N <= n {
        let v = f.mul_add(V::load(x.add(i)), V::zero());
        v.store(x.add(i));
        sum = v.mul_add(v, sum);
        i += V::N;
    }
    if i < n {
        let v = f.mul_add(V::load_first(x.add(i), n - i), V::zero());
        v.store_first(x.add(i), n - i);
        sum = v.mul_add(v, sum);
    }
    sum.sum()
}

/// x := 2 x − y; the largest of them, −∞ of none.
#[inline(always)]
pub(super) unsafe fn twice_less<V: Lanes>(x: &mut [f32], y: &[f32]) -> f32 {
    let (n, at, y) = (x.len(), x.as_mut_ptr(), y.as_ptr());
    let (two, mut top) = (V::splat(2.0), V::splat(f32::NEG_INFINITY));
    let mut i = 0;
    while i + V::N <= n {
        let score = two.mul_add(V::load(at.add(i)), V::zero().sub(V::load(y.add(i))));
        score.store(at.add(i));
        top = top.max(score);
        i += V::N;
    }
    let mut lanes = [f32::NEG_INFINITY; 16];
    top.store(lanes.as_mut_ptr());
    let mut largest = lanes[..V::N].iter().fold(f32::NEG_INFINITY, |m, s| if *s > m { *s } else { m });
    for (i, x) in x.iter_mut().enumerate().skip(i) {
        *x = 2.0 * *x - *y.add(i);
        largest = if *x > largest { *x } else { largest };
    }
    largest
}

/// The first place from `start` whose value is at least `floor`; the length where there is none.
#[inline(always)]
pub(super) unsafe fn position_ge<V: Lanes>(values: &[f32], start: usize, floor: f32) -> usize {
    let (n, f) = (values.len(), V::splat(floor));
    let mut i = start;
    while i + V::N <= n && !V::load(values.as_ptr().add(i)).any_ge(f) {
        i += V::N;
    }
    while i < n {
        if values[i] >= floor {
            return i;
        }
        i += 1;
    }
    n
}

/// The dot product of two slices of 16-bit floats.
#[inline(always)]
pub(super) unsafe fn halves<H: Halves>(a: &[u16], b: &[u16]) -> f32 {
    let (n, a, b) = (a.len(), a.as_ptr(), b.as_ptr());
    let mut acc = [H::Acc::zero(); 4];
    let mut i = 0;
    while i + 4 * H::N <= n {
        for (u, s) in acc.iter_mut().enumerate() {
            *s = H::step(*s, H::load(a.add(i + u * H::N)), H::load(b.add(i + u * H::N)));
        }
        i += 4 * H::N;
    }
    if i + 2 * H::N <= n {
        acc[0] = H::step(acc[0], H::load(a.add(i)), H::load(b.add(i)));
        acc[1] = H::step(acc[1], H::load(a.add(i + H::N)), H::load(b.add(i + H::N)));
        i += 2 * H::N;
    }
    if i + H::N <= n {
        acc[2] = H::step(acc[2], H::load(a.add(i)), H::load(b.add(i)));
        i += H::N;
    }
    if i < n {
        acc[3] = H::step(acc[3], H::load_first(a.add(i), n - i), H::load_first(b.add(i), n - i));
    }
    acc[0].add(acc[1]).add(acc[2].add(acc[3])).sum()
}

/// Half-precision values widened to f32.
pub(super) struct F16<V>(PhantomData<V>);
/// bfloat16 values widened to f32.
pub(super) struct Bf16<V>(PhantomData<V>);

impl<V: Lanes> Halves for F16<V> {
    type V = V;
    type Acc = V;
    const N: usize = V::N;
    #[inline(always)]
    unsafe fn load(p: *const u16) -> V {
        V::load_f16(p)
    }
    #[inline(always)]
    unsafe fn load_first(p: *const u16, n: usize) -> V {
        V::load_f16(padded(p, n).as_ptr())
    }
    #[inline(always)]
    unsafe fn step(acc: V, a: V, b: V) -> V {
        a.mul_add(b, acc)
    }
}

impl<V: Lanes> Halves for Bf16<V> {
    type V = V;
    type Acc = V;
    const N: usize = V::N;
    #[inline(always)]
    unsafe fn load(p: *const u16) -> V {
        V::load_bf16(p)
    }
    #[inline(always)]
    unsafe fn load_first(p: *const u16, n: usize) -> V {
        V::load_bf16(padded(p, n).as_ptr())
    }
    #[inline(always)]
    unsafe fn step(acc: V, a: V, b: V) -> V {
        a.mul_add(b, acc)
    }
}

/// Few values, and zeros up to the longest register.
unsafe fn padded(p: *const u16, n: usize) -> [u16; 16] {
    let mut x = [0u16; 16];
    x[..n].copy_from_slice(std::slice::from_raw_parts(p, n));
    x
}
