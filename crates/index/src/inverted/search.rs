//! Exact top-k search: the query is planned, then the documents are gone through a window at a time.

use vectory_core::Hit;

use super::cursor::QueryTerm;
use super::model::InvertedIndex;
use super::resident::Prepared;
use super::stats::{CollectionStats, Moments};
use super::weight::Weighting;
use super::window::{Plan, SLACK};

/// Documents whose scores are computed together (in tests few, so that small collections have several windows).
const WINDOW: u32 = if cfg!(test) { 64 } else { 1 << 13 };
/// Up to so many documents there is one window: summing everything is faster than deciding what to leave out.
const SMALL: u32 = if cfg!(test) { 64 } else { 1 << 16 };

/// How to search.
#[derive(Clone, Copy, Default)]
pub struct SearchOptions<'a> {
    /// How many hits at most.
    pub k: usize,
    /// Which documents may be found; never returns fewer than `k` while that many of them match.
    pub filter: Option<&'a dyn Fn(u32) -> bool>,
    /// The collection that this index is a part of; `None`: it is the whole.
    pub stats: Option<&'a CollectionStats>,
    /// Scores every matching document: the same hits, to compare with.
    pub exhaustive: bool,
}

impl InvertedIndex {
    /// The `k` best documents for weighted terms, best first, ties by document number. A document is found when it holds
    /// at least one of the terms; a term that comes twice counts with the sum of its weights; terms whose weight is 0 or
    /// not finite are left out.
    pub fn search<S: AsRef<str>>(
        &self,
        terms: &[(S, f32)],
        k: usize,
        filter: Option<&dyn Fn(u32) -> bool>,
    ) -> Vec<Hit> {
        self.search_with(terms, &SearchOptions { k, filter, ..SearchOptions::default() })
    }

    /// As [`InvertedIndex::search`], as a part of a larger collection.
    pub fn search_with<S: AsRef<str>>(&self, terms: &[(S, f32)], options: &SearchOptions<'_>) -> Vec<Hit> {
        self.run(terms, options, None)
    }

    /// As [`InvertedIndex::search_with`], with the sums of the scores of all documents, filtered or not. Nothing is pruned:
    /// the cost is proportional to the postings of the terms.
    pub fn search_counting<S: AsRef<str>>(
        &self,
        terms: &[(S, f32)],
        options: &SearchOptions<'_>,
    ) -> (Vec<Hit>, Moments) {
        let mut moments = Moments::default();
        // Everything is summed, also where no hit is asked for.
        let hits = self.run(terms, &SearchOptions { exhaustive: true, ..*options }, Some(&mut moments));
        (hits, moments)
    }

    fn run<S: AsRef<str>>(
        &self,
        terms: &[(S, f32)],
        options: &SearchOptions<'_>,
        mut moments: Option<&mut Moments>,
    ) -> Vec<Hit> {
        let prepared = self.prepared(self.average(options.stats));
        let terms = self.query_terms(terms, options.stats, &prepared);
        if terms.is_empty() || (options.k == 0 && moments.is_none()) {
            return Vec::new();
        }
        let plan = self.plan(terms, options, &prepared);
        let window = if self.rows() <= SMALL { self.rows() } else { WINDOW };
        self.scratch.with(|scratch| {
            scratch.reset(options.k, plan.terms.len(), window as usize);
            for start in (0..self.rows()).step_by(window as usize) {
                let docs = start..start.saturating_add(window).min(self.rows());
                scratch.search_window(&plan, docs, moments.as_deref_mut());
            }
            scratch.hits()
        })
    }

    fn plan<'a>(&self, terms: Vec<QueryTerm<'a>>, options: &SearchOptions<'a>, prepared: &Prepared) -> Plan<'a> {
        let signed = match self.described.weighting {
            Weighting::Impacts(p) if p.exact() => true,
            _ => terms.iter().any(|t| t.weight < 0.0),
        };
        // A longer average makes norms smaller, at most by the ratio, and values larger, at most by its inverse.
        let ratio = (prepared.average / self.average_length()).max(1.0) as f32;
        let prunable = !signed && !options.exhaustive && ratio.is_finite();
        Plan { terms, filter: options.filter, correction: prunable.then_some(ratio * SLACK), signed }
    }
}
