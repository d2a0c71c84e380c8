//! Rows of a table that other threads may change at the same time: sums of some of them, and one change added to many.
#![allow(
    unsafe_op_in_unsafe_fn,
    reason = "every function passes on the one contract of `Lanes`; the caller checks the ids"
)]

use std::sync::atomic::AtomicU64;

use super::lanes::Lanes;

/// Registers that one pass over the rows holds.
const TILE: usize = 8;

/// A table of f32 rows, two values a cell, that threads read and change without locks. A kernel reads and writes a cell as
/// relaxed atomics do: no value is torn, and of two additions at the same time one may be lost.
#[derive(Clone, Copy)]
pub struct SharedCells<'a> {
    /// All rows, one after the other.
    pub cells: &'a [AtomicU64],
    /// Cells a row has.
    pub width: usize,
}

impl SharedCells<'_> {
    /// Panics where a kernel would leave the table; `values` is how many each row is to have.
    #[inline]
    pub(super) fn check(&self, ids: &[u32], values: usize) {
        let fits = |id: &u32| (*id as usize + 1).checked_mul(self.width).is_some_and(|n| n <= self.cells.len());
        assert_eq!(values, 2 * self.width, "values of a row");
        assert!(ids.iter().all(fits), "an id is beyond {} cells", self.cells.len());
    }

    /// The first cell of a row.
    #[inline(always)]
    unsafe fn at(&self, id: u32) -> *const AtomicU64 {
        self.cells.as_ptr().add(id as usize * self.width)
    }
}

/// `out += scale · Σ rows`.
#[inline(always)]
pub(super) unsafe fn sum<V: Lanes>(rows: &SharedCells<'_>, ids: &[u32], scale: f32, out: &mut [f32]) {
    let mut c = 0;
    while c < out.len() {
        match (out.len() - c).div_ceil(V::N) {
            1 => tile::<V, 1>(rows, ids, scale, out, c),
            2 => tile::<V, 2>(rows, ids, scale, out, c),
            3 => tile::<V, 3>(rows, ids, scale, out, c),
            4 => tile::<V, 4>(rows, ids, scale, out, c),
            5 => tile::<V, 5>(rows, ids, scale, out, c),
            6 => tile::<V, 6>(rows, ids, scale, out, c),
            7 => tile::<V, 7>(rows, ids, scale, out, c),
            _ => tile::<V, TILE>(rows, ids, scale, out, c),
        }
        c += TILE * V::N;
    }
}

/// `B` registers of [`sum`] from column `c` on; the last one may not be full.
#[inline(always)]
unsafe fn tile<V: Lanes, const B: usize>(rows: &SharedCells<'_>, ids: &[u32], scale: f32, out: &mut [f32], c: usize) {
    let (last, mut total) = (out.len() - c - (B - 1) * V::N, [V::zero(); B]);
    for id in ids {
        let row = rows.at(*id).add(c / 2);
        for (u, t) in total[..B - 1].iter_mut().enumerate() {
            *t = t.add(V::load_shared(row.add(u * V::N / 2)));
        }
        total[B - 1] = total[B - 1].add(load_last::<V>(row.add((B - 1) * V::N / 2), last));
    }
    let (scale, out) = (V::splat(scale), out.as_mut_ptr().add(c));
    for (u, t) in total[..B - 1].iter().enumerate() {
        let at = out.add(u * V::N);
        scale.mul_add(*t, V::load(at)).store(at);
    }
    let at = out.add((B - 1) * V::N);
    if last >= V::N {
        scale.mul_add(total[B - 1], V::load(at)).store(at);
    } else {
        scale.mul_add(total[B - 1], V::load_first(at, last)).store_first(at, last);
    }
}

/// `row += scale · change`, one row after the other, so that a row that is named twice steps twice.
#[inline(always)]
pub(super) unsafe fn step<V: Lanes>(rows: &SharedCells<'_>, ids: &[u32], scale: f32, change: &[f32]) {
    let (n, change, scale) = (change.len(), change.as_ptr(), V::splat(scale));
    for id in ids {
        let row = rows.at(*id);
        let mut c = 0;
        while c + V::N <= n {
            let at = row.add(c / 2);
            scale.mul_add(V::load(change.add(c)), V::load_shared(at)).store_shared(at);
            c += V::N;
        }
        if c < n {
            let at = row.add(c / 2);
            let now = V::load_shared_first(at, n - c);
            scale.mul_add(V::load_first(change.add(c), n - c), now).store_shared_first(at, n - c);
        }
    }
}

/// `out := row`.
#[inline(always)]
pub(super) unsafe fn read<V: Lanes>(rows: &SharedCells<'_>, id: u32, out: &mut [f32]) {
    let (row, n, out) = (rows.at(id), out.len(), out.as_mut_ptr());
    let mut c = 0;
    while c + V::N <= n {
        V::load_shared(row.add(c / 2)).store(out.add(c));
        c += V::N;
    }
    if c < n {
        V::load_shared_first(row.add(c / 2), n - c).store_first(out.add(c), n - c);
    }
}

