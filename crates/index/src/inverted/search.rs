//! Exact top-k search, scores of given documents, and which terms matched.

use vectory_core::Hit;

use super::model::{InvertedIndex, Prepared};
use super::pack::BLOCK;
use super::postings::Postings;
use super::select::{Best, UNTOUCHED, touched};
use super::stats::CollectionStats;
use super::weight::{Values, Weighting};

/// Documents whose scores are computed together: their sums stay in the processor's cache.
const WINDOW: u32 = 1 << 15;

/// How to search.
#[derive(Clone, Copy, Default)]
pub struct SearchOptions<'a> {
    /// How many hits at most.
    pub k: usize,
    /// Which documents may be found; never returns fewer than `k` while that many of them match.
    pub filter: Option<&'a dyn Fn(u32) -> bool>,
    /// The collection that this index is a part of; `None`: it is the whole.
    pub stats: Option<&'a CollectionStats>,
}

/// A term of the query that a document holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MatchedTerm {
    /// Which of the query's terms.
    pub term: usize,
    /// Its frequency in the document (its weight, for sparse vectors).
    pub frequency: f32,
    /// What it adds to the score.
    pub score: f32,
}

/// A term of a query, found in the index.
struct QueryTerm<'a> {
    list: Postings<'a>,
    values: Values<'a>,
    /// The query's weight times the term's rarity.
    weight: f32,
    /// Which of the query's terms.
    term: usize,
}

/// Buffers of one search, reused by the next.
#[derive(Default)]
pub(super) struct Scratch {
    scores: Vec<f32>,
    best: Best,
    cursors: Vec<Cursor>,
}

/// Where a search stands in one list: the block that is read, and the next posting of it.
struct Cursor {
    next_block: usize,
    at: usize,
    len: usize,
    docs: [u32; BLOCK],
    values: [f32; BLOCK],
}

impl Default for Cursor {
    fn default() -> Self {
        Self { next_block: 0, at: 0, len: 0, docs: [0; BLOCK], values: [0.0; BLOCK] }
    }
}

impl InvertedIndex {
    /// The `k` best documents for weighted terms, best first, ties by document number. A document is found when it holds
    /// at least one of the terms; a term that comes twice counts with the sum of its weights; weights that are not
    /// finite count as 0.
    pub fn search<S: AsRef<str>>(&self, terms: &[(S, f32)], k: usize, filter: Option<&dyn Fn(u32) -> bool>) -> Vec<Hit> {
        self.search_with(terms, &SearchOptions { k, filter, stats: None })
    }

    /// As [`InvertedIndex::search`], as a part of a larger collection.
    pub fn search_with<S: AsRef<str>>(&self, terms: &[(S, f32)], options: &SearchOptions<'_>) -> Vec<Hit> {
        let prepared = self.prepared(self.average(options.stats));
        let terms = self.query_terms(terms, options.stats, &prepared);
        if terms.is_empty() || options.k == 0 {
            return Vec::new();
        }
        self.with_scratch(|scratch| {
            scratch.best.reset(options.k);
            scratch.cursors.iter_mut().for_each(|c| (c.next_block, c.at, c.len) = (0, 0, 0));
            scratch.cursors.resize_with(terms.len().max(scratch.cursors.len()), Cursor::default);
            let rows = self.rows();
            for start in (0..rows).step_by(WINDOW as usize) {
                self.search_window(&terms, start, start.saturating_add(WINDOW).min(rows), options.filter, scratch);
            }
            scratch.best.hits()
        })
    }

