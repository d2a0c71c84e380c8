//! All rows above a score.

use vectory_core::{Hit, TopK};

use super::super::flood::{Flood, flood};
use super::{GraphSearcher, Query, Search, SearchParams, Walk};

impl GraphSearcher<'_> {
    pub(super) fn walk_range(&self, query: &Query<'_>, floor: f32, params: &SearchParams<'_>) -> Vec<Hit> {
        let ef = params.ef.clamp(1, self.len());
        let to = Flood { floor, patience: ef, rows: self.len() };
        let nodes = flood(self.graph.start(), self.best_of_walk(query, ef), to, self.shown_of(query));
        let mut hits = Vec::with_capacity(nodes.len());
        for node in nodes {
            let mut id = Some(node.id);
            while let Some(twin) = id {
                if params.passes(twin) {
                    hits.push(Hit { id: twin, score: node.score });
                }
                id = self.graph.twin(twin);
            }
        }
        hits.sort_unstable_by(Hit::best_first);
        hits
    }

    pub(super) fn scan_range(&self, query: &Query<'_>, floor: f32, params: &SearchParams<'_>) -> Vec<Hit> {
        let mut hits = self.scan(query, self.len(), params.filter);
        hits.truncate(hits.partition_point(|h| h.score >= floor));
        hits
    }

    /// The rows that a walk keeps, with the scores that are returned.
    fn best_of_walk(&self, query: &Query<'_>, ef: usize) -> Vec<Hit> {
        self.with_scratch(|scratch| {
            self.go(scratch, query, Walk { ef, keep: ef }, ());
            let mut best = TopK::new(ef);
            scratch.pool.near().for_each(|n| _ = best.push(n.id, n.score));
            self.rescored(query, best.into_sorted())
        })
    }
}
