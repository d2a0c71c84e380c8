//! Negatives that several steps share.

use rand::Rng as _;
use vectory_core::rng::Rng;

/// How steps share negatives.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// Steps that a negative serves, on average.
    steps: usize,
    /// Sets of negatives that are at hand.
    sets: usize,
}

impl Share {
    /// `steps` steps in a row have the same negatives.
    #[must_use]
    pub fn in_a_row(steps: usize) -> Self {
        Self { steps, sets: 1 }
    }

    /// Each negative serves `steps` steps on average, spread over many: for windows. Windows in a row have nearly the same words in
    /// them, and the same negatives would push these the same way again and again.
    #[must_use]
    pub fn spread(steps: usize) -> Self {
        Self { steps, sets: 16 }
    }
}

/// Sets of `k` negatives: a step takes its j-th from a set chosen at random, and every few steps the oldest set is drawn anew. So a
/// negative is used several times while its row is near.
#[derive(Default)]
pub struct Pool {
    places: Vec<u32>,
    oldest: usize,
    left: usize,
}

impl Pool {
    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.places.clear();
        (self.oldest, self.left) = (0, 0);
    }

    /// Before a step: draws what is due, all sets at first, then one of `k` every few steps. `draw` fills places.
    #[inline]
    pub fn renew(&mut self, k: usize, share: Share, draw: impl FnOnce(&mut [u32])) {
        if self.left > 0 {
            self.left -= 1;
            return;
        }
        self.left = share.steps.max(1) - 1;
        if self.places.is_empty() {
            self.places.resize(share.sets * k, 0);
            draw(&mut self.places);
            return;
        }
        draw(&mut self.places[self.oldest * k..(self.oldest + 1) * k]);
        self.oldest = (self.oldest + 1) % share.sets;
    }

    /// The places of a step's `k` negatives.
    #[inline]
    pub fn each(&self, k: usize, share: Share, rng: &mut Rng, mut take: impl FnMut(u32)) {
        if share.sets == 1 {
            self.places.iter().for_each(|p| take(*p));
            return;
        }
        let mut bits = 0;
        for j in 0..k {
            // A choice among sixteen takes four bits.
            if j % 16 == 0 {
                bits = rng.next_u64();
            }
            take(self.places[(bits as usize % share.sets) * k + j]);
            bits >>= 4;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pool, Share};

    #[test]
    fn sets_are_renewed_in_turn_and_serve_all_steps_alike() {
        let (mut pool, mut r, mut next) = (Pool::default(), vectory_core::rng::stream(5, "pool"), 0u32);
        let (k, steps, share) = (3, 40_000u32, Share::spread(4));
        let mut seen = vec![0u32; steps as usize * k];
        for step in 0..steps {
            pool.renew(k, share, |places| {
                assert_eq!(places.len(), if step == 0 { share.sets * k } else { k });
                places.iter_mut().for_each(|p| (*p, next) = (next, next + 1));
            });
            pool.each(k, share, &mut r, |p| seen[p as usize] += 1);
        }
        assert_eq!(next as usize, (share.sets - 1 + steps as usize / share.steps) * k);
        let middle = &seen[1000..next as usize - 1000];
        let mean = f64::from(middle.iter().sum::<u32>()) / middle.len() as f64;
        assert!((mean - share.steps as f64).abs() < 0.05, "each serves {mean} steps");
        pool.clear();
        pool.renew(k, share, |places| assert_eq!(places.len(), share.sets * k));
    }

    #[test]
    fn steps_in_a_row_have_the_same_negatives() {
        let (mut pool, mut r, mut next) = (Pool::default(), vectory_core::rng::stream(5, "pool"), 0u32);
        for step in 0..9u32 {
            pool.renew(2, Share::in_a_row(3), |places| places.iter_mut().for_each(|p| (*p, next) = (next, next + 1)));
            let mut taken = Vec::new();
            pool.each(2, Share::in_a_row(3), &mut r, |p| taken.push(p));
            assert_eq!(taken, [step / 3 * 2, step / 3 * 2 + 1]);
        }
    }
}
