//! Searching a graph, with and without a filter.

mod filtered;
mod range;

use std::sync::{Mutex, PoisonError};

use vectory_compress::Codec;
use vectory_core::{Hit, TopK, VectorsRef};

use super::beam::{ByRows, Scratch, Walk};
use super::build::GraphError;
use super::code::{Coder, Codes};
use super::model::Graph;
use super::space::{Query, Rows};
use super::watch::{All, Watch};
use crate::coded::CodedRows;
use crate::pool::Near;
use crate::search::{Filter, Search, SearchParams};
use crate::second::{Exact, Want};
use filtered::Way;

/// So many candidates are all ranked by full rows.
const FEW: usize = 32;
/// Below this number of rows everything is scanned.
const SMALL: usize = 200;

/// What the last candidates are ranked by.
#[derive(Clone, Copy)]
enum Store<'a> {
    Full,
    Codes(&'a CodedRows),
}

/// A graph together with its rows, full or coded: ready to search, on many threads at once.
pub struct GraphSearcher<'a> {
    graph: &'a Graph,
    /// No row is in here when they are coded: then only queries are made ready by it.
    rows: Rows<'a>,
    store: Store<'a>,
    coded: Option<(&'a Coder, Codes<'a>)>,
    scratch: Mutex<Vec<Scratch>>,
}

impl Graph {
    /// Joins the graph with the rows it was built of. Keep the result: it reuses its buffers.
    ///
    /// # Errors
    /// [`GraphError::Rows`] when their number or dimension is not the graph's.
    pub fn on<'a>(&'a self, rows: VectorsRef<'a>) -> Result<GraphSearcher<'a>, GraphError> {
        Ok(GraphSearcher {
            graph: self,
            rows: self.seen(rows)?,
            store: Store::Full,
            coded: self.coded(),
            scratch: Mutex::new(Vec::new()),
        })
    }

    /// Joins the graph with the coded rows it was built of; it is walked by its own codes, and the last candidates are ranked
    /// by these. A graph of the first version has no codes of its own and takes full rows only.
    ///
    /// # Errors
    /// [`GraphError::Rows`] when their number, dimension or metric is not the graph's.
    pub fn on_codes<'a>(&'a self, codes: &'a CodedRows) -> Result<GraphSearcher<'a>, GraphError> {
        let (rows, dim) = (codes.codes().rows(), codes.codec().dim());
        if rows != self.len()
            || (dim != self.dim() && rows > 0)
            || codes.codec().metric() != self.metric()
            || self.coded().is_none() != (rows == 0)
        {
            return Err(GraphError::Rows {
                expected: format!("{} × {}, {}", self.len(), self.dim(), self.metric()),
                found: format!("{rows} × {dim}, {} (codes)", codes.codec().metric()),
            });
        }
        Ok(GraphSearcher {
            graph: self,
            rows: self.queries(),
            store: Store::Codes(codes),
            coded: self.coded(),
            scratch: Mutex::new(Vec::new()),
        })
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
        match params.filter {
            Some(filter) => self.search_filtered(&query, params, filter),
            None if self.len() <= SMALL => self.scan(&query, params.k, None),
            None => self.walk(&query, params),
        }
    }

    /// Walks from the best rows through all that are above the floor, and on from the best below it until `ef` in a row had no
    /// new one above.
    fn range(&self, query: &[f32], floor: f32, params: &SearchParams<'_>) -> Vec<Hit> {
        if self.is_empty() || query.len() != self.dim() || query.iter().any(|v| !v.is_finite()) {
            return Vec::new();
        }
        let query = self.rows.query(query);
        let passing = params.filter.map(|f| (f, f.count(self.len())));
        let few = passing.is_some_and(|f| matches!(self.way(f, params), Way::Rows | Way::Codes));
        if few || self.len() <= SMALL {
            self.scan_range(&query, floor, params)
        } else {
            self.walk_range(&query, floor, params)
        }
    }
}

