//! The best of many scores, block by block: cheaper than a heap where most scores are refused.

use vectory_core::{Hit, simd};

/// Keeps at least the best `keep` of what is offered.
pub(crate) struct Picker {
    keep: usize,
    kept: Vec<Hit>,
    /// A lower score is not among the best.
    floor: f32,
}

impl Picker {
    /// An empty one; `keep` is 1 or more.
    pub fn new(keep: usize) -> Self {
        let keep = keep.max(1);
        Self { keep, kept: Vec::with_capacity((2 * keep + 64).min(1 << 16)), floor: f32::NEG_INFINITY }
    }

    /// How many are kept, at most twice what was asked for.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Offers scores; `row` says whose the n-th is, `None` where it may not be found. NaN and −∞ are never taken.
    pub fn offer(&mut self, scores: &[f32], mut row: impl FnMut(usize) -> Option<u32>) {
        let mut at = 0;
        // The least finite value stands for −∞, which marks places without a row.
        while let Some(i) = simd::position_ge(scores, at, self.floor.max(f32::MIN)) {
            at = i + 1;
            if let Some(id) = row(i) {
                self.push(id, scores[i]);
            }
        }
    }

    /// A lower score is not among the best.
    pub fn floor(&self) -> f32 {
        self.floor
    }

    /// Takes one that reaches the floor.
    pub fn push(&mut self, id: u32, score: f32) {
        self.kept.push(Hit { id, score });
        if self.kept.len() >= 2 * self.keep + 64 {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.kept.len() <= self.keep {
            return;
        }
        self.kept.select_nth_unstable_by(self.keep - 1, Hit::best_first);
        self.kept.truncate(self.keep);
        self.floor = self.kept[self.keep - 1].score;
    }

    /// The best, best first.
    pub fn into_best(mut self) -> Vec<Hit> {
        self.shrink();
        self.kept.sort_unstable_by(Hit::best_first);
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vectory_core::TopK;

    proptest! {
        #[test]
        fn the_best_are_those_of_a_heap(scores in prop::collection::vec(-5i32..5, 1..900), keep in 1usize..40) {
            let scores: Vec<f32> = scores.iter().map(|s| *s as f32).collect();
            let (mut picker, mut heap) = (Picker::new(keep), TopK::new(keep));
            for (b, block) in scores.chunks(64).enumerate() {
                picker.offer(block, |i| Some((64 * b + i) as u32).filter(|id| id % 3 != 0));
            }
            scores.iter().enumerate().filter(|(i, _)| i % 3 != 0).for_each(|(i, s)| _ = heap.push(i as u32, *s));
            prop_assert_eq!(picker.into_best(), heap.into_sorted());
        }
    }
}
