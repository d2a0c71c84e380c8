//! The best documents of one window.
//!
//! The scores of a window are summed in an array that stays in the processor's cache. Once k documents are known, terms
//! whose bounds together cannot lift a document above the k-th best are skipped (MaxScore, Turtle and Flood 1995, with
//! bounds from the window's blocks, Ding and Suel 2011). The documents that the other terms bring near it are looked up in
//! the skipped lists, largest bound first, as long as they can still get there; then they are scored anew, term by term in
//! the query's order, so that every score is the same sum as without pruning.

use std::ops::Range;

use vectory_core::Hit;

use super::cursor::{Cursor, QueryTerm};
use super::select::{Best, UNTOUCHED, for_each_reaching, touched};
use super::stats::Moments;

/// Bounds are sums in another order than scores: by so much more they are trusted.
pub const SLACK: f32 = 1.0 + 1e-5;
/// With fewer postings than this part of a window, its documents are listed instead of gone through.
const SPARSE_PART: usize = 16;

/// What is the same in every window.
pub struct Plan<'a> {
    pub terms: Vec<QueryTerm<'a>>,
    pub filter: Option<&'a dyn Fn(u32) -> bool>,
    /// Makes up for block maxima under another average length; `None`: do not prune.
    pub correction: Option<f32>,
    /// Whether a score can be negative.
    pub signed: bool,
}

impl Plan<'_> {
    fn passes(&self, doc: u32) -> bool {
        self.filter.is_none_or(|f| f(doc))
    }
}

/// A term that is skipped in a window.
#[derive(Clone, Copy)]
struct Skipped {
    term: usize,
    bound: f32,
    /// The sum of the bounds of the terms before it.
    before: f32,
}

/// Buffers of one search, reused by the next.
#[derive(Default)]
pub struct Scratch {
    best: Best,
    scores: Vec<f32>,
    /// Whether `scores` has anything in it.
    used: bool,
    cursors: Vec<Cursor>,
    /// A second set, for the documents that are looked up.
    seekers: Vec<Cursor>,
    /// Smallest bound first.
    skipped: Vec<Skipped>,
    listed: Vec<u32>,
    maxima: Vec<i32>,
}

impl Scratch {
    /// Ready for a search of `k` documents in windows of `window`.
    pub fn reset(&mut self, k: usize, terms: usize, window: usize) {
        self.best.reset(k);
        for cursors in [&mut self.cursors, &mut self.seekers] {
            cursors.iter_mut().for_each(Cursor::reset);
            cursors.resize_with(terms.max(cursors.len()), Cursor::default);
        }
        self.scores.resize(window, UNTOUCHED);
    }

    /// The best documents of all windows.
    pub fn hits(&mut self) -> Vec<Hit> {
        self.best.hits()
    }

    /// Takes in the documents of a window; windows ascend. `moments` take in the window's scores; they are whole where the
    /// plan does not prune.
    pub fn search_window(&mut self, plan: &Plan<'_>, docs: Range<u32>, moments: Option<&mut Moments>) {
        self.partition(plan, &docs);
        if self.skipped.len() == plan.terms.len() {
            return;
        }
        if self.used {
            self.scores.fill(UNTOUCHED);
            self.used = false;
        }
        let postings: usize = self.summed(plan).map(|i| plan.terms[i].postings_within(&docs)).sum();
        if !plan.signed && postings < docs.len() / SPARSE_PART {
            self.listed_window(plan, docs, moments);
        } else {
            self.summed_window(plan, docs, moments);
        }
    }

    /// Sums the scores of all documents, then looks for the largest.
    fn summed_window(&mut self, plan: &Plan<'_>, docs: Range<u32>, moments: Option<&mut Moments>) {
        self.used = true;
        for i in 0..plan.terms.len() {
            if self.is_skipped(i) {
                continue;
            }
            let (term, scores) = (&plan.terms[i], &mut self.scores);
            self.cursors[i].visit(term, docs.start, docs.end, |p| {
                if let Some(score) = scores.get_mut(p.doc.wrapping_sub(docs.start) as usize) {
                    *score += term.weight * p.value;
                }
            });
        }
        let scores = &self.scores[..docs.len()];
        if let Some(moments) = moments {
            moments.add(scores);
        }
        if plan.signed {
            self.best.offer_signed(scores, docs.start, plan.filter);
        } else if self.skipped.is_empty() {
            self.best.offer_window(scores, docs.start, plan.filter);
        } else {
            let floor = self.best.threshold() / SLACK - self.rest();
            let mut near = std::mem::take(&mut self.listed);
            near.clear();
            for_each_reaching(scores, floor, &mut self.maxima, |i| near.push(docs.start + i as u32));
            near.iter().for_each(|doc| self.look_up(plan, *doc, docs.start));
            self.best.trim();
            self.listed = near;
        }
    }

