//! What a search returns, and the bounded heap that collects it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// One found row: its number and its score. **A larger score is always nearer** (a distance is negated inside; see
/// [`Metric::shown`](crate::Metric::shown) for the value that users expect).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Row number, as the index was given them.
    pub id: u32,
    /// Larger is nearer.
    pub score: f32,
}

impl Hit {
    /// Best first: by score descending, ties by id ascending. NaN sorts last.
    #[must_use]
    pub fn best_first(a: &Self, b: &Self) -> Ordering {
        key(b.score).total_cmp(&key(a.score)).then(a.id.cmp(&b.id))
    }
}

/// NaN counts as worse than anything; -0 and 0 are one value.
fn key(score: f32) -> f32 {
    if score.is_nan() { f32::NEG_INFINITY } else { score + 0.0 }
}

/// Keeps the best `k` of what is pushed: O(log k) a kept push, O(1) a refused one. The result does not depend on the
/// order of pushes (ties go to the smaller id).
#[derive(Clone, Debug)]
pub struct TopK {
    k: usize,
    heap: BinaryHeap<Worst>,
}

/// Orders hits so that the worst kept one is at the top of the heap.
#[derive(Clone, Copy, Debug)]
struct Worst(Hit);

impl Ord for Worst {
    fn cmp(&self, other: &Self) -> Ordering {
        Hit::best_first(&self.0, &other.0)
    }
}
impl PartialOrd for Worst {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Worst {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Worst {}

impl TopK {
    /// An empty collector of the best `k`.
    #[must_use]
    pub fn new(k: usize) -> Self {
        Self { k, heap: BinaryHeap::with_capacity(k.min(4096) + 1) }
    }

    /// The score that a new hit must reach to matter: the worst kept one, or -inf while there is room.
    #[must_use]
    pub fn threshold(&self) -> f32 {
        match self.heap.peek() {
            Some(w) if self.heap.len() >= self.k => key(w.0.score),
            _ if self.k == 0 => f32::INFINITY,
            _ => f32::NEG_INFINITY,
        }
    }

    /// Offers a hit; says whether it was kept.
    pub fn push(&mut self, id: u32, score: f32) -> bool {
        let new = Worst(Hit { id, score });
        if self.heap.len() < self.k {
            self.heap.push(new);
            return true;
        }
        match self.heap.peek_mut() {
            Some(mut top) if new < *top => {
                *top = new;
                true
            }
            _ => false,
        }
    }

    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// The kept hits, best first.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Hit> {
        self.heap.into_sorted_vec().into_iter().map(|w| w.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_best_and_breaks_ties_by_id() {
        let mut t = TopK::new(3);
        for (id, s) in [(5, 1.0), (4, 2.0), (3, 1.0), (2, 1.0), (1, f32::NAN)] {
            t.push(id, s);
        }
        let got: Vec<_> = t.into_sorted().iter().map(|h| h.id).collect();
        assert_eq!(got, [4, 2, 3]);
    }

    #[test]
    fn nan_is_worse_than_all() {
        let mut t = TopK::new(1);
        t.push(0, f32::NAN);
        assert!(t.push(9, -1e30));
        assert_eq!(t.into_sorted()[0].id, 9);
    }

    #[test]
    fn zero_keeps_nothing() {
        let mut t = TopK::new(0);
        assert!(!t.push(1, 1.0));
        assert!(t.into_sorted().is_empty());
    }
}
