//! Best-first search over the links.

use super::space::{Query, Rows, prefetch};

/// No row: ends a short list of links.
pub const NONE: u32 = u32::MAX;

/// A candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    pub score: f32,
    pub id: u32,
}

/// The best `ef` rows met so far, best first, and which of them were looked around from.
#[derive(Default)]
pub struct Pool {
    ef: usize,
    near: Vec<Near>,
    done: Vec<bool>,
    /// No candidate before this one is left to be looked around from.
    next: usize,
}

impl Pool {
    fn reset(&mut self, ef: usize) {
        self.ef = ef.max(1);
        self.near.clear();
        self.done.clear();
        self.next = 0;
    }

    /// The candidates, best first.
    pub fn near(&self) -> &[Near] {
        &self.near
    }

    #[inline]
    fn push(&mut self, new: Near) {
        if self.near.len() == self.ef {
            // NaN cannot come: rows and queries are finite, and an overflow to infinity has an order.
            if self.near.last().is_some_and(|worst| new.score <= worst.score) {
                return;
            }
            self.near.pop();
            self.done.pop();
        }
        let place = self.near.partition_point(|n| n.score >= new.score);
        self.near.insert(place, new);
        self.done.insert(place, false);
        self.next = self.next.min(place);
    }

    /// The best candidate not yet looked around from.
    fn take(&mut self) -> Option<u32> {
        while *self.done.get(self.next)? {
            self.next += 1;
        }
        self.done[self.next] = true;
        Some(self.near[self.next].id)
    }

    fn peek(&self) -> Option<u32> {
        (self.next..self.near.len()).find(|i| !self.done[*i]).map(|i| self.near[i].id)
    }
}

/// Which rows were met; cleaned by undoing only what was set.
#[derive(Default)]
pub struct Visited {
    words: Vec<u64>,
    dirty: Vec<u32>,
}

impl Visited {
    fn reset(&mut self, rows: usize) {
        for &w in &self.dirty {
            self.words[w as usize] = 0;
        }
        self.dirty.clear();
        self.words.resize(rows.div_ceil(64).max(self.words.len()), 0);
    }

    /// Marks a row; whether it is new.
    #[inline]
    fn insert(&mut self, id: u32) -> bool {
        let (word, bit) = ((id / 64) as usize, 1u64 << (id % 64));
        let old = self.words[word];
        if old == 0 {
            self.dirty.push(word as u32);
        }
        self.words[word] = old | bit;
        old & bit == 0
    }
}

/// Buffers of one search, reused by the next.
#[derive(Default)]
pub struct Scratch {
    pub pool: Pool,
    visited: Visited,
    fresh: Vec<u32>,
    scores: Vec<f32>,
}

/// Links of all rows: `degree` a row, ended by [`NONE`].
#[derive(Clone, Copy)]
pub struct Links<'a> {
    pub links: &'a [u32],
    pub degree: usize,
}

/// What a walk walks on, and from where.
#[derive(Clone, Copy)]
pub struct Start<'a> {
    pub links: Links<'a>,
    /// Rows spread over the set: a walk starts from the best of them, so that it does not end in a far cluster.
    pub entries: &'a [u32],
}

impl<'a> Links<'a> {
    /// The links of row `id`.
    #[inline]
    pub fn of(self, id: u32) -> impl Iterator<Item = u32> + 'a {
        let all = &self.links[id as usize * self.degree..(id as usize + 1) * self.degree];
        all.iter().copied().take_while(|id| *id != NONE)
    }

    #[inline]
    fn prefetch(self, id: u32) {
        for at in (0..self.degree).step_by(16) {
            prefetch(&self.links[id as usize * self.degree + at]);
        }
    }
}

impl Scratch {
    /// Fills the pool with the best rows that a walk from the entries meets; `meet` is told every row that it scores.
    #[inline]
    pub fn walk(&mut self, start: Start<'_>, rows: &Rows<'_>, query: &Query<'_>, ef: usize, mut meet: impl FnMut(Near)) {
        let Start { links, entries } = start;
        let Scratch { pool, visited, fresh, scores } = self;
        visited.reset(rows.rows.rows());
        pool.reset(ef);
        let mut look = |fresh: &[u32], pool: &mut Pool| {
            scores.resize(fresh.len(), 0.0);
            rows.scores(query, fresh, scores);
            for (&id, &score) in fresh.iter().zip(&*scores) {
                meet(Near { score, id });
                pool.push(Near { score, id });
            }
        };
        entries.iter().for_each(|id| _ = visited.insert(*id));
        look(entries, pool);
        while let Some(id) = pool.take() {
            fresh.clear();
            for near in links.of(id) {
                if visited.insert(near) {
                    rows.prefetch(near);
                    fresh.push(near);
                }
            }
            if let Some(next) = pool.peek() {
                links.prefetch(next);
            }
            look(fresh, pool);
        }
    }
}
