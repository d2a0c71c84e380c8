//! One view's side of a search: candidates from every part, and scores of given passages.

use vectory_core::{Hit, Metric, TopK, Vectors};
use vectory_index::flat::Flat;
use vectory_index::inverted::{Bm25Params, CollectionStats, Moments, SearchOptions};
use vectory_index::{Filter, Search, SearchParams};

use super::allowed::Allowed;
use super::compare::Comparison;
use super::snapshot::{OpenPart, Snapshot};
use crate::engine::DenseIndex;
use crate::store::{DenseRows, PartView};

/// A question as one view understands it.
pub(crate) struct ViewQuery {
    /// Which view of the recipe.
    pub view: usize,
    pub name: String,
    pub asked: Asked,
}

/// What is looked for.
pub(crate) enum Asked {
    /// Terms with their weights, and what the collection knows of them. The first `own` are the question's, the others
    /// came by feedback.
    Terms { terms: Vec<(String, f32)>, own: usize, stats: CollectionStats, bm25: Bm25Params },
    /// A vector, of unit length under cosine.
    Vector { vector: Vec<f32>, metric: Metric, index: DenseIndex },
    /// Given weights by ascending dimension.
    Weights { query: Vec<(u32, f32)> },
    /// Several vectors, or examples: every row is compared.
    Several { comparison: Comparison, metric: Metric },
}

/// How far to look.
#[derive(Clone, Copy)]
pub(crate) struct Reach<'a> {
    /// Passages a view gives.
    pub depth: usize,
    pub ef: Option<usize>,
    pub exact: bool,
    pub allowed: Option<&'a Allowed>,
}

impl ViewQuery {
    /// The view's best passages of all parts, by passage number.
    pub fn search(&self, snapshot: &Snapshot, reach: &Reach<'_>) -> Vec<Hit> {
        self.search_into(snapshot, reach, None)
    }

    /// As [`ViewQuery::search`]; `moments` take in the scores of all passages, if the view is asked for words.
    pub(super) fn search_into(
        &self,
        snapshot: &Snapshot,
        reach: &Reach<'_>,
        mut moments: Option<&mut Moments>,
    ) -> Vec<Hit> {
        let mut best = TopK::new(reach.depth);
        for (i, part) in snapshot.parts.iter().enumerate() {
            let passages = part.part.ids.passages();
            for hit in self.search_part(part, i, reach, moments.as_deref_mut()) {
                if let Some(passage) = passages.get(hit.id as usize) {
                    best.push(*passage, hit.score);
                }
            }
        }
        best.into_sorted()
    }

    fn search_part(&self, part: &OpenPart, at: usize, reach: &Reach<'_>, moments: Option<&mut Moments>) -> Vec<Hit> {
        let allowed = reach.allowed.map(|a| &a.parts[at]);
        let only = allowed.or(part.alive.as_ref());
        let passes = |row: u32| only.is_none_or(|bits| bits.has(row));
        match (&self.asked, &part.part.views[self.view]) {
            (Asked::Terms { terms, stats, .. }, PartView::Sparse(index)) => {
                let filter: Option<&dyn Fn(u32) -> bool> = if only.is_some() { Some(&passes) } else { None };
                let options = SearchOptions { k: reach.depth, filter, stats: Some(stats), ..SearchOptions::default() };
                let Some(moments) = moments else { return index.search_with(terms, &options) };
                let (hits, of_part) = index.search_counting(terms, &options);
                moments.sum += of_part.sum;
                moments.squares += of_part.squares;
                hits
            }
            (Asked::Vector { vector, metric, index }, PartView::Dense(dense)) if *metric != Metric::L1 => {
                let by_vector = |vector: u32| passes(dense.item_of(vector));
                // Items of one vector each have the numbers of their vectors.
                let filter = |set| if dense.starts.is_none() { Filter::Rows(set) } else { Filter::Test(&by_vector) };
                let params = SearchParams {
                    k: reach.depth,
                    ef: reach.ef.unwrap_or(index.ef).max(reach.depth),
                    filter: only.map(filter),
                    ..SearchParams::default()
                };
                let rows = dense.rows.view();
                let searcher = dense.graph.as_ref().filter(|_| !reach.exact).and_then(|g| g.on(rows).ok());
                let mut hits = match searcher {
                    Some(searcher) => searcher.search(vector, &params),
                    None => Flat::new(rows, flat_metric(*metric)).search(vector, &params),
                };
                hits.iter_mut().for_each(|h| h.id = dense.item_of(h.id));
                hits
            }
            (Asked::Weights { query }, PartView::Weights(weights)) => weights.search(query, reach.depth, &passes),
            (_, PartView::Dense(dense)) => self.scan(dense, part.part.len(), reach.depth, &passes),
            _ => Vec::new(),
        }
    }