    fn search_window(
        &self,
        terms: &[QueryTerm<'_>],
        start: u32,
        end: u32,
        filter: Option<&dyn Fn(u32) -> bool>,
        scratch: &mut Scratch,
    ) {
        let Scratch { scores, best, cursors } = scratch;
        scores.clear();
        scores.resize((end - start) as usize, UNTOUCHED);
        for (term, cursor) in terms.iter().zip(cursors) {
            cursor.accumulate(term, start, end, scores);
        }
        match filter {
            None => best.offer_window(scores, start),
            Some(filter) => best.offer_filtered(scores, start, filter),
        }
    }

    /// The scores of the given documents, in their order; 0 for one that holds no term. Equal to what
    /// [`InvertedIndex::search_with`] gives them.
    pub fn score_docs<S: AsRef<str>>(&self, terms: &[(S, f32)], docs: &[u32], stats: Option<&CollectionStats>) -> Vec<f32> {
        let prepared = self.prepared(self.average(stats));
        let mut order: Vec<usize> = (0..docs.len()).collect();
        order.sort_unstable_by_key(|i| docs[*i]);
        let mut scores = vec![UNTOUCHED; docs.len()];
        for term in self.query_terms(terms, stats, &prepared) {
            let mut cursor = Cursor::default();
            for &i in &order {
                if let Some(value) = cursor.seek(&term, docs[i]) {
                    scores[i] += term.weight * value;
                }
            }
        }
        scores.iter().map(|s| if touched(*s) { *s } else { 0.0 }).collect()
    }

    /// Which of the terms a document holds, and what each adds to its score.
    pub fn matched_terms<S: AsRef<str>>(&self, terms: &[(S, f32)], doc: u32, stats: Option<&CollectionStats>) -> Vec<MatchedTerm> {
        let prepared = self.prepared(self.average(stats));
        let found = self.query_terms(terms, stats, &prepared).into_iter().filter_map(|term| {
            let score = Cursor::default().seek(&term, doc)? * term.weight;
            let stored = match self.described.weighting {
                Weighting::Bm25(_) => QueryTerm { values: Values::Linear { step: 1.0 }, ..term },
                Weighting::Impacts(_) => term,
            };
            let frequency = Cursor::default().seek(&stored, doc)?;
            Some(MatchedTerm { term: stored.term, frequency, score })
        });
        found.collect()
    }

    fn average(&self, stats: Option<&CollectionStats>) -> f64 {
        stats.map_or_else(|| self.average_length(), CollectionStats::average_length)
    }

    /// The terms that the index holds, in the query's order (which is the order of every sum), each once.
    fn query_terms<'a, S: AsRef<str>>(
        &'a self,
        terms: &[(S, f32)],
        stats: Option<&CollectionStats>,
        prepared: &'a Prepared,
    ) -> Vec<QueryTerm<'a>> {
        let mut found: Vec<(u32, QueryTerm<'a>)> = Vec::with_capacity(terms.len());
        for (i, (text, weight)) in terms.iter().enumerate() {
            let weight = if weight.is_finite() { *weight } else { 0.0 };
            let Some((id, list)) = self.find(text.as_ref()) else { continue };
            if let Some((_, same)) = found.iter_mut().find(|(known, _)| *known == id) {
                same.weight += weight;
                continue;
            }
            let values = self.described.weighting.values(&prepared.norms, list.max());
            found.push((id, QueryTerm { list, values, weight, term: i }));
        }
        let rarity = |t: &QueryTerm<'_>| match self.described.weighting {
            Weighting::Bm25(p) => {
                let (documents, df) = match stats {
                    None => (u64::from(self.documents()), u64::from(t.list.df())),
                    Some(s) => (s.documents, s.doc_freq.get(terms[t.term].0.as_ref()).copied().unwrap_or(0)),
                };
                p.idf(documents, df) as f32
            }
            Weighting::Impacts(_) => 1.0,
        };
        found.into_iter().map(|(_, t)| QueryTerm { weight: t.weight * rarity(&t) + 0.0, ..t }).collect()
    }
}

impl Cursor {
    /// Adds the term's values of documents `start..end` to their scores.
    fn accumulate(&mut self, term: &QueryTerm<'_>, start: u32, end: u32, scores: &mut [f32]) {
        loop {
            let (docs, values) = (&self.docs[self.at..self.len], &self.values[self.at..self.len]);
            let here = if docs.last().is_some_and(|d| *d < end) { docs.len() } else { docs.partition_point(|d| *d < end) };
            for (&doc, &value) in docs[..here].iter().zip(&values[..here]) {
                if let Some(score) = scores.get_mut(doc.wrapping_sub(start) as usize) {
                    *score += term.weight * value + 0.0;
                }
            }
            self.at += here;
            if self.at < self.len || self.next_block >= term.list.blocks() {
                return;
            }
            self.load(term, self.next_block);
        }
    }

    fn load(&mut self, term: &QueryTerm<'_>, i: usize) {
        let block = term.list.block(i);
        let mut stored = [0; BLOCK];
        block.docs(&mut self.docs[..block.len]);
        block.stored(&mut stored[..block.len]);
        term.values.fill(&self.docs[..block.len], &stored[..block.len], &mut self.values[..block.len]);
        (self.next_block, self.at, self.len) = (i + 1, 0, block.len);
    }

    /// The term's value in a document not before those sought so far.
    fn seek(&mut self, term: &QueryTerm<'_>, doc: u32) -> Option<f32> {
        if self.len == 0 || self.docs[self.len - 1] < doc {
            let block = term.list.seek_block(self.next_block, doc);
            if block >= term.list.blocks() {
                return None;
            }
            self.load(term, block);
        }
        self.docs[..self.len].binary_search(&doc).ok().map(|i| self.values[i])
    }
}
