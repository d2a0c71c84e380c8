//! A query against one index: its terms found, weighed and put in order.

use super::cursor::{Cursor, QueryTerm};
use super::model::InvertedIndex;
use super::resident::Prepared;
use super::select::{UNTOUCHED, touched};
use super::stats::CollectionStats;
use super::weight::{Values, Weighting};

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

impl InvertedIndex {
    /// The scores of the given documents, in their order; 0 for one that holds no term. Equal to what
    /// [`InvertedIndex::search_with`] gives them.
    pub fn score_docs<S: AsRef<str>>(
        &self,
        terms: &[(S, f32)],
        docs: &[u32],
        stats: Option<&CollectionStats>,
    ) -> Vec<f32> {
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
    pub fn matched_terms<S: AsRef<str>>(
        &self,
        terms: &[(S, f32)],
        doc: u32,
        stats: Option<&CollectionStats>,
    ) -> Vec<MatchedTerm> {
        let prepared = self.prepared(self.average(stats));
        let found = self.query_terms(terms, stats, &prepared).into_iter().filter_map(|term| {
            let score = Cursor::default().seek(&term, doc)? * term.weight;
            let stored = match self.described.weighting {
                Weighting::Bm25(_) => QueryTerm { values: Values::Linear { step: 1.0 }, unpacked: None, ..term },
                Weighting::Impacts(_) => term,
            };
            let frequency = Cursor::default().seek(&stored, doc)?;
            Some(MatchedTerm { term: stored.term, frequency, score })
        });
        found.collect()
    }

    pub(super) fn average(&self, stats: Option<&CollectionStats>) -> f64 {
        stats.map_or_else(|| self.average_length(), CollectionStats::average_length)
    }

    /// The terms that the index holds, in the query's order (which is the order of every sum), each once.
    pub(super) fn query_terms<'a, S: AsRef<str>>(
        &'a self,
        terms: &[(S, f32)],
        stats: Option<&CollectionStats>,
        prepared: &'a Prepared,
    ) -> Vec<QueryTerm<'a>> {
        let mut ids: Vec<u32> = Vec::with_capacity(terms.len());
        let mut found: Vec<QueryTerm<'a>> = Vec::with_capacity(terms.len());
        for (i, (text, weight)) in terms.iter().enumerate().filter(|(_, (_, w))| w.is_finite()) {
            let Some((id, packed)) = self.find(text.as_ref()) else { continue };
            if let Some(same) = ids.iter().position(|known| *known == id) {
                found[same].weight += weight;
                continue;
            }
            let values = self.described.weighting.values(&prepared.norms, packed.max());
            ids.push(id);
            found.push(QueryTerm {
                packed,
                unpacked: prepared.list(id, packed, values),
                values,
                weight: *weight,
                term: i,
            });
        }
        found.retain(|t| t.weight != 0.0);
        for t in &mut found {
            t.weight *= self.rarity(t, terms[t.term].0.as_ref(), stats);
        }
        found
    }

    fn rarity(&self, t: &QueryTerm<'_>, text: &str, stats: Option<&CollectionStats>) -> f32 {
        let Weighting::Bm25(p) = self.described.weighting else { return 1.0 };
        let (documents, df) = match stats {
            None => (u64::from(self.documents()), u64::from(t.packed.df())),
            Some(s) => (s.documents, s.doc_freq.get(text).copied().unwrap_or(0)),
        };
        p.idf(documents, df) as f32
    }
}
