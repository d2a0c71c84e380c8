//! Best-first search over the links.

use super::code::{CodeQuery, Codes};
use super::space::{Query, Rows, prefetch};
use super::visited::Visited;
use super::watch::Watch;
use crate::pool::{BATCH, Pool};
use crate::second::Second;

/// No row: ends a short list of links.
pub const NONE: u32 = u32::MAX;

/// Buffers of one search, reused by the next.
#[derive(Default)]
pub struct Scratch {
    pub pool: Pool,
    /// The best rows of a walk that pass a filter.
    pub passing: Pool,
    visited: Visited,
    fresh: Vec<u32>,
    /// A query made ready for the codes.
    pub code: CodeQuery,
    /// What a walk found, once it was looked at again.
    pub second: Second,
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

/// How far a walk goes.
#[derive(Clone, Copy)]
pub struct Walk {
    /// It looks around from the best so many candidates.
    pub ef: usize,
    /// So many are kept, at least `ef`: those behind the first `ef` are for a second look.
    pub keep: usize,
}

impl<'a> Links<'a> {
    /// The links of row `id`.
    #[inline]
    pub fn list(self, id: u32) -> &'a [u32] {
        let all = &self.links[id as usize * self.degree..(id as usize + 1) * self.degree];
        // Counted, not sought: no branch to foresee.
        let used: u32 = all.iter().map(|id| u32::from(*id != NONE)).sum();
        &all[..used as usize]
    }

    /// The links of row `id`.
    pub fn of(self, id: u32) -> impl Iterator<Item = u32> + 'a {
        self.list(id).iter().copied()
    }

    #[inline]
    pub fn prefetch(self, id: u32) {
        for at in (0..self.degree).step_by(16) {
            prefetch(&self.links[id as usize * self.degree + at]);
        }
    }
}

/// What rows are walked by.
pub trait Scores {
    /// Whether a score is so cheap that it is had for all links, before asking which of them are new.
    const CHEAP: bool;
    /// How many rows there are.
    fn rows(&self) -> usize;
    /// Asks the processor to fetch rows.
    fn prefetch(&self, ids: &[u32]);
    /// The scores of at most [`BATCH`] rows; a bit for each that is above `floor`.
    fn scores(&self, ids: &[u32], floor: f32, out: &mut [f32; BATCH]) -> u64;
}

/// Full rows against a query.
pub struct ByRows<'a> {
    pub rows: &'a Rows<'a>,
    pub query: &'a Query<'a>,
}

impl Scores for ByRows<'_> {
    const CHEAP: bool = false;

    fn rows(&self) -> usize {
        self.rows.rows.rows()
    }

    #[inline]
    fn prefetch(&self, ids: &[u32]) {
        ids.iter().for_each(|id| self.rows.prefetch(*id));
    }

    #[inline]
    fn scores(&self, ids: &[u32], floor: f32, out: &mut [f32; BATCH]) -> u64 {
        let out = &mut out[..ids.len()];
        self.rows.scores(self.query, ids, out);
        out.iter().enumerate().fold(0, |above, (j, s)| above | u64::from(*s > floor) << j)
    }
}

/// Codes against a query.
pub struct ByCodes<'a> {
    pub codes: Codes<'a>,
    pub query: &'a CodeQuery,
}

impl Scores for ByCodes<'_> {
    const CHEAP: bool = true;

    fn rows(&self) -> usize {
        self.codes.rows
    }

    #[inline]
    fn prefetch(&self, ids: &[u32]) {
        self.codes.prefetch(ids);
    }

    #[inline]
    fn scores(&self, ids: &[u32], floor: f32, out: &mut [f32; BATCH]) -> u64 {
        self.codes.scores(self.query, ids, floor, out)
    }
}

/// The parts of a [`Scratch`] that a walk writes to.
pub struct Trail<'s> {
    pub pool: &'s mut Pool,
    pub visited: &'s mut Visited,
    pub fresh: &'s mut Vec<u32>,
}

impl Scratch {
    /// Fills the pool with the best rows that a walk meets.
    pub fn walk_rows(&mut self, start: Start<'_>, by: &impl Scores, walk: Walk, watch: impl Watch) {
        self.trail().0.walk(start, by, walk, watch);
    }

    /// Fills the pool with the best rows that a walk over codes meets, for the query that was made ready in `code`.
    pub fn walk_codes(&mut self, start: Start<'_>, codes: Codes<'_>, walk: Walk, watch: impl Watch) {
        let (mut trail, query) = self.trail();
        trail.walk(start, &ByCodes { codes, query }, walk, watch);
    }

    /// What a walk writes to, and the query that it is for.
    pub fn trail(&mut self) -> (Trail<'_>, &CodeQuery) {
        let Self { pool, visited, fresh, code, .. } = self;
        (Trail { pool, visited, fresh }, code)
    }
}

impl Trail<'_> {
    #[inline]
    fn walk<S: Scores, W: Watch>(&mut self, start: Start<'_>, by: &S, walk: Walk, mut watch: W) {
        let Start { links, entries } = start;
        self.pool.reset(walk.keep, walk.ef);
        if W::ALL || !S::CHEAP {
            self.visited.reset(by.rows());
        }
        self.look(by, entries, &mut watch);
        while let Some(id) = self.pool.take() {
            // Cheap scores wait for memory: what is likely to be looked at next is fetched meanwhile.
            if let (true, Some(next)) = (S::CHEAP, self.pool.peek()) {
                by.prefetch(links.list(next));
            }
            self.look(by, links.list(id), &mut watch);
            if let Some(next) = self.pool.peek() {
                links.prefetch(next);
                // Its links say which rows to fetch while those of the next are scored.
                if let (true, Some(second)) = (S::CHEAP, self.pool.peek_second()) {
                    links.prefetch(second);
                }
            }
        }
    }

    /// Scores rows and keeps the good ones. Where scores are dear, or every row is to be told once, only those are scored that
    /// were not met before.
    #[inline]
    pub fn look<S: Scores, W: Watch>(&mut self, by: &S, ids: &[u32], watch: &mut W) {
        let mut out = [0.0; BATCH];
        for some in ids.chunks(BATCH) {
            let mut some = some;
            if W::ALL || !S::CHEAP {
                self.fresh.clear();
                let visited = &mut *self.visited;
                self.fresh.extend(some.iter().filter(|id| visited.insert(**id)));
                some = self.fresh;
            }
            if !S::CHEAP {
                by.prefetch(some);
            }
            let floor = self.pool.floor;
            let above = by.scores(some, if W::MORE { floor.min(watch.floor()) } else { floor }, &mut out);
            watch.see(some, &out, above);
            self.pool.offer_if(&out, above, |j| some[j], |j| !W::MORE || out[j] > floor);
        }
    }
}