    /// Lists the documents that have a score, then goes through these alone.
    fn listed_window(&mut self, plan: &Plan<'_>, docs: Range<u32>, mut moments: Option<&mut Moments>) {
        let mut listed = std::mem::take(&mut self.listed);
        listed.clear();
        for i in 0..plan.terms.len() {
            if self.is_skipped(i) {
                continue;
            }
            let (term, scores) = (&plan.terms[i], &mut self.scores);
            self.cursors[i].visit(term, docs.start, docs.end, |p| {
                if let Some(score) = scores.get_mut(p.doc.wrapping_sub(docs.start) as usize) {
                    if !touched(*score) {
                        listed.push(p.doc);
                    }
                    *score += term.weight * p.value;
                }
            });
        }
        listed.sort_unstable();
        for &doc in &listed {
            if let Some(moments) = moments.as_deref_mut() {
                moments.add(&self.scores[(doc - docs.start) as usize..][..1]);
            }
            if self.skipped.is_empty() {
                let score = self.scores[(doc - docs.start) as usize];
                if score > self.best.threshold() && plan.passes(doc) {
                    self.best.offer(doc, score);
                }
            } else {
                self.look_up(plan, doc, docs.start);
            }
        }
        listed.iter().for_each(|doc| self.scores[(doc - docs.start) as usize] = UNTOUCHED);
        self.listed = listed;
        self.best.trim();
    }

    /// Chooses the terms that need not be summed in this window.
    fn partition(&mut self, plan: &Plan<'_>, docs: &Range<u32>) {
        self.skipped.clear();
        let threshold = self.best.threshold();
        let Some(correction) = plan.correction.filter(|_| threshold > 0.0) else { return };
        let bounds = plan.terms.iter().enumerate().map(|(term, t)| {
            let bound = t.bound(docs.start, docs.end, correction).max(0.0);
            Skipped { term, bound, before: 0.0 }
        });
        self.skipped.extend(bounds);
        self.skipped.sort_unstable_by(|a, b| a.bound.total_cmp(&b.bound).then(a.term.cmp(&b.term)));
        let mut sum = 0.0;
        let needed = self.skipped.iter_mut().position(|s| {
            s.before = sum;
            sum += s.bound;
            sum > threshold
        });
        self.skipped.truncate(needed.unwrap_or(plan.terms.len()));
    }

    fn is_skipped(&self, term: usize) -> bool {
        self.skipped.iter().any(|s| s.term == term)
    }

    /// The terms that are summed.
    fn summed<'s>(&'s self, plan: &Plan<'_>) -> impl Iterator<Item = usize> + 's {
        (0..plan.terms.len()).filter(|i| !self.is_skipped(*i))
    }

    /// The sum of the bounds of all skipped terms.
    fn rest(&self) -> f32 {
        self.skipped.last().map_or(0.0, |s| s.before + s.bound)
    }

    /// Takes in a document whose score has only the summed terms so far. Documents ascend.
    fn look_up(&mut self, plan: &Plan<'_>, doc: u32, start: u32) {
        let threshold = self.best.threshold();
        let mut score = self.scores[(doc - start) as usize];
        if (score + self.rest()) * SLACK <= threshold || !plan.passes(doc) {
            return;
        }
        for s in self.skipped.iter().rev() {
            if let Some(value) = self.seekers[s.term].seek(&plan.terms[s.term], doc) {
                score += plan.terms[s.term].weight * value;
            }
            if (score + s.before) * SLACK <= threshold {
                return;
            }
        }
        let mut score = UNTOUCHED;
        for (term, seeker) in plan.terms.iter().zip(&mut self.seekers) {
            if let Some(value) = seeker.seek(term, doc) {
                score += term.weight * value;
            }
        }
        if score > threshold {
            self.best.offer(doc, score);
        }
    }
}

impl QueryTerm<'_> {
    /// About how many postings the term has in a window.
    fn postings_within(&self, docs: &Range<u32>) -> usize {
        self.packed.count_within(docs.start, docs.end)
    }
}