/// `row += scale · Σ (new − old)`; without `old`, the row as it is stands for it.
#[inline(always)]
pub(super) unsafe fn add<V: Lanes>(rows: &SharedCells<'_>, id: u32, scale: f32, old: Option<&[f32]>, news: &[&[f32]]) {
    let (row, n, scale) = (rows.at(id), 2 * rows.width, V::splat(scale));
    let mut c = 0;
    while c + V::N <= n {
        let at = row.add(c / 2);
        let now = V::load_shared(at);
        let then = old.map_or(now, |old| V::load(old.as_ptr().add(c)));
        let mut change = V::zero();
        for new in news {
            change = change.add(V::load(new.as_ptr().add(c)).sub(then));
        }
        scale.mul_add(change, now).store_shared(at);
        c += V::N;
    }
    if c < n {
        let (at, left) = (row.add(c / 2), n - c);
        let now = V::load_shared_first(at, left);
        let then = old.map_or(now, |old| V::load_first(old.as_ptr().add(c), left));
        let mut change = V::zero();
        for new in news {
            change = change.add(V::load_first(new.as_ptr().add(c), left).sub(then));
        }
        scale.mul_add(change, now).store_shared_first(at, left);
    }
}

#[inline(always)]
unsafe fn load_last<V: Lanes>(p: *const AtomicU64, left: usize) -> V {
    if left >= V::N { V::load_shared(p) } else { V::load_shared_first(p, left) }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::Relaxed;

    use proptest::prelude::*;
    use rand::RngExt;

    use super::super::table::supported;
    use super::*;
    use crate::rng;

    const ROWS: usize = 9;

    fn table(width: usize, r: &mut rng::Rng) -> (Vec<f32>, Vec<AtomicU64>) {
        let values: Vec<f32> = (0..ROWS * 2 * width).map(|_| r.random_range(-1.0..1.0)).collect();
        let cells = values.chunks_exact(2).map(|p| AtomicU64::new(bytemuck::cast([p[0], p[1]]))).collect();
        (values, cells)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        /// Every instruction set sums and steps as written down in f64, and changes no other row.
        #[test]
        fn every_set_of_kernels_sums_and_steps_alike(width in 1usize..90, ids in prop::collection::vec(0u32..9, 0..12), seed: u64) {
            let mut r = rng::stream(seed, "shared");
            let (values, cells) = table(width, &mut r);
            let n = 2 * width;
            let value = |id: u32, c: usize| f64::from(values[2 * id as usize * width + c]);
            let change: Vec<f32> = (0..n).map(|_| r.random_range(-1.0..1.0)).collect();
            let rows = SharedCells { cells: &cells, width };
            rows.check(&ids, n);
            for k in supported() {
                let mut out = change.clone();
                // SAFETY: `supported` gave `k`; `check` keeps the ids within the table.
                unsafe { (k.f32.shared_sum)(&rows, &ids, 0.5, &mut out) };
                let mut copy = vec![0.0; n];
                if let Some(id) = ids.first() {
                    // SAFETY: as above.
                    unsafe { (k.f32.shared_read)(&rows, *id, &mut copy) };
                    prop_assert!((0..n).all(|c| f64::from(copy[c]) == value(*id, c)), "{} read", k.name);
                }
                for c in 0..n {
                    let want = f64::from(change[c]) + 0.5 * ids.iter().map(|id| value(*id, c)).sum::<f64>();
                    prop_assert!((f64::from(out[c]) - want).abs() < 1e-5, "{} sum", k.name);
                }
                let fresh: Vec<AtomicU64> = cells.iter().map(|c| AtomicU64::new(c.load(Relaxed))).collect();
                let rows = SharedCells { cells: &fresh, width };
                // The last one by its old value and two new ones, the one before by two new ones alone.
                let (zeros, half) = (vec![0.0; n], change.iter().map(|c| 0.5 * c).collect::<Vec<f32>>());
                let (but_two, but_one) = (ids.len().saturating_sub(2), ids.len().saturating_sub(1));
                let plus_half = |id: u32| {
                    let row: Vec<f32> = (0..n).map(|c| bytemuck::cast::<u64, [f32; 2]>(fresh[id as usize * width + c / 2].load(Relaxed))[c % 2]).collect();
                    row.iter().zip(&half).map(|(r, h)| r + h).collect::<Vec<f32>>()
                };
                // SAFETY: as above.
                unsafe {
                    (k.f32.shared_step)(&rows, &ids[..but_two], 0.5, &change);
                    for id in &ids[but_two..but_one] {
                        let new = plus_half(*id);
                        (k.f32.shared_add)(&rows, *id, 0.5, None, &[&new, &new]);
                    }
                    ids[but_one..]
                        .iter()
                        .for_each(|id| (k.f32.shared_add)(&rows, *id, 0.5, Some(&zeros), &[&half, &half]));
                }
                for id in 0..ROWS as u32 {
                    let by = 0.5 * ids.iter().filter(|i| **i == id).count() as f64;
                    for c in 0..2 * width {
                        let cell: [f32; 2] = bytemuck::cast(fresh[id as usize * width + c / 2].load(Relaxed));
                        let want = value(id, c) + by * f64::from(change[c]);
                        prop_assert!((f64::from(cell[c % 2]) - want).abs() < 1e-5, "{} step", k.name);
                    }
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "an id is beyond 27 cells")]
    fn ids_past_the_end_are_refused() {
        let (_, cells) = table(3, &mut rng::stream(1, "shared"));
        super::super::shared_sum(&SharedCells { cells: &cells, width: 3 }, &[9], 1.0, &mut [0.0; 6]);
    }
}
