//! The candidates of a walk, and the rows that it met.

use super::beam::{Near, Walk};

/// Set in the number of a candidate that was looked around from.
const DONE: u32 = 1 << 31;

/// The best rows met so far, best first; those that were looked around from carry [`DONE`].
#[derive(Default)]
pub struct Pool {
    keep: usize,
    width: usize,
    pub(super) near: Vec<Near>,
    /// No candidate before this one is left to be looked around from.
    next: usize,
    /// A score must be above this to matter.
    pub(super) floor: f32,
}

impl Pool {
    pub(super) fn reset(&mut self, walk: Walk) {
        (self.keep, self.width) = (walk.keep.max(walk.ef).max(1), walk.ef.max(1));
        self.near.clear();
        self.near.reserve(self.keep);
        self.next = 0;
        self.floor = f32::NEG_INFINITY;
    }

    /// The candidates, best first, after a walk.
    pub fn near(&self) -> &[Near] {
        &self.near
    }

    /// Takes in a candidate that scores above the floor.
    #[inline]
    pub(super) fn push(&mut self, new: Near) {
        let place = self.near.partition_point(|n| n.score >= new.score);
        if self.near.len() == self.keep {
            let last = self.keep - 1;
            self.near.copy_within(place..last, place + 1);
            self.near[place] = new;
        } else {
            self.near.insert(place, new);
        }
        if self.near.len() == self.keep {
            self.floor = self.near[self.keep - 1].score;
        }
        self.next = self.next.min(place);
    }

    /// The best candidate not yet looked around from, among the first `width`.
    #[inline]
    pub(super) fn take(&mut self) -> Option<u32> {
        let id = self.peek()?;
        self.near[self.next].id |= DONE;
        Some(id)
    }

    #[inline]
    pub(super) fn peek(&mut self) -> Option<u32> {
        while self.next < self.width {
            let id = self.near.get(self.next)?.id;
            if id & DONE == 0 {
                return Some(id);
            }
            self.next += 1;
        }
        None
    }

    pub(super) fn finish(&mut self) {
        self.near.iter_mut().for_each(|n| n.id &= !DONE);
    }
}

/// Which rows were met; cleaned by undoing only what was set.
#[derive(Default)]
pub struct Visited {
    words: Vec<u64>,
    met: Vec<u32>,
}

impl Visited {
    pub(super) fn reset(&mut self, rows: usize) {
        for &id in &self.met {
            self.words[(id / 64) as usize] = 0;
        }
        self.met.clear();
        self.words.resize(rows.div_ceil(64).max(self.words.len()), 0);
    }

    /// Marks a row; whether it is new.
    #[inline]
    pub(super) fn insert(&mut self, id: u32) -> bool {
        let (word, bit) = ((id / 64) as usize, 1u64 << (id % 64));
        let old = self.words[word];
        self.words[word] = old | bit;
        let new = old & bit == 0;
        if new {
            self.met.push(id);
        }
        new
    }
}