impl GraphSearcher<'_> {
    fn walk(&self, query: &Query<'_>, params: &SearchParams<'_>) -> Vec<Hit> {
        let coded = self.coded.is_some();
        // Codes keep more candidates than they look around from, rows do not.
        let ef = params.ef.max(if coded { 1 } else { params.k }).min(self.len());
        let mut hits = self.with_scratch(|scratch| {
            let keep = if coded { depth(params) } else { 0 };
            self.go(scratch, query, Walk { ef, keep }, ());
            self.rank(scratch, query, params, depth(params));
            let best = match self.graph.has_twins() {
                true => self.best(&scratch.second.near, params),
                false => self.best_alone(scratch, params),
            };
            self.rescored(query, best)
        });
        if hits.len() < params.k.min(self.graph.alive()) {
            hits = self.scan(query, params.k, None);
        }
        hits
    }

    /// The best `k` candidates, each with the rows that equal it, as far as they pass.
    fn best(&self, near: &[Near], params: &SearchParams<'_>) -> Vec<Hit> {
        let mut best = TopK::new(params.k);
        for near in near {
            if near.score >= best.threshold() {
                self.with_twins(*near, |id| {
                    if params.passes(id) {
                        best.push(id, near.score);
                    }
                });
            }
        }
        best.into_sorted()
    }

    /// The best `k` candidates, each for itself.
    fn best_alone(&self, scratch: &Scratch, params: &SearchParams<'_>) -> Vec<Hit> {
        if self.is_adaptive(params) {
            return scratch.second.best(params.k).map(|n| Hit { id: n.id, score: n.score }).collect();
        }
        let mut best = TopK::new(params.k);
        scratch.second.near.iter().for_each(|n| _ = best.push(n.id, n.score));
        best.into_sorted()
    }

    /// Whether candidates are ranked by full rows only as far as it is likely to matter.
    fn is_adaptive(&self, params: &SearchParams<'_>) -> bool {
        self.coded.is_some() && matches!(self.store, Store::Full) && params.rerank == 0 && depth(params) > FEW
    }

    fn go(&self, scratch: &mut Scratch, query: &Query<'_>, walk: Walk, watch: impl Watch) {
        match self.coded {
            Some((coder, codes)) => {
                coder.query(&self.rows.lifted_query(query.values), &mut scratch.code);
                scratch.walk_codes(self.graph.start(), codes, walk, watch);
            }
            None => scratch.walk_rows(self.graph.start(), &ByRows { rows: &self.rows, query }, walk, watch),
        }
    }

    /// Ranks so many candidates of a walk over codes, at most, by their rows.
    fn rank(&self, scratch: &mut Scratch, query: &Query<'_>, params: &SearchParams<'_>, depth: usize) {
        let Scratch { pool, second, code, .. } = scratch;
        let full = ByFull { rows: &self.rows, query };
        match self.store {
            _ if self.coded.is_none() => second.gather(pool),
            Store::Full if self.is_adaptive(params) => {
                second.rescore_promising(pool, Want { k: params.k, depth, worth: code.worth, deviations: 3.0 }, &full);
            }
            Store::Full => second.rescore(pool, depth, |ids, out| {
                full.fetch(ids);
                full.scores(ids, out);
            }),
            Store::Codes(codes) => {
                let ready = codes.codec().query(query.values);
                second.rescore(pool, depth, |ids, out| codes.codec().rerank(&ready, codes.codes(), ids, out));
            }
        }
    }

    /// The score that is returned for each row.
    fn shown(&self, query: &Query<'_>, ids: &[u32], out: &mut [f32]) {
        self.shown_of(query)(ids, out);
    }

    /// Gives the scores that are returned; the query is made ready once.
    fn shown_of<'q>(&'q self, query: &'q Query<'_>) -> impl FnMut(&[u32], &mut [f32]) + 'q {
        let ready = match self.store {
            Store::Full => None,
            Store::Codes(codes) => Some((codes, codes.codec().query(query.values))),
        };
        move |ids, out| match &ready {
            None => out.iter_mut().zip(ids).for_each(|(s, id)| *s = self.rows.shown(query, *id)),
            Some((codes, ready)) => codes.codec().rerank(ready, codes.codes(), ids, out),
        }
    }

    /// The hits with scores that do not depend on which rows they were computed with.
    fn rescored(&self, query: &Query<'_>, mut hits: Vec<Hit>) -> Vec<Hit> {
        let ids: Vec<u32> = hits.iter().map(|h| h.id).collect();
        let mut scores = vec![0.0; ids.len()];
        self.shown(query, &ids, &mut scores);
        hits.iter_mut().zip(scores).for_each(|(h, s)| h.score = s);
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

    fn scan(&self, query: &Query<'_>, k: usize, filter: Option<Filter<'_>>) -> Vec<Hit> {
        let mut best = TopK::new(k);
        let mut ids: Vec<u32> = Vec::new();
        match filter {
            Some(filter) => filter.each(self.len(), |id| ids.push(id)),
            None => ids.extend(0..self.len() as u32),
        }
        ids.retain(|id| !self.graph.is_gone(*id));
        let mut scores = vec![0.0; ids.len()];
        self.shown(query, &ids, &mut scores);
        ids.iter().zip(scores).for_each(|(id, score)| _ = best.push(*id, score));
        best.into_sorted()
    }

    /// How many rows a search of this query scores.
    #[must_use]
    pub fn touched(&self, query: &[f32], params: &SearchParams<'_>) -> usize {
        let query = self.rows.query(query);
        let mut count = 0;
        self.with_scratch(|scratch| {
            self.go(scratch, &query, Walk { ef: params.ef, keep: 0 }, All(|_| count += 1));
        });
        count
    }

    fn with_scratch<R>(&self, work: impl FnOnce(&mut Scratch) -> R) -> R {
        let kept = self.scratch.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut scratch = kept.unwrap_or_default();
        let result = work(&mut scratch);
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner).push(scratch);
        result
    }
}

/// The full rows of a graph.
struct ByFull<'a> {
    rows: &'a Rows<'a>,
    query: &'a Query<'a>,
}

impl Exact for ByFull<'_> {
    fn row(&self, candidate: u32) -> u32 {
        candidate
    }

    fn fetch(&self, rows: &[u32]) {
        rows.iter().for_each(|id| self.rows.prefetch(*id));
    }

    fn scores(&self, rows: &[u32], out: &mut [f32]) {
        self.rows.scores(self.query, rows, out);
    }
}

/// How many candidates are looked at again by their full rows: four-bit scores seldom put a true hit behind three times k.
fn depth(params: &SearchParams<'_>) -> usize {
    if params.rerank == 0 { 3 * params.k + 10 } else { params.rerank.max(params.k) }
}