    /// Compares with every item that has vectors.
    fn scan(&self, dense: &DenseRows, items: usize, k: usize, passes: &dyn Fn(u32) -> bool) -> Vec<Hit> {
        let mut best = TopK::new(k);
        for item in (0..items as u32).filter(|i| passes(*i)) {
            let score = self.score_dense(dense, item);
            if !score.is_nan() {
                best.push(item, score);
            }
        }
        best.into_sorted()
    }

    fn score_dense(&self, dense: &DenseRows, item: u32) -> f32 {
        match &self.asked {
            Asked::Vector { vector, metric, .. } => {
                dense.first(item).map_or(f32::NAN, |row| compare(*metric, vector, row))
            }
            Asked::Several { comparison, metric } => match dense.of(item) {
                [] => f32::NAN,
                rows => comparison.score(*metric, rows, dense.rows.dim()),
            },
            Asked::Terms { .. } | Asked::Weights { .. } => f32::NAN,
        }
    }

    /// The view's score of each passage (ascending numbers); NaN for one that it does not hold.
    pub fn score(&self, snapshot: &Snapshot, passages: &[u32]) -> Vec<f32> {
        let mut scores = vec![f32::NAN; passages.len()];
        let mut at = 0;
        for part in &snapshot.parts {
            let Some(last) = part.part.ids.passages().last() else { continue };
            let end = at + passages[at..].partition_point(|p| p <= last);
            let located: Vec<(usize, u32)> =
                (at..end).filter_map(|i| Some((i, part.part.ids.row(passages[i])?))).collect();
            let rows: Vec<u32> = located.iter().map(|l| l.1).collect();
            let found = self.score_rows(&part.part.views[self.view], &rows);
            for ((i, _), score) in located.iter().zip(found) {
                scores[*i] = score;
            }
            at = end;
        }
        scores
    }

    fn score_rows(&self, view: &PartView, wanted: &[u32]) -> Vec<f32> {
        match (&self.asked, view) {
            (Asked::Terms { terms, stats, .. }, PartView::Sparse(index)) => {
                index.score_docs(terms, wanted, Some(stats))
            }
            (Asked::Weights { query }, PartView::Weights(weights)) => {
                wanted.iter().map(|r| weights.score(query, *r)).collect()
            }
            (_, PartView::Dense(dense)) => wanted.iter().map(|r| self.score_dense(dense, *r)).collect(),
            _ => vec![f32::NAN; wanted.len()],
        }
    }

    /// The scores of sampled rows.
    pub fn score_sample(&self, sample: &Vectors) -> Vec<f32> {
        match &self.asked {
            Asked::Vector { vector, metric, .. } => sample.iter().map(|r| compare(*metric, vector, r)).collect(),
            Asked::Terms { .. } | Asked::Weights { .. } | Asked::Several { .. } => Vec::new(),
        }
    }
}

/// Rows and queries of a cosine view have unit length, so their product is the cosine.
fn flat_metric(metric: Metric) -> Metric {
    if metric == Metric::Cosine { Metric::Dot } else { metric }
}

pub(super) fn compare(metric: Metric, query: &[f32], row: &[f32]) -> f32 {
    match metric {
        Metric::L1 => -vectory_core::simd::l1(query, row),
        Metric::L2 => -vectory_core::simd::l2_sq(query, row),
        _ => vectory_core::simd::dot(query, row),
    }
}
