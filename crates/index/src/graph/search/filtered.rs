//! Searching a graph with a filter.
//!
//! Where few rows pass, their walk codes are scanned: a code that lies where it is expected costs a part of one that a walk leads
//! to. Where some do, a walk goes from one that passes to the next. Where many do, the usual walk goes through all rows, and
//! those that pass go to a list of their own.

use vectory_core::Hit;

use super::super::beam::{Scratch, Walk};
use super::super::hop::Hops;
use super::super::watch::{Met, Sieve};
use super::{GraphSearcher, Query, SMALL, SearchParams, depth};
use crate::search::{FEW_PASS, Filter, Search, wider};

/// Below this part a walk goes over rows that pass only.
const HOP_BELOW: f64 = 0.15;
/// From this part on what passes is picked from the one list of a walk.
const MOST_PASS: f64 = 0.66;
/// What it costs to look around from a row over rows that pass, and on the usual walk; and to ask a test: in scores of codes that
/// lie in order. Measured on 50,000 rows.
const HOP_COST: usize = 270;
const WALK_COST: usize = 80;
const TESTS: usize = 5;
/// So many candidates are kept at most where `rerank` asks for no more: as many as registers hold.
const HELD: usize = 96;
/// Where the part that passes among rows that a walk met is so many times larger or smaller than among all, the filter has to do
/// with what is near the query.
const UNEVEN: f64 = 3.0;

/// How rows that pass are found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Way {
    /// All of them are scored, by full rows.
    Rows,
    /// All of them are scored by their codes, the best again by full rows.
    Codes,
    /// By a walk over rows that pass.
    Hop,
    /// By a walk over all rows.
    Walk,
}

impl GraphSearcher<'_> {
    pub(super) fn search_filtered(&self, query: &Query<'_>, params: &SearchParams<'_>, filter: Filter<'_>) -> Vec<Hit> {
        let passing = filter.count(self.len());
        let way = self.way((filter, passing), params);
        let mut hits = match filter {
            _ if matches!(way, Way::Rows | Way::Codes) => Vec::new(),
            Filter::Rows(set) => self.by_walk(query, params, (way, passing), |id| set.has(id)),
            Filter::Test(test) => self.by_walk(query, params, (way, passing), test),
        };
        if hits.len() < params.k && way != Way::Rows {
            hits = self.scan_codes(query, params, filter);
        }
        if hits.len() < params.k { self.scan(query, params.k, Some(filter)) } else { hits }
    }

    /// The cheapest way for a filter that so many rows pass.
    pub(super) fn way(&self, (filter, passing): (Filter<'_>, usize), params: &SearchParams<'_>) -> Way {
        if self.len() <= SMALL || passing <= FEW_PASS {
            return Way::Rows;
        }
        let scan = passing + if matches!(filter, Filter::Test(_)) { self.len() / TESTS } else { 0 };
        let is_hop = self.coded.is_some() && (passing as f64) < HOP_BELOW * self.len() as f64;
        let walk = if is_hop { params.ef * HOP_COST } else { self.width(params, passing) * WALK_COST };
        match self.coded {
            Some(_) if scan < walk => Way::Codes,
            None if scan * 4 < walk => Way::Rows,
            _ if is_hop => Way::Hop,
            _ => Way::Walk,
        }
    }

    /// How many rows a walk looks around from: more, the fewer of those that it meets pass.
    fn width(&self, params: &SearchParams<'_>, passing: usize) -> usize {
        wider(params.ef, passing, self.len()).max(if self.coded.is_some() { 1 } else { params.k }).min(self.len())
    }

    /// How many rows that pass are kept: of those, all are looked at again that may be among the best.
    fn kept(&self, params: &SearchParams<'_>) -> usize {
        match (self.coded.is_some(), params.rerank) {
            (false, _) => params.k,
            (true, 0) => (2 * params.k + 4).next_multiple_of(8).max(params.ef.min(depth(params))),
            (true, _) => depth(params),
        }
    }

    fn scan_codes(&self, query: &Query<'_>, params: &SearchParams<'_>, filter: Filter<'_>) -> Vec<Hit> {
        let Some((coder, codes)) = self.coded else { return Vec::new() };
        self.with_scratch(|scratch| {
            coder.query(&self.rows.lifted_query(query.values), &mut scratch.code);
            let Scratch { pool, code, .. } = scratch;
            // All are scored: how thorough a search is shows in how many are looked at again.
            let keep = depth(params).max(params.ef.min(HELD));
            pool.reset(keep, 1);
            codes.scan(code, pool, |visit| {
                filter.each(self.len(), |id| {
                    if !self.graph.is_gone(id) {
                        visit(id);
                    }
                });
            });
            self.rank(scratch, query, params, keep);
            let best = self.best_alone(scratch, params);
            self.rescored(query, best)
        })
    }

    fn by_walk(
        &self,
        query: &Query<'_>,
        params: &SearchParams<'_>,
        way: (Way, usize),
        passes: impl Fn(u32) -> bool + Copy,
    ) -> Vec<Hit> {
        let twins = self.graph.has_twins();
        let found = |scratch: &mut Scratch| {
            self.rank(scratch, query, params, self.kept(params));
            let best = if twins { self.best(&scratch.second.near, params) } else { self.best_alone(scratch, params) };
            self.rescored(query, best)
        };
        self.with_scratch(|scratch| {
            if twins {
                // A node stands for all rows that equal it.
                let any = |id| std::iter::successors(Some(id), |id| self.graph.twin(*id)).any(passes);
                self.fill(scratch, query, params, way, any);
            } else {
                self.fill(scratch, query, params, way, passes);
            }
            found(scratch)
        })
    }

    /// Fills the pool with rows that pass; leaves it empty where no walk is likely to lead to the best.
    fn fill(
        &self,
        scratch: &mut Scratch,
        query: &Query<'_>,
        params: &SearchParams<'_>,
        (way, passing): (Way, usize),
        passes: impl Fn(u32) -> bool + Copy,
    ) {
        let keep = self.kept(params);
        let even = |met: Met| met.part() * self.len() as f64 / passing.max(1) as f64;
        if let (Way::Hop, Some((coder, codes))) = (way, self.coded) {
            coder.query(&self.rows.lifted_query(query.values), &mut scratch.code);
            let met = scratch.hop_codes(self.graph.start(), codes, &Hops { ef: params.ef, keep, passes });
            if even(met) < 1.0 / UNEVEN {
                scratch.pool.reset(keep, 1);
            }
            if even(met) <= UNEVEN {
                return;
            }
        }
        let mut found = std::mem::take(&mut scratch.passing);
        found.reset(keep, 1);
        let (ef, mut met) = (self.width(params, passing), Met::default());
        if passing as f64 >= MOST_PASS * self.len() as f64 {
            self.go(scratch, query, Walk { ef, keep: keep * self.len() / passing }, ());
            (met.passed, met.asked) = found.take_passing(&scratch.pool, passes);
        } else {
            self.go(scratch, query, Walk { ef, keep: 0 }, Sieve { pool: &mut found, passes, met: &mut met });
        }
        if even(met) < 1.0 / UNEVEN {
            found.reset(keep, 1);
        }
        scratch.passing = std::mem::replace(&mut scratch.pool, found);
    }
}
