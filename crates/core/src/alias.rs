//! Weighted draws in constant time.

use rand::Rng as _;

use crate::rng::Rng;

/// Draws places with given weights: two table look-ups a draw (Walker, 1977; built as by Vose, 1991).
#[derive(Clone, Debug)]
pub struct Alias {
    /// Of each place: up to which 32-bit number it is kept, and what stands in for it otherwise.
    cells: Vec<(u32, u32)>,
}

impl Alias {
    /// A table over `weights`; `None` when there are none, one is negative or not finite, or all are zero.
    #[must_use]
    pub fn new(weights: &[f64]) -> Option<Self> {
        let (n, sum) = (weights.len(), weights.iter().sum::<f64>());
        if n == 0 || n > u32::MAX as usize || !sum.is_finite() || sum <= 0.0 || weights.iter().any(|w| *w < 0.0) {
            return None;
        }
        let mut share: Vec<f64> = weights.iter().map(|w| w * n as f64 / sum).collect();
        let mut cells: Vec<(u32, u32)> = (0..n as u32).map(|i| (u32::MAX, i)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..n).partition(|i| share[*i] < 1.0);
        while let (Some(s), Some(l)) = (small.pop(), large.last().copied()) {
            cells[s] = ((share[s] * 4_294_967_296.0) as u32, l as u32);
            share[l] -= 1.0 - share[s];
            if share[l] < 1.0 {
                large.pop();
                small.push(l);
            }
        }
        // What is left is whole but for rounding; a place without weight must not be drawn all the same.
        if let Some(some) = weights.iter().position(|w| *w > 0.0) {
            for s in small.into_iter().filter(|s| weights[*s] == 0.0) {
                cells[s] = (0, some as u32);
            }
        }
        Some(Self { cells })
    }

    /// How many places.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Never: a table has at least one place.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// One place.
    #[inline]
    pub fn draw(&self, rng: &mut Rng) -> u32 {
        let bits = rng.next_u64();
        let i = ((bits >> 32) * self.cells.len() as u64) >> 32;
        let (kept, other) = self.cells[i as usize];
        if (bits as u32) < kept || kept == u32::MAX { i as u32 } else { other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_the_weights() {
        let weights = [1.0, 0.0, 5.0, 2.0, 0.0, 2.0];
        let (alias, mut rng) = (Alias::new(&weights).unwrap(), crate::rng::stream(1, "alias"));
        let mut seen = [0u32; 6];
        (0..100_000).for_each(|_| seen[alias.draw(&mut rng) as usize] += 1);
        for (n, w) in seen.iter().zip(weights) {
            let want = w / 10.0 * 100_000.0;
            assert!((f64::from(*n) - want).abs() <= 4.0 * want.sqrt(), "{seen:?}");
        }
    }

    #[test]
    fn weights_that_are_none_are_refused() {
        for bad in [&[][..], &[0.0], &[1.0, -1.0], &[f64::NAN], &[f64::INFINITY]] {
            assert!(Alias::new(bad).is_none(), "{bad:?}");
        }
        assert_eq!(Alias::new(&[3.0]).unwrap().draw(&mut crate::rng::stream(1, "a")), 0);
    }
}
