//! What is told of the rows that a walk meets, beside what the walk itself keeps.

use crate::pool::{BATCH, Near, Pool};

/// Sees the scores of a walk.
pub trait Watch {
    /// Whether it is told every row once, also those that are too far to be kept: the walk then keeps a set of those it met.
    const ALL: bool = false;
    /// Whether it wants rows that the walk does not keep.
    const MORE: bool = false;

    /// Rows above this score matter to it, whatever the walk keeps.
    fn floor(&self) -> f32 {
        f32::INFINITY
    }

    /// Rows with their scores; a bit in `above` for each that is above the walk's floor or its own.
    fn see(&mut self, ids: &[u32], scores: &[f32; BATCH], above: u64);
}

/// Nobody watches.
impl Watch for () {
    #[inline]
    fn see(&mut self, _: &[u32], _: &[f32; BATCH], _: u64) {}
}

/// Is told every row.
pub struct All<F>(pub F);

impl<F: FnMut(Near)> Watch for All<F> {
    const ALL: bool = true;

    #[inline]
    fn see(&mut self, ids: &[u32], scores: &[f32; BATCH], _: u64) {
        ids.iter().zip(scores).for_each(|(id, score)| (self.0)(Near { score: *score, id: *id }));
    }
}

/// Keeps the best rows that pass a filter, in a list of their own.
pub struct Sieve<'p, P> {
    pub pool: &'p mut Pool,
    pub passes: P,
    /// Of rows that were good enough for either list.
    pub met: &'p mut Met,
}

/// How many rows were asked whether they pass, and how many did.
#[derive(Clone, Copy, Default)]
pub struct Met {
    pub asked: usize,
    pub passed: usize,
}

impl Met {
    /// The part that passed.
    pub fn part(self) -> f64 {
        self.passed as f64 / self.asked.max(1) as f64
    }
}

impl<P: Fn(u32) -> bool> Watch for Sieve<'_, P> {
    const MORE: bool = true;

    #[inline]
    fn floor(&self) -> f32 {
        self.pool.floor
    }

    #[inline]
    fn see(&mut self, ids: &[u32], scores: &[f32; BATCH], above: u64) {
        let (floor, passes, mut passed) = (self.pool.floor, &self.passes, 0);
        self.pool.offer_if(
            scores,
            above,
            |j| ids[j],
            |j| {
                let pass = passes(ids[j]);
                passed += usize::from(pass);
                (scores[j] > floor) & pass
            },
        );
        self.met.asked += above.count_ones() as usize;
        self.met.passed += passed;
    }
}
