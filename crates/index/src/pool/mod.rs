//! The candidates of a walk, best first.
//!
//! A candidate is one number, `score · 2³² + row`, so that one comparison orders it, the same way in every run, and a list of
//! up to 104 stays in thirteen registers while the new ones are put into it. A row that is offered twice has the same number
//! twice and is kept once: a walk over cheap scores needs no set of the rows it met.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod key;
mod plain;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use key::{OPEN, id_of, key, score_of};

/// Candidates offered in one call, at most.
pub(crate) const BATCH: usize = 64;
/// Candidates of one register.
const BLOCK: usize = 8;

/// A candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Near {
    pub score: f32,
    pub id: u32,
}

/// Puts new keys (all open) into the sorted ones, a multiple of [`BLOCK`], from which the last ones fall out; those that are
/// there already are left out. Gives a place before which no open key is new.
type Insert = unsafe fn(keys: &mut [u64], new: &[u64]) -> usize;

/// The best rows met so far.
#[derive(Default)]
pub(crate) struct Pool {
    /// Best first; 0 where there is none.
    keys: Vec<u64>,
    width: usize,
    /// No candidate before this one is left to be looked around from.
    next: usize,
    /// A score must be above this to matter.
    pub floor: f32,
}

/// Every way of inserting that this CPU has, the best last.
fn supported() -> Vec<(&'static str, Insert)> {
    #[allow(unused_mut, reason = "other processors have the plain code only")]
    let mut all: Vec<(&'static str, Insert)> = vec![("plain", plain::insert)];
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx512f") {
        all.push(("avx512", avx512::insert));
    }
    all
}

#[inline]
fn insert(keys: &mut [u64], new: &[u64]) -> usize {
    static BEST: OnceLock<Insert> = OnceLock::new();
    let insert = BEST.get_or_init(|| supported().pop().map_or(plain::insert, |k| k.1));
    // SAFETY: the CPU has the instructions; `reset` makes the keys whole blocks.
    unsafe { insert(keys, new) }
}

impl Pool {
    /// Empties it; `keep` candidates are to be kept, and [`Pool::take`] gives those among the best `width`.
    pub fn reset(&mut self, keep: usize, width: usize) {
        self.width = width.max(1);
        self.keys.clear();
        self.keys.resize(keep.max(self.width).next_multiple_of(BLOCK), 0);
        (self.next, self.floor) = (0, f32::NEG_INFINITY);
    }

    /// Takes over the best candidates of another list that pass, into an empty one; gives how many of how many passed.
    pub fn take_passing(&mut self, from: &Self, passes: impl Fn(u32) -> bool) -> (usize, usize) {
        let (mut passed, mut asked) = (0, 0);
        for key in from.keys.iter().take_while(|k| **k != 0) {
            asked += 1;
            if passes(id_of(*key)) {
                if let Some(place) = self.keys.get_mut(passed) {
                    *place = *key;
                }
                passed += 1;
            }
        }
        (passed, asked)
    }

    /// The candidates, best first: as many as were to be kept, or some more.
    pub fn near(&self) -> impl Iterator<Item = Near> {
        self.keys.iter().take_while(|k| **k != 0).map(|k| Near { score: score_of(*k), id: id_of(*k) })
    }

    /// The score of the candidate at `place`, the best at 0; −∞ where there is none.
    pub fn score_at(&self, place: usize) -> f32 {
        self.keys.get(place).map_or(f32::NEG_INFINITY, |k| score_of(*k))
    }

    /// Takes in the rows that have a bit in `above`; `id` names that of a bit.
    #[inline]
    pub fn offer(&mut self, scores: &[f32; BATCH], above: u64, id: impl Fn(usize) -> u32) {
        self.offer_if(scores, above, id, |_| true);
    }

    /// As [`Pool::offer`], of those that `take` takes: without a branch, for which they are is not foreseen.
    #[inline]
    pub fn offer_if(
        &mut self,
        scores: &[f32; BATCH],
        mut above: u64,
        id: impl Fn(usize) -> u32,
        mut take: impl FnMut(usize) -> bool,
    ) {
        let mut new = [0; BATCH];
        let mut count = 0;
        while above != 0 {
            let j = above.trailing_zeros() as usize;
            above &= above - 1;
            new[count] = key(scores[j], id(j));
            count += usize::from(take(j));
        }
        if count > 0 {
            self.next = self.next.min(insert(&mut self.keys, &new[..count]));
            self.floor = self.keys.last().map_or(f32::NEG_INFINITY, |k| score_of(*k));
        }
    }

    /// The best candidate not yet looked around from, among the first `width`; it counts as looked around from now on.
    #[inline]
    pub fn take(&mut self) -> Option<u32> {
        let id = self.peek()?;
        self.keys[self.next] &= !OPEN;
        Some(id)
    }

    /// The one that [`Pool::take`] would give.
    #[inline]
    pub fn peek(&mut self) -> Option<u32> {
        self.next = self.open_from(self.next)?;
        Some(id_of(self.keys[self.next]))
    }

    /// The one after that.
    #[inline]
    pub fn peek_second(&self) -> Option<u32> {
        self.open_from(self.next + 1).map(|at| id_of(self.keys[at]))
    }

    #[inline]
    fn open_from(&self, start: usize) -> Option<usize> {
        // Eight at a time: where it is to be found is not foreseen.
        (start..self.width).step_by(BLOCK).find_map(|at| {
            let some = &self.keys[at..self.width.min(at + BLOCK)];
            let open = some.iter().enumerate().fold(0, |open, (j, key)| open | (key & OPEN) << j);
            (open != 0).then(|| at + open.trailing_zeros() as usize)
        })
    }
}
