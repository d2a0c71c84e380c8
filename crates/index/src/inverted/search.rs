//! Exact top-k search, a window of documents at a time.
//!
//! The scores of a window are summed in an array that stays in the processor's cache. Once k documents are known, terms
//! whose bounds together cannot lift a document above the k-th best are not summed (MaxScore, Turtle and Flood 1995, with
//! the bounds of the window's blocks, Ding and Suel 2011): the documents that the other terms bring near it are scored
//! alone, term by term in the query's order, so that every score is the same sum as without pruning.

use vectory_core::Hit;

use super::cursor::{Cursor, QueryTerm};
use super::model::InvertedIndex;
use super::resident::Prepared;
use super::select::{Best, UNTOUCHED, touched};
use super::stats::CollectionStats;
use super::weight::Weighting;

/// Documents whose scores are computed together (in tests few, so that small collections have several windows).
const WINDOW: u32 = if cfg!(test) { 64 } else { 1 << 13 };
/// Up to so many documents there is one window: summing everything is faster than deciding what to leave out.
const SMALL: u32 = if cfg!(test) { 64 } else { 1 << 16 };
/// Bounds are sums in another order than scores: by so much more they are trusted.
const SLACK: f32 = 1.0 + 1e-5;

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

/// Buffers of one search, reused by the next.
#[derive(Default)]
pub(super) struct Scratch {
    scores: Vec<f32>,
    best: Best,
    cursors: Vec<Cursor>,
    /// A second set, for the documents that are scored alone.
    seekers: Vec<Cursor>,
    bounds: Vec<(f32, usize)>,
}

/// What is the same in every window.
struct Plan<'a> {
    terms: Vec<QueryTerm<'a>>,
    filter: Option<&'a dyn Fn(u32) -> bool>,
    /// Makes up for block maxima under another average length; infinite: do not prune.
    correction: f32,
    /// Whether a score can be negative.
    signed: bool,
}

impl InvertedIndex {
    /// The `k` best documents for weighted terms, best first, ties by document number. A document is found when it holds
    /// at least one of the terms; a term that comes twice counts with the sum of its weights; terms whose weight is 0 or
    /// not finite are left out.
    pub fn search<S: AsRef<str>>(&self, terms: &[(S, f32)], k: usize, filter: Option<&dyn Fn(u32) -> bool>) -> Vec<Hit> {
        self.search_with(terms, &SearchOptions { k, filter, ..SearchOptions::default() })
    }

    /// As [`InvertedIndex::search`], as a part of a larger collection.
    pub fn search_with<S: AsRef<str>>(&self, terms: &[(S, f32)], options: &SearchOptions<'_>) -> Vec<Hit> {
        let prepared = self.prepared(self.average(options.stats));
        let terms = self.query_terms(terms, options.stats, &prepared);
        if terms.is_empty() || options.k == 0 {
            return Vec::new();
        }
        let plan = self.plan(terms, options, &prepared);
        self.with_scratch(|scratch| {
            scratch.reset(options.k, plan.terms.len());
            let window = if self.rows() <= SMALL { SMALL } else { WINDOW };
            for start in (0..self.rows()).step_by(window as usize) {
                scratch.search_window(&plan, start, start.saturating_add(window).min(self.rows()));
            }
            scratch.best.hits()
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
        Plan { terms, filter: options.filter, correction: if prunable { ratio * SLACK } else { f32::INFINITY }, signed }
    }
}

impl Scratch {
    fn reset(&mut self, k: usize, terms: usize) {
        self.best.reset(k);
        for cursors in [&mut self.cursors, &mut self.seekers] {
            cursors.iter_mut().for_each(Cursor::reset);
            cursors.resize_with(terms.max(cursors.len()), Cursor::default);
        }
    }

    fn search_window(&mut self, plan: &Plan<'_>, start: u32, end: u32) {
        let threshold = self.best.threshold();
        let (skipped, rest) = if threshold > 0.0 && plan.correction.is_finite() {
            self.partition(plan, start, end, threshold)
        } else {
            (0, 0.0)
        };
        if skipped == plan.terms.len() {
            return;
        }
        self.scores.clear();
        self.scores.resize((end - start) as usize, UNTOUCHED);
        for (i, (term, cursor)) in plan.terms.iter().zip(&mut self.cursors).enumerate() {
            if !self.bounds[..skipped].iter().any(|(_, other)| *other == i) {
                cursor.accumulate(term, start, end, &mut self.scores);
            }
        }
        if skipped > 0 {
            self.complete(plan, start, rest);
        } else if plan.signed {
            self.best.offer_signed(&self.scores, start, plan.filter);
        } else {
            self.best.offer_window(&self.scores, start, plan.filter);
        }
    }

    /// Which terms need not be summed in this window: how many of `bounds` (the first ones), and their bounds' sum.
    fn partition(&mut self, plan: &Plan<'_>, start: u32, end: u32, threshold: f32) -> (usize, f32) {
        self.bounds.clear();
        self.bounds.extend(plan.terms.iter().enumerate().map(|(i, t)| (t.bound(start, end, plan.correction).max(0.0), i)));
        self.bounds.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (mut skipped, mut rest) = (0, 0.0);
        for (bound, _) in &self.bounds {
            if rest + bound > threshold {
                break;
            }
            rest += bound;
            skipped += 1;
        }
        (skipped, rest)
    }

    /// Scores alone, over all terms, the documents that could be above the threshold.
    fn complete(&mut self, plan: &Plan<'_>, start: u32, rest: f32) {
        let Self { scores, best, seekers, .. } = self;
        let mut threshold = best.threshold();
        for (doc, &part) in (start..).zip(&*scores) {
            if !touched(part) || (part + rest) * SLACK <= threshold || !plan.filter.is_none_or(|f| f(doc)) {
                continue;
            }
            let mut score = UNTOUCHED;
            for (term, seeker) in plan.terms.iter().zip(&mut *seekers) {
                if let Some(value) = seeker.seek(term, doc) {
                    score += term.weight * value;
                }
            }
            if score > threshold {
                best.offer(doc, score);
                best.trim();
                threshold = best.threshold();
            }
        }
    }
}
