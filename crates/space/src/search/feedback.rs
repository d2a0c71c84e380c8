//! Two looks: the best passages of the first look change the question before the second.
//!
//! In a dense view they move its vector (Rocchio 1971, with rows of an encoder in the place of term weights); in a sparse
//! view their most telling words are added to it with a small weight (relevance models: Lavrenko and Croft 2001; mixed
//! with the question: Abdul-Jaleel et al. 2004). The first look is the fused one, so that passages which share the question's
//! words teach the meaning view what is meant, and the other way round.
//!
//! A vector that the caller gave, and a view that is asked alone, are left as they are.

use rustc_hash::FxHashMap;
use vectory_core::Metric;
use vectory_core::vectors::normalize;
use vectory_index::inverted::{Bm25Params, CollectionStats};
use vectory_text::Analyzer;

use super::candidates::{ViewList, candidates};
use super::snapshot::Snapshot;
use super::view::{Asked, Reach, ViewQuery};
use crate::engine::{Engine, EngineKind};
use crate::fusion::FusionParams;
use crate::store::{PartView, StoreError};
use crate::write::seen;

/// How many passages of each view compete for the first look's best places.
const POOL: usize = 30;
/// A word in more passages than this, and in more than a fiftieth of them, costs much to look for and tells little.
const COMMON: u64 = 2000;

/// What looks are taken with.
pub(crate) struct Looks<'a> {
    pub snapshot: &'a Snapshot,
    pub engines: &'a [Engine],
    pub fusion: &'a FusionParams,
}

impl Looks<'_> {
    /// Changes the questions of the views by the best passages of `lists`, and lets the views search again.
    ///
    /// # Errors
    /// When the passages' texts cannot be read.
    pub fn feed_back(
        &self,
        queries: &mut [ViewQuery],
        lists: &mut [ViewList],
        reach: &Reach<'_>,
    ) -> Result<(), StoreError> {
        if self.fusion.feedback == 0 || queries.len() < 2 {
            return Ok(());
        }
        let depth = POOL.max(self.fusion.feedback);
        let best = candidates(self.snapshot, queries, lists, depth, self.fusion).ranked;
        let passages: Vec<u32> = best.iter().take(self.fusion.feedback).map(|h| h.id).collect();
        let mut texts = None;
        for (query, list) in queries.iter_mut().zip(lists) {
            let changed = match (&mut query.asked, &self.engines[query.view].kind) {
                (Asked::Vector { vector, metric, .. }, _) => self.move_vector(query.view, vector, *metric, &passages),
                (Asked::Terms { terms, own, stats, bm25 }, EngineKind::Sparse { analyzer, .. })
                    if self.fusion.feedback_terms > 0 =>
                {
                    let texts = match &texts {
                        Some(known) => known,
                        None => texts.insert(self.texts(&passages)?),
                    };
                    let told = telling(texts, analyzer, bm25, |terms| {
                        CollectionStats::of(self.snapshot.postings(query.view), terms)
                    });
                    self.add_terms(terms, stats, *own, told);
                    terms.len() > *own
                }
                _ => false,
            };
            if changed {
                *list = ViewList::of(query, self.snapshot, reach, self.fusion);
            }
        }
        Ok(())
    }

    /// Adds to the vector `feedback_weight` times the mean of the passages' rows.
    fn move_vector(&self, view: usize, vector: &mut Vec<f32>, metric: Metric, passages: &[u32]) -> bool {
        let row = |passage: &u32| {
            let (part, row) = self.snapshot.locate(*passage)?;
            match &self.snapshot.parts[part].part.views[view] {
                PartView::Dense(dense) => dense.first(row),
                PartView::Sparse(_) | PartView::Weights(_) => None,
            }
        };
        let rows: Vec<&[f32]> = passages.iter().filter_map(row).collect();
        let share = self.fusion.feedback_weight / rows.len().max(1) as f32;
        let mut moved = vector.clone();
        for row in &rows {
            vectory_core::simd::axpy(share, row, &mut moved);
        }
        let changed = !rows.is_empty() && moved.iter().any(|x| *x != 0.0);
        if changed {
            *vector = moved;
            if metric == Metric::Cosine {
                normalize(vector);
            }
        }
        changed
    }

    /// The passages as the views saw them.
    fn texts(&self, passages: &[u32]) -> Result<Vec<String>, StoreError> {
        let text = |id: &u32| {
            let passage = self.snapshot.tables.passage(*id)?;
            let title = match self.snapshot.document_of(*id) {
                Some(number) => self.snapshot.tables.document(number)?.title,
                None => String::new(),
            };
            Ok(seen(&title, &passage.heading, &passage.text))
        };
        passages.iter().map(text).collect()
    }

    /// The most telling words, behind the question's own; one that the question has gains weight instead.
    fn add_terms(&self, terms: &mut Vec<(String, f32)>, stats: &mut CollectionStats, own: usize, mut told: Vec<Told>) {
        terms.truncate(own);
        told.truncate(self.fusion.feedback_terms);
        let most = told.iter().fold(0.0, |m, t| t.weight.max(m));
        if most <= 0.0 {
            return;
        }
        for Told { term, weight, passages } in told {
            let weight = self.fusion.feedback_term_weight * weight / most;
            match terms[..own].iter_mut().find(|(known, _)| *known == term) {
                Some((_, has)) => *has += weight,
                None => {
                    stats.doc_freq.insert(term.clone(), passages);
                    terms.push((term, weight));
                }
            }
        }
    }
}

/// A word of the best passages.
struct Told {
    term: String,
    /// How often it comes in them, saturated.
    weight: f32,
    /// In how many passages of the collection it is.
    passages: u64,
}

/// The words of the passages, most telling first: frequent in them (saturated, as BM25 counts) and rare in the collection.
fn telling(
    texts: &[String],
    analyzer: &Analyzer,
    bm25: &Bm25Params,
    stats: impl Fn(&[(String, f32)]) -> CollectionStats,
) -> Vec<Told> {
    let mut sums: FxHashMap<String, f32> = FxHashMap::default();
    for text in texts {
        let mut counts: FxHashMap<String, f32> = FxHashMap::default();
        analyzer.terms(text, &mut |t: &str| match counts.get_mut(t) {
            Some(n) => *n += 1.0,
            None => _ = counts.insert(t.to_owned(), 1.0),
        });
        for (term, n) in counts {
            *sums.entry(term).or_default() += n / (n + bm25.k1);
        }
    }
    let all: Vec<(String, f32)> = sums.into_iter().collect();
    let stats = stats(&all);
    // A word of these passages alone leads nowhere else.
    let useful = 2..=COMMON.max(stats.documents / 50);
    let ranked = all.into_iter().filter_map(|(term, weight)| {
        let passages = *stats.doc_freq.get(&term)?;
        let rarity = bm25.idf(stats.documents, passages) as f32;
        (useful.contains(&passages) && rarity > 0.0).then_some((weight * rarity, Told { term, weight, passages }))
    });
    let mut ranked: Vec<(f32, Told)> = ranked.collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.term.cmp(&b.1.term)));
    ranked.into_iter().map(|(_, told)| told).collect()
}
