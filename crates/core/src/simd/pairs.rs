//! Few rows against few rows, both named by ids: the inner loop of learners that sample (a small matrix product, and the step
//! along its gradient).
#![allow(
    unsafe_op_in_unsafe_fn,
    reason = "every function passes on the one contract of `Lanes`; the caller checks the ids"
)]

use super::lanes::Lanes;
use super::reduce::{Dot, gather};

/// Rows of B that one pass holds in registers.
const TILE: usize = 8;

/// Rows of `a` and of `b`, `dim` values each, that meet; `e` has a value for each pair, a row for each id of `a`.
pub struct Pairs<'a> {
    /// Rows.
    pub a: &'a mut [f32],
    /// Which rows of `a`; they may repeat.
    pub a_ids: &'a [u32],
    /// Rows.
    pub b: &'a mut [f32],
    /// Which rows of `b`; in [`exchange`](super::exchange) a repeated one loses updates.
    pub b_ids: &'a [u32],
    /// `a_ids.len() × b_ids.len()` values.
    pub e: &'a mut [f32],
    /// Values a row has.
    pub dim: usize,
}

impl Pairs<'_> {
    /// Panics where a kernel would leave the slices.
    pub(super) fn check(&self) {
        let fits = |ids: &[u32], len: usize| {
            let most = ids.iter().fold(0, |m, i| m.max(*i as usize + 1));
            most.checked_mul(self.dim).is_some_and(|n| n <= len)
        };
        assert!(fits(self.a_ids, self.a.len()), "an id of a is beyond {} values", self.a.len());
        assert!(fits(self.b_ids, self.b.len()), "an id of b is beyond {} values", self.b.len());
        assert_eq!(self.e.len(), self.a_ids.len() * self.b_ids.len(), "a value for each pair");
    }
}

/// `e[i, j] = a_i · b_j`.
#[inline(always)]
pub(super) unsafe fn products<V: Lanes>(p: &mut Pairs<'_>) {
    for (i, row) in p.a_ids.iter().zip(p.e.chunks_exact_mut(p.b_ids.len().max(1))) {
        gather::<V, Dot>(&p.a[*i as usize * p.dim..][..p.dim], p.b, p.b_ids, row);
    }
}

/// `a_i += Σ e[i, j] b_j` and `b_j += Σ e[i, j] a_i`.
#[inline(always)]
pub(super) unsafe fn exchange<V: Lanes>(p: &mut Pairs<'_>) {
    let n = p.b_ids.len();
    let mut j = 0;
    while j < n {
        match n - j {
            1 => tile::<V, 1>(p, j),
            2 => tile::<V, 2>(p, j),
            3 => tile::<V, 3>(p, j),
            4 => tile::<V, 4>(p, j),
            5 => tile::<V, 5>(p, j),
            6 => tile::<V, 6>(p, j),
            7 => tile::<V, 7>(p, j),
            _ => tile::<V, TILE>(p, j),
        }
        j += TILE;
    }
}

#[inline(always)]
unsafe fn tile<V: Lanes, const B: usize>(p: &mut Pairs<'_>, j: usize) {
    let mut rows = [p.b.as_mut_ptr(); B];
    for (r, id) in rows.iter_mut().zip(&p.b_ids[j..j + B]) {
        *r = r.add(*id as usize * p.dim);
    }
    let mut c = 0;
    while c + V::N <= p.dim {
        column::<V, B, true>(p, &rows, j, c);
        c += V::N;
    }
    if c < p.dim {
        column::<V, B, false>(p, &rows, j, c);
    }
}

/// One register's width of all rows; the last one may not be `FULL`.
#[inline(always)]
unsafe fn column<V: Lanes, const B: usize, const FULL: bool>(
    p: &mut Pairs<'_>,
    rows: &[*mut f32; B],
    j: usize,
    c: usize,
) {
    let (n, left, a) = (p.b_ids.len(), p.dim - c, p.a.as_mut_ptr());
    let (mut old, mut new) = ([V::zero(); B], [V::zero(); B]);
    for u in 0..B {
        old[u] = load::<V, FULL>(rows[u].add(c), left);
        new[u] = old[u];
    }
    for (i, id) in p.a_ids.iter().enumerate() {
        let at = a.add(*id as usize * p.dim + c);
        let x = load::<V, FULL>(at, left);
        let mut y = x;
        let e = p.e.as_ptr().add(i * n + j);
        for u in 0..B {
            let g = V::splat(*e.add(u));
            y = g.mul_add(old[u], y);
            new[u] = g.mul_add(x, new[u]);
        }
        store::<V, FULL>(y, at, left);
    }
    for u in 0..B {
        store::<V, FULL>(new[u], rows[u].add(c), left);
    }
}

