//! Asking an index of bits.

use vectory_core::{Hit, TopK};

use super::BinaryIndex;
use super::space::Query;
use crate::graph::{All, Flood, Near, Start, Walk, flood};
use crate::search::{Filter, SearchParams};

/// Rows scored together.
const BLOCK: usize = 512;
/// Below this number of rows everything is scanned.
const SMALL: usize = 200;
/// Below this part the rows that pass are scanned.
const SCAN_BELOW: f64 = 0.05;

impl BinaryIndex {
    /// The best rows, best first, ties by row number. A query of another number of words finds nothing.
    #[must_use]
    pub fn search(&self, query: &[u64], params: &SearchParams<'_>) -> Vec<Hit> {
        if query.len() != self.rows().words_per_row() || params.k == 0 {
            return Vec::new();
        }
        let query = self.space().query(query);
        let mut best = TopK::new(params.k);
        if let Some(start) = self.start().filter(|_| self.is_worth_a_walk(params.filter)) {
            best = self.walk(&query, start, params);
        }
        if best.len() < params.k.min(self.len()) {
            best = TopK::new(params.k);
            self.scan(&query, params.filter, |hit| _ = best.push(hit.id, hit.score));
        }
        best.into_sorted()
    }

    /// All rows that score at least `floor`, best first, ties by row number.
    #[must_use]
    pub fn range(&self, query: &[u64], floor: f32, params: &SearchParams<'_>) -> Vec<Hit> {
        if query.len() != self.rows().words_per_row() {
            return Vec::new();
        }
        let query = self.space().query(query);
        let mut hits = Vec::new();
        match self.start().filter(|_| self.is_worth_a_walk(params.filter)) {
            Some(start) => {
                let ef = params.ef.clamp(1, self.len());
                let mut seeds = Vec::new();
                self.scratch.with(|scratch| {
                    scratch.walk_rows(start, &query, Walk { ef, keep: 0 }, ());
                    seeds.extend(scratch.pool.near().map(|n| Hit { id: n.id, score: n.score }));
                });
                // Distances of bits are few: a walk crosses many rows of the same one before it meets another group.
                let to = Flood { floor, patience: ef.saturating_mul(4), rows: self.len() };
                for node in flood(start, seeds, to, |ids, out| query.some(ids, out)) {
                    self.with_twins(node, params.filter, |hit| hits.push(hit));
                }
            }
            None => self.scan(&query, params.filter, |hit| {
                if hit.score >= floor {
                    hits.push(hit);
                }
            }),
        }
        hits.sort_unstable_by(Hit::best_first);
        hits
    }

    fn is_worth_a_walk(&self, filter: Option<Filter<'_>>) -> bool {
        let rows = self.len();
        rows > SMALL && filter.is_none_or(|f| f.count(rows) as f64 >= SCAN_BELOW * rows as f64)
    }

    fn walk(&self, query: &Query<'_>, start: Start<'_>, params: &SearchParams<'_>) -> TopK {
        let walk = Walk { ef: params.ef.max(params.k).min(self.len()), keep: 0 };
        let mut best = TopK::new(params.k);
        let mut keep = |near: Near| {
            if near.score >= best.threshold() {
                let node = Hit { id: near.id, score: near.score };
                self.with_twins(node, params.filter, |hit| _ = best.push(hit.id, hit.score));
            }
        };
        self.scratch.with(|scratch| {
            if params.filter.is_some() {
                scratch.walk_rows(start, query, walk, All(&mut keep));
            } else {
                scratch.walk_rows(start, query, walk, ());
                scratch.pool.near().for_each(&mut keep);
            }
        });
        best
    }

    fn scan(&self, query: &Query<'_>, filter: Option<Filter<'_>>, mut meet: impl FnMut(Hit)) {
        let mut scores = [0.0; BLOCK];
        for start in (0..self.len()).step_by(BLOCK) {
            let scores = &mut scores[..BLOCK.min(self.len() - start)];
            query.block(start, scores);
            let hits = (start as u32..).zip(&*scores).map(|(id, score)| Hit { id, score: *score });
            hits.filter(|h| filter.is_none_or(|f| f.passes(h.id))).for_each(&mut meet);
        }
    }

    /// A node and the rows equal to it, as far as they pass.
    fn with_twins(&self, node: Hit, filter: Option<Filter<'_>>, mut meet: impl FnMut(Hit)) {
        let mut id = Some(node.id);
        while let Some(twin) = id {
            if filter.is_none_or(|f| f.passes(twin)) {
                meet(Hit { id: twin, score: node.score });
            }
            id = self.twin(twin);
        }
    }
}
