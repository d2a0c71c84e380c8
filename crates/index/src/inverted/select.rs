//! The best k of an array of scores, without looking at most of them twice.
//!
//! A lower bound of the k-th best score comes from the maxima of groups of scores: the k-th best maximum cannot be above
//! it. Only groups that reach the bound are looked into. Scores that are not negative are compared as integers, where a
//! document without a score is the smallest number of all.

use vectory_core::Hit;

/// The score of a document that no term touched. Adding anything to -0 gives that thing, so sums are not disturbed; no
/// sum of values is ever -0 itself.
pub const UNTOUCHED: f32 = -0.0;

/// Scores that share a maximum.
const GROUP: usize = 16;

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
    maxima: Vec<i32>,
    sorted: Vec<i32>,
    threshold: f32,
}

impl Best {
    /// Forgets everything and will keep `k`.
    pub fn reset(&mut self, k: usize) {
        self.k = k;
        self.keys.clear();
        self.threshold = if k == 0 { f32::INFINITY } else { f32::NEG_INFINITY };
    }

    /// The score that a later document must exceed to be kept: the k-th best so far, -∞ while there are fewer.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// Offers the scores of documents `base..`, none of them negative; documents ascend from call to call.
    pub fn offer_window(&mut self, scores: &[f32], base: u32, filter: Option<&dyn Fn(u32) -> bool>) {
        let scores: &[i32] = bytemuck::cast_slice(scores);
        group_maxima(scores, &mut self.maxima);
        let mut floor = self.integer_threshold();
        match filter {
            None => {
                floor = floor.max(self.kth_maximum());
                let Self { keys, maxima, .. } = self;
                for (g, group) in groups_reaching(scores, maxima, floor) {
                    collect_group(group, base + (g * GROUP) as u32, floor, keys);
                }
            }
            Some(filter) => {
                let maxima = std::mem::take(&mut self.maxima);
                for (g, max) in maxima.iter().enumerate().filter(|(_, m)| **m >= 0) {
                    if *max < floor {
                        continue;
                    }
                    for (at, &score) in scores.iter().enumerate().skip(g * GROUP).take(GROUP) {
                        if score >= floor && filter(base + at as u32) {
                            self.keys.push(key(f32::from_bits(score as u32), base + at as u32));
                        }
                    }
                    if self.keys.len() >= 2 * self.k + 64 {
                        self.trim();
                        floor = self.integer_threshold();
                    }
                }
                self.maxima = maxima;
            }
        }
        self.trim();
    }

    /// As [`Best::offer_window`], for scores of any sign.
    pub fn offer_signed(&mut self, scores: &[f32], base: u32, filter: Option<&dyn Fn(u32) -> bool>) {
        for (doc, &score) in (base..).zip(scores) {
            if touched(score) && score >= self.threshold() && filter.is_none_or(|f| f(doc)) {
                self.offer(doc, score);
            }
        }
        self.trim();
    }

    /// Offers one document.
    pub fn offer(&mut self, doc: u32, score: f32) {
        self.keys.push(key(score, doc));
        if self.keys.len() >= self.k + self.k / 4 + 16 {
            self.trim();
        }
    }

    /// The best k, best first.
    pub fn hits(&mut self) -> Vec<Hit> {
        self.trim();
        self.keys.sort_unstable_by(|a, b| b.cmp(a));
        self.keys.iter().map(|k| Hit { id: !(*k as u32), score: score_of(*k) }).collect()
    }

    /// The smallest score, as an integer, that can still matter; of equal scores the earlier document is kept already.
    fn integer_threshold(&self) -> i32 {
        let threshold = self.threshold();
        if threshold >= 0.0 { (threshold.to_bits() as i32).saturating_add(1) } else { 0 }
    }

    fn kth_maximum(&mut self) -> i32 {
        if self.maxima.len() < self.k || self.k == 0 {
            return 0;
        }
        self.sorted.clear();
        self.sorted.extend_from_slice(&self.maxima);
        let (_, kth, _) = self.sorted.select_nth_unstable_by(self.k - 1, |a, b| b.cmp(a));
        *kth
    }