#[inline(always)]
unsafe fn load<V: Lanes, const FULL: bool>(p: *const f32, left: usize) -> V {
    if FULL { V::load(p) } else { V::load_first(p, left) }
}

#[inline(always)]
unsafe fn store<V: Lanes, const FULL: bool>(x: V, p: *mut f32, left: usize) {
    if FULL { x.store(p) } else { x.store_first(p, left) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::RngExt;

    use super::super::table::supported;
    use super::*;
    use crate::rng;

    fn draw(n: usize, r: &mut rng::Rng) -> Vec<f32> {
        (0..n).map(|_| r.random_range(-1.0..1.0)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        /// Every instruction set gives products and steps as written down in f64.
        #[test]
        fn every_set_of_kernels_steps_alike(dim in 1usize..70, m in 1usize..9, n in 0usize..9, seed: u64) {
            let mut r = rng::stream(seed, "pairs");
            let (a, b, e) = (draw(10 * dim, &mut r), draw(12 * dim, &mut r), draw(m * n, &mut r));
            let a_ids: Vec<u32> = (0..m as u32).map(|i| (i * 7) % 10).collect();
            let b_ids: Vec<u32> = (0..n as u32).map(|i| (i * 5) % 12).collect();
            let row = |x: &[f32], i: u32| x[i as usize * dim..][..dim].to_vec();
            for k in supported() {
                let (mut x, mut y, mut g) = (a.clone(), b.clone(), e.clone());
                let mut p = Pairs { a: &mut x, a_ids: &a_ids, b: &mut y, b_ids: &b_ids, e: &mut g, dim };
                p.check();
                // SAFETY: `supported` gave `k`; `check` keeps the ids within their rows.
                unsafe { (k.f32.exchange)(&mut p) };
                for (i, id) in a_ids.iter().enumerate() {
                    for c in 0..dim {
                        let step: f64 = b_ids.iter().enumerate()
                            .map(|(j, b_id)| f64::from(e[i * n + j]) * f64::from(row(&b, *b_id)[c])).sum();
                        let want = f64::from(row(&a, *id)[c]) + step;
                        prop_assert!((f64::from(row(&x, *id)[c]) - want).abs() < 1e-5, "{} a", k.name);
                    }
                }
                for (j, id) in b_ids.iter().enumerate() {
                    for c in 0..dim {
                        let step: f64 = a_ids.iter().enumerate()
                            .map(|(i, a_id)| f64::from(e[i * n + j]) * f64::from(row(&a, *a_id)[c])).sum();
                        let want = f64::from(row(&b, *id)[c]) + step;
                        prop_assert!((f64::from(row(&y, *id)[c]) - want).abs() < 1e-5, "{} b", k.name);
                    }
                }
                let (mut x, mut y) = (a.clone(), b.clone());
                let mut p = Pairs { a: &mut x, a_ids: &a_ids, b: &mut y, b_ids: &b_ids, e: &mut g, dim };
                // SAFETY: as above.
                unsafe { (k.f32.products)(&mut p) };
                for (i, a_id) in a_ids.iter().enumerate() {
                    for (j, b_id) in b_ids.iter().enumerate() {
                        let want: f64 = row(&a, *a_id).iter().zip(row(&b, *b_id)).map(|(u, v)| f64::from(*u) * f64::from(v)).sum();
                        prop_assert!((f64::from(g[i * n + j]) - want).abs() < 1e-4, "{}", k.name);
                    }
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "an id of b is beyond")]
    fn ids_past_the_end_are_refused() {
        let (mut a, mut b, mut e) = ([0.0; 4], [0.0; 4], [0.0; 1]);
        super::super::exchange(Pairs { a: &mut a, a_ids: &[1], b: &mut b, b_ids: &[2], e: &mut e, dim: 2 });
    }
}
