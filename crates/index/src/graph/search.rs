//! Searching a graph, with and without a filter.

use std::sync::{Mutex, PoisonError};

use vectory_core::{Hit, TopK, VectorsRef};

use super::beam::{ByRows, Near, Scratch, Walk};
use super::build::GraphError;
use super::code::{Coder, Codes};
use super::model::Graph;
use super::space::{Query, Rows};
use crate::search::{Search, SearchParams};

/// Rows tried to learn how many a filter lets through.
const SAMPLE: usize = 256;
/// Below this part the rows that pass are scanned: the walk would meet hardly any of them.
const SCAN_BELOW: f64 = 0.05;
/// Below this number of rows everything is scanned.
const SMALL: usize = 200;

/// A graph together with its rows: ready to search, on many threads at once.
pub struct GraphSearcher<'a> {
    graph: &'a Graph,
    rows: Rows<'a>,
    coded: Option<(&'a Coder, Codes<'a>)>,
    scratch: Mutex<Vec<Scratch>>,
}

impl Graph {
    /// Joins the graph with the rows it was built of. Keep the result: it reuses its buffers.
    ///
    /// # Errors
    /// [`GraphError::Rows`] when their number or dimension is not the graph's.
    pub fn on<'a>(&'a self, rows: VectorsRef<'a>) -> Result<GraphSearcher<'a>, GraphError> {
        Ok(GraphSearcher { graph: self, rows: self.seen(rows)?, coded: self.coded(), scratch: Mutex::new(Vec::new()) })
    }
}

impl Search for GraphSearcher<'_> {
    fn len(&self) -> usize {
        self.graph.len()
    }

    fn dim(&self) -> usize {
        self.graph.dim()
    }

    fn search(&self, query: &[f32], params: &SearchParams<'_>) -> Vec<Hit> {
        if self.is_empty() || params.k == 0 || query.len() != self.dim() || query.iter().any(|v| !v.is_finite()) {
            return Vec::new();
        }
        let query = self.rows.query(query);
        let Some(filter) = params.filter else {
            return if self.len() <= SMALL { self.scan(&query, params.k, |_| true) } else { self.walk(&query, params) };
        };
        if self.len() <= SMALL || self.part_passing(filter) < SCAN_BELOW {
            return self.scan(&query, params.k, filter);
        }
        let hits = self.walk_filtered(&query, params, filter);
        if hits.len() < params.k { self.scan(&query, params.k, filter) } else { hits }
    }
}

impl GraphSearcher<'_> {
    fn walk(&self, query: &Query<'_>, params: &SearchParams<'_>) -> Vec<Hit> {
        // Codes keep more candidates than they look around from, rows do not.
        let ef = params.ef.max(if self.coded.is_some() { 1 } else { params.k }).min(self.len());
        let mut hits = self.with_scratch(|scratch| {
            let keep = if self.coded.is_some() { depth(params) } else { 0 };
            self.go(scratch, query, Walk { ef, keep, meet_all: false }, |_| {});
            if self.coded.is_some() {
                scratch.rescore(&self.rows, query, depth(params));
            }
            let mut best = TopK::new(params.k);
            for near in scratch.pool.near() {
                if near.score >= best.threshold() {
                    self.with_twins(*near, |id| _ = best.push(id, near.score));
                }
            }
            self.rescored(query, best)
        });
        if hits.len() < params.k.min(self.graph.alive()) {
            hits = self.scan(query, params.k, |_| true);
        }
        hits
    }

    /// The walk goes through all rows; those that pass are kept beside it.
    fn walk_filtered(&self, query: &Query<'_>, params: &SearchParams<'_>, filter: &dyn Fn(u32) -> bool) -> Vec<Hit> {
        let ef = params.ef.max(params.k).min(self.len());
        self.with_scratch(|scratch| {
            let mut best = TopK::new(if self.coded.is_some() { depth(params) } else { params.k });
            self.go(scratch, query, Walk { ef, keep: 0, meet_all: true }, |near| {
                if near.score >= best.threshold() {
                    self.with_twins(near, |id| {
                        if filter(id) {
                            best.push(id, near.score);
                        }
                    });
                }
            });
            let mut hits = self.rescored(query, best);
            hits.truncate(params.k);
            hits
        })
    }

    fn go(&self, scratch: &mut Scratch, query: &Query<'_>, walk: Walk, meet: impl FnMut(Near)) {
        match self.coded {
            Some((coder, codes)) => {
                coder.query(&self.rows.lifted_query(query.values), &mut scratch.code);
                scratch.walk_codes(self.graph.start(), codes, walk, meet);
            }
            None => scratch.walk_rows(self.graph.start(), &ByRows { rows: &self.rows, query }, walk, meet),
        }
    }

    /// The hits with scores that do not depend on which rows they were computed with.
    fn rescored(&self, query: &Query<'_>, best: TopK) -> Vec<Hit> {
        let mut hits = best.into_sorted();
        hits.iter_mut().for_each(|h| h.score = self.rows.shown(query, h.id));
        hits.sort_by(Hit::best_first);
        hits
    }

    fn with_twins(&self, near: Near, mut visit: impl FnMut(u32)) {
        let mut id = Some(near.id);
        while let Some(twin) = id {
            visit(twin);
            id = self.graph.twin(twin);
        }
    }

    fn scan(&self, query: &Query<'_>, k: usize, filter: impl Fn(u32) -> bool) -> Vec<Hit> {
        let mut best = TopK::new(k);
        for id in (0..self.len() as u32).filter(|id| !self.graph.is_gone(*id) && filter(*id)) {
            best.push(id, self.rows.shown(query, id));
        }
        best.into_sorted()
    }

    /// The part of the rows that a filter lets through, from evenly spread rows.
    fn part_passing(&self, filter: &dyn Fn(u32) -> bool) -> f64 {
        let tries = SAMPLE.min(self.len());
        let passing = (0..tries).filter(|i| filter((i * self.len() / tries) as u32)).count();
        passing as f64 / tries as f64
    }

    fn with_scratch<R>(&self, work: impl FnOnce(&mut Scratch) -> R) -> R {
        let kept = self.scratch.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = kept.unwrap_or_default();
        let result = work(&mut scratch);
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        result
    }
}

/// How many candidates are looked at again by their full rows: four-bit scores seldom put a true hit behind three times k.
fn depth(params: &SearchParams<'_>) -> usize {
    if params.rerank == 0 { 3 * params.k + 10 } else { params.rerank.max(params.k) }
}
