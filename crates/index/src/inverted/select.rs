//! The best k of an array of scores, without looking at most of them twice.
//!
//! A lower bound of the k-th best comes from the maxima of groups of scores: the k-th best maximum cannot be above the
//! k-th best score. Only groups that reach it are looked into.

use vectory_core::Hit;

/// The score of a document that no term touched. Adding anything to -0 gives that thing, so sums are not disturbed; no
/// sum of values is ever -0 itself.
pub const UNTOUCHED: f32 = -0.0;

const LANES: usize = 16;

/// Whether any term added to this score.
#[inline]
pub fn touched(score: f32) -> bool {
    score.to_bits() != UNTOUCHED.to_bits()
}

/// Collects the best k over several windows of scores.
#[derive(Default)]
pub struct Best {
    k: usize,
    /// Score and document in one number whose order is the order of hits.
    keys: Vec<u64>,
    maxima: Vec<f32>,
    sorted: Vec<f32>,
}

impl Best {
    /// Forgets everything and will keep `k`.
    pub fn reset(&mut self, k: usize) {
        self.k = k;
        self.keys.clear();
    }

    /// The score of the k-th best so far; -∞ while there are fewer.
    pub fn threshold(&self) -> f32 {
        if self.keys.len() < self.k { f32::NEG_INFINITY } else { self.keys.last().map_or(f32::INFINITY, |k| score_of(*k)) }
    }

    /// Offers the scores of documents `base..`, ascending from call to call.
    pub fn offer_window(&mut self, scores: &[f32], base: u32) {
        if self.k == 0 {
            return;
        }
        let rows = (scores.len() / LANES / (3 * self.k / LANES + 1)).clamp(1, 32);
        self.group_maxima(scores, rows);
        // An untouched score may be a group's maximum: such maxima bound nothing.
        let floor = match self.kth_maximum() {
            bound if bound > 0.0 => self.threshold().max(bound),
            _ => self.threshold(),
        };
        let maxima = std::mem::take(&mut self.maxima);
        for (g, maxima) in maxima.chunks_exact(LANES).enumerate() {
            let start = g * rows * LANES;
            for (lane, _) in maxima.iter().enumerate().filter(|(_, m)| **m >= floor) {
                for at in (start + lane..scores.len()).step_by(LANES).take(rows) {
                    if scores[at] >= floor && touched(scores[at]) {
                        self.keys.push(key(scores[at], base + at as u32));
                    }
                }
            }
        }
        self.maxima = maxima;
        self.trim();
    }

    /// Offers the touched scores of documents that `filter` lets through.
    pub fn offer_filtered(&mut self, scores: &[f32], base: u32, filter: &dyn Fn(u32) -> bool) {
        if self.k == 0 {
            return;
        }
        let mut floor = self.threshold();
        for (doc, &score) in (base..).zip(scores) {
            if touched(score) && score >= floor && filter(doc) {
                self.keys.push(key(score, doc));
                if self.keys.len() >= 2 * self.k + 64 {
                    self.trim();
                    floor = self.threshold();
                }
            }
        }
        self.trim();
    }

    /// Offers one document.
    pub fn offer(&mut self, doc: u32, score: f32) {
        self.keys.push(key(score, doc));
        if self.keys.len() >= 2 * self.k + 64 {
            self.trim();
        }
    }

    /// The best k, best first.
    pub fn hits(&mut self) -> Vec<Hit> {
        self.trim();
        self.keys.sort_unstable_by(|a, b| b.cmp(a));
        self.keys.iter().map(|k| Hit { id: !(*k as u32), score: score_of(*k) }).collect()
    }

    /// Maxima of groups of `rows` scores that lie [`LANES`] apart, so that they are found a register at a time.
    fn group_maxima(&mut self, scores: &[f32], rows: usize) {
        self.maxima.clear();
        for group in scores.chunks(rows * LANES) {
            let mut maxima = [f32::NEG_INFINITY; LANES];
            let mut lines = group.chunks_exact(LANES);
            for line in &mut lines {
                for (m, &s) in maxima.iter_mut().zip(line) {
                    *m = if s > *m { s } else { *m };
                }
            }
            for (m, &s) in maxima.iter_mut().zip(lines.remainder()) {
                *m = if s > *m { s } else { *m };
            }
            self.maxima.extend_from_slice(&maxima);
        }
    }

    fn kth_maximum(&mut self) -> f32 {
        if self.maxima.len() < self.k {
            return f32::NEG_INFINITY;
        }
        self.sorted.clear();
        self.sorted.extend_from_slice(&self.maxima);
        let (_, kth, _) = self.sorted.select_nth_unstable_by(self.k - 1, |a, b| b.total_cmp(a));
        *kth
    }

    /// Keeps the best k, the worst of them last.
    fn trim(&mut self) {
        if self.k > 0 && self.keys.len() >= self.k {
            self.keys.select_nth_unstable_by(self.k - 1, |a, b| b.cmp(a));
            self.keys.truncate(self.k);
        }
    }
}

/// A larger key is a better hit: score descending, then document ascending.
#[inline]
fn key(score: f32, doc: u32) -> u64 {
    let bits = (score + 0.0).to_bits();
    let ordered = if bits >> 31 == 0 { bits | 1 << 31 } else { !bits };
    u64::from(ordered) << 32 | u64::from(!doc)
}

#[inline]
fn score_of(key: u64) -> f32 {
    let ordered = (key >> 32) as u32;
    f32::from_bits(if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(scores: &[f32], k: usize, filter: impl Fn(u32) -> bool) -> Vec<Hit> {
        let hits = scores.iter().zip(0..).filter(|(s, d)| touched(**s) && filter(*d));
        let mut hits: Vec<Hit> = hits.map(|(s, id)| Hit { id, score: *s + 0.0 }).collect();
        hits.sort_by(Hit::best_first);
        hits.truncate(k);
        hits
    }

    proptest! {
        #[test]
        fn selected_is_sorted_and_cut(raw in proptest::collection::vec(-3i8..9, 0..3000), k in 0usize..150, window in 1usize..2000) {
            let scores: Vec<f32> = raw.iter().map(|s| if *s == 0 { UNTOUCHED } else { f32::from(*s) }).collect();
            let (mut best, mut some) = (Best::default(), Best::default());
            best.reset(k);
            some.reset(k);
            let filter = |d: u32| d % 3 == 1;
            for (i, w) in scores.chunks(window).enumerate() {
                best.offer_window(w, (i * window) as u32);
                some.offer_filtered(w, (i * window) as u32, &filter);
            }
            prop_assert_eq!(best.hits(), plain(&scores, k, |_| true));
            prop_assert_eq!(some.hits(), plain(&scores, k, filter));
        }
    }
}
