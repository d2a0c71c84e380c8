//! One AdaGrad step on a pair of rows, as learners from counts take it hundreds of millions of times.
#![allow(unsafe_op_in_unsafe_fn, reason = "as in `reduce`: one contract, bounds kept by the loop")]

use super::lanes::Lanes;

/// Two rows and the sums of the squares of their steps, all of one length.
pub struct PairStep<'a> {
    /// The first row.
    pub a: &'a mut [f32],
    /// Its squares, positive.
    pub a_squares: &'a mut [f32],
    /// The second row.
    pub b: &'a mut [f32],
    /// Its squares, positive.
    pub b_squares: &'a mut [f32],
    /// The slope of the loss in what the pair forms, times the learning rate.
    pub slope: f32,
}

/// What the two rows form, so what the slope is passed on along.
pub(super) trait Forms {
    /// The factors of the slope for the first and the second row.
    unsafe fn factors<V: Lanes>(a: V, b: V) -> (V, V);
}

/// a · b.
pub(super) struct Product;
/// |a + b|² / 2.
pub(super) struct Sum;

impl Forms for Product {
    #[inline(always)]
    unsafe fn factors<V: Lanes>(a: V, b: V) -> (V, V) {
        (b, a)
    }
}
impl Forms for Sum {
    #[inline(always)]
    unsafe fn factors<V: Lanes>(a: V, b: V) -> (V, V) {
        let s = a.add(b);
        (s, s)
    }
}

/// `x -= step / sqrt(squares)`, then `squares += step²`, for both rows; `step` is the slope times the row's factor.
#[inline(always)]
pub(super) unsafe fn step<V: Lanes, F: Forms>(p: &mut PairStep<'_>) {
    let n = p.a.len();
    let slope = V::splat(p.slope);
    let (a, ga, b, gb) = (p.a.as_mut_ptr(), p.a_squares.as_mut_ptr(), p.b.as_mut_ptr(), p.b_squares.as_mut_ptr());
    let mut i = 0;
    while i + V::N <= n {
        let (x, y) = (V::load(a.add(i)), V::load(b.add(i)));
        let (fx, fy) = F::factors(x, y);
        let (x, sx) = moved(x, V::load(ga.add(i)), fx, slope);
        let (y, sy) = moved(y, V::load(gb.add(i)), fy, slope);
        x.store(a.add(i));
        sx.store(ga.add(i));
        y.store(b.add(i));
        sy.store(gb.add(i));
        i += V::N;
    }
    if i < n {
        let r = n - i;
        let (x, y) = (V::load_first(a.add(i), r), V::load_first(b.add(i), r));
        let (fx, fy) = F::factors(x, y);
        // Zeros past the end would have no reciprocal root; what comes of them is not stored.
        let (x, sx) = moved(x, V::load_first(ga.add(i), r), fx, slope);
        let (y, sy) = moved(y, V::load_first(gb.add(i), r), fy, slope);
        x.store_first(a.add(i), r);
        sx.store_first(ga.add(i), r);
        y.store_first(b.add(i), r);
        sy.store_first(gb.add(i), r);
    }
}

#[inline(always)]
unsafe fn moved<V: Lanes>(x: V, squares: V, factor: V, slope: V) -> (V, V) {
    let step = slope.mul_add(factor, V::zero());
    let back = V::zero().sub(step);
    (back.mul_add(squares.rsqrt(), x), step.mul_add(step, squares))
}