    /// Keeps the best k, the worst of them last.
    pub fn trim(&mut self) {
        if self.k > 0 && self.keys.len() >= self.k {
            self.keys.select_nth_unstable_by(self.k - 1, |a, b| b.cmp(a));
            self.keys.truncate(self.k);
            self.threshold = score_of(self.keys[self.k - 1]);
        } else if self.k == 0 {
            self.keys.clear();
        }
    }
}

/// Visits the places of scores that reach `floor`, ascending; none of the scores is negative.
pub fn for_each_reaching(scores: &[f32], floor: f32, maxima: &mut Vec<i32>, mut visit: impl FnMut(usize)) {
    let scores: &[i32] = bytemuck::cast_slice(scores);
    let floor = if floor > 0.0 { floor.to_bits() as i32 } else { 0 };
    group_maxima(scores, maxima);
    for (g, group) in groups_reaching(scores, maxima, floor) {
        for (i, _) in group.iter().enumerate().filter(|(_, s)| **s >= floor) {
            visit(g * GROUP + i);
        }
    }
}

fn groups_reaching<'a>(scores: &'a [i32], maxima: &'a [i32], floor: i32) -> impl Iterator<Item = (usize, &'a [i32])> {
    let groups = scores.chunks(GROUP).zip(maxima).enumerate();
    groups.filter(move |(_, (_, max))| **max >= floor).map(|(g, (group, _))| (g, group))
}

/// Appends the scores of a group that reach the floor, without a branch for each.
#[inline]
fn collect_group(group: &[i32], base: u32, floor: i32, keys: &mut Vec<u64>) {
    let mut found = [0u64; GROUP];
    let mut n = 0;
    for (doc, &score) in (base..).zip(group) {
        found[n % GROUP] = key(f32::from_bits(score as u32), doc);
        n += usize::from(score >= floor);
    }
    keys.extend_from_slice(&found[..n]);
}

/// The largest of each group of scores.
fn group_maxima(scores: &[i32], out: &mut Vec<i32>) {
    #[inline(always)]
    fn body(scores: &[i32], out: &mut Vec<i32>) {
        out.clear();
        let groups = scores.chunks_exact(GROUP);
        let rest = groups.remainder();
        out.extend(groups.map(|g| g.iter().fold(i32::MIN, |m, s| m.max(*s))));
        if !rest.is_empty() {
            out.push(rest.iter().fold(i32::MIN, |m, s| m.max(*s)));
        }
    }
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn avx2(scores: &[i32], out: &mut Vec<i32>) {
            body(scores, out);
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the feature was just detected. It is worth it: SSE2 has no maximum of integers.
            return unsafe { avx2(scores, out) };
        }
    }
    body(scores, out);
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
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn selected_is_sorted_and_cut(
            raw in proptest::collection::vec(-3i8..9, 0..2000), k in 0usize..150, window in 1usize..2000, low in 0i8..4, filtered: bool,
        ) {
            let scores: Vec<f32> = raw.iter().map(|s| if *s == 0 || -*s >= low { UNTOUCHED } else { f32::from(*s) + 0.0 }).collect();
            let scores: Vec<f32> = scores.iter().map(|s| if *s == 8.0 { 0.0 } else { *s }).collect();
            let signed = scores.iter().any(|s| *s < 0.0);
            let odd = |d: u32| d % 3 == 1;
            let filter: Option<&dyn Fn(u32) -> bool> = if filtered { Some(&odd) } else { None };
            let mut best = Best::default();
            best.reset(k);
            for (i, w) in scores.chunks(window).enumerate() {
                let base = (i * window) as u32;
                if signed { best.offer_signed(w, base, filter) } else { best.offer_window(w, base, filter) }
            }
            prop_assert_eq!(best.hits(), plain(&scores, k, |d| filter.is_none_or(|f| f(d))));
        }
    }
}
