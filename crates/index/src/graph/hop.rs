//! A walk from row to row that passes a filter, over those that do not (ACORN, Patel et al. 2024).
//!
//! The rows around a candidate are those of its links that pass and, until there are enough, those of the links of its links.
//! A row that does not pass costs a bit, not a score: where one in ten passes, this reads a fifth of the lines of a walk that
//! scores all.

use super::beam::{ByCodes, Links, Scores, Scratch, Start, Trail};
use super::code::Codes;
use super::watch::Met;
use crate::pool::BATCH;

/// So many new rows that pass are sought around each: what is scored at once.
const AROUND: usize = BATCH;
/// The best so many entries are looked around from, whether they pass or not.
const FIRST: usize = 2;

/// How a walk over rows that pass goes.
#[derive(Clone, Copy)]
pub struct Hops<P> {
    /// It looks around from the best so many rows that pass.
    pub ef: usize,
    /// So many are kept.
    pub keep: usize,
    pub passes: P,
}

impl Scratch {
    /// Fills the pool with the best rows that pass, by codes, for the query that was made ready; tells how many of the rows around
    /// those that were looked around from pass.
    pub fn hop_codes(&mut self, start: Start<'_>, codes: Codes<'_>, hops: &Hops<impl Fn(u32) -> bool>) -> Met {
        let (mut trail, code) = self.trail();
        trail.hop(start, &ByCodes { codes, query: code }, hops)
    }
}

impl Trail<'_> {
    fn hop<S: Scores>(&mut self, start: Start<'_>, by: &S, hops: &Hops<impl Fn(u32) -> bool>) -> Met {
        let (Start { links, entries }, mut met) = (start, Met::default());
        self.visited.reset(by.rows());
        // Where the best entries do not pass, what lies around them may.
        self.pool.reset(FIRST, FIRST);
        self.look(by, entries, &mut ());
        let first: Vec<u32> = self.pool.near().take(FIRST).map(|n| n.id).collect();
        self.pool.reset(hops.keep, hops.ef);
        self.visited.reset(by.rows());
        self.fresh.clear();
        self.take_in(by, entries, &hops.passes, &mut Met::default());
        self.score(by);
        for id in first {
            self.gather(links, by, id, &hops.passes, &mut met);
            self.score(by);
        }
        while let Some(id) = self.pool.take() {
            self.gather(links, by, id, &hops.passes, &mut met);
            self.score(by);
            if let Some(next) = self.pool.peek() {
                links.list(next).iter().for_each(|id| links.prefetch(*id));
                if let Some(second) = self.pool.peek_second() {
                    links.prefetch(second);
                }
            }
        }
        met
    }

    /// Collects new rows that pass around a row.
    #[inline]
    fn gather<S: Scores>(&mut self, links: Links<'_>, by: &S, id: u32, passes: &impl Fn(u32) -> bool, met: &mut Met) {
        self.fresh.clear();
        let near = links.list(id);
        self.take_in(by, near, passes, met);
        for over in near {
            if self.fresh.len() >= AROUND {
                break;
            }
            self.take_in(by, links.list(*over), passes, met);
        }
    }

    /// Collects those that pass and were not met before.
    #[inline]
    fn take_in<S: Scores>(&mut self, by: &S, ids: &[u32], passes: &impl Fn(u32) -> bool, met: &mut Met) {
        for some in ids.chunks(BATCH) {
            let (mut passing, mut count) = ([0; BATCH], 0);
            for id in some {
                passing[count] = *id;
                count += usize::from(passes(*id));
            }
            met.asked += some.len();
            met.passed += count;
            let new = passing[..count].iter().filter(|id| self.visited.insert(**id));
            let before = self.fresh.len();
            self.fresh.extend(new);
            by.prefetch(&self.fresh[before..]);
        }
    }

    /// Scores what was collected.
    #[inline]
    fn score<S: Scores>(&mut self, by: &S) {
        let mut out = [0.0; BATCH];
        for some in self.fresh.chunks(BATCH) {
            let above = by.scores(some, self.pool.floor, &mut out);
            self.pool.offer(&out, above, |j| some[j]);
        }
    }
}
