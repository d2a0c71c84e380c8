//! From a question to the order of the documents.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use vectory_core::{Context, Hit, Metric};
use vectory_index::inverted::{CollectionStats, InvertedIndex};

use super::candidates::{Candidates, ViewList, candidates};
use super::feedback::feed_back;
use super::query::{Query, SearchError};
use super::snapshot::Snapshot;
use super::view::{Asked, Reach, ViewQuery};
use crate::engine::{Engine, EngineKind};
use crate::fusion::FusionParams;
use crate::store::PartView;

/// How much further each new look reaches, when documents have many passages among the candidates.
const FURTHER: usize = 4;

/// One hit before its texts are fetched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub document: u32,
    pub hit: Hit,
    /// Other passages of the document among the candidates.
    pub more: usize,
}

/// A ranked page.
pub(crate) struct Page {
    pub places: Vec<Place>,
    pub candidates: Candidates,
    pub queries: Vec<ViewQuery>,
    pub fusion: FusionParams,
}

/// What ranking works on.
pub(crate) struct Ranker<'a> {
    pub snapshot: &'a Arc<Snapshot>,
    pub engines: &'a [Engine],
    pub recipe: &'a FusionParams,
    pub ctx: &'a Context,
}

impl Ranker<'_> {
    /// Ranks; looks further until the page is full or nothing more is to be found.
    pub fn page(&self, query: &Query) -> Result<Page, SearchError> {
        let fusion = query.fusion.clone().unwrap_or_else(|| self.recipe.clone());
        fusion.check().map_err(|(field, got, expected)| SearchError::Fusion { field, got, expected })?;
        let mut queries = self.queries(query)?;
        let allowed = query.filter.as_ref().map(|f| self.snapshot.allowed(f)).transpose()?;
        let wanted = query.offset.saturating_add(query.k);
        let most = allowed.as_ref().map_or(self.snapshot.rows(), |a| a.count);
        // Fusion needs more candidates than hits; one view alone does not.
        let enough = if queries.len() > 1 { wanted.saturating_mul(2) } else { wanted };
        let mut depth = fusion.depth.max(enough).min(most);
        let reach = |depth| Reach { depth, ef: query.ef, exact: query.exact, allowed: allowed.as_deref() };
        let look = |queries: &[ViewQuery], depth| -> Vec<ViewList> {
            queries.iter().map(|q| ViewList::of(q, self.snapshot, &reach(depth), &fusion)).collect()
        };
        let mut lists = look(&queries, depth);
        if query.vector.is_none() {
            feed_back(self.snapshot, &mut queries, &mut lists, &reach(depth), &fusion);
        }
        loop {
            let found = candidates(self.snapshot, &queries, &lists, depth, &fusion);
            let places = self.places(&found.ranked, query.group);
            let complete = depth >= most || lists.iter().all(|l| l.hits.len() < depth);
            if places.len() >= wanted || complete {
                let places = places.into_iter().skip(query.offset).take(query.k).collect();
                return Ok(Page { places, candidates: found, queries, fusion });
            }
            depth = depth.saturating_mul(FURTHER).min(most);
            lists = look(&queries, depth);
        }
    }

    /// Hits by document, each by its best passage; or each passage by itself.
    fn places(&self, ranked: &[Hit], group: bool) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        let mut known: FxHashMap<u32, usize> = FxHashMap::default();
        for hit in ranked {
            let Some(document) = self.snapshot.document_of(hit.id) else { continue };
            match known.get(&document) {
                Some(at) if group => places[*at].more += 1,
                _ => {
                    known.insert(document, places.len());
                    places.push(Place { document, hit: *hit, more: 0 });
                }
            }
        }
        places
    }

    /// What each asked view looks for; views that the question says nothing to are left out.
    fn queries(&self, query: &Query) -> Result<Vec<ViewQuery>, SearchError> {
        let known = || self.engines.iter().map(|e| e.name.as_str()).collect::<Vec<_>>().join(", ");
        if let Some(name) = query.views.iter().find(|n| !self.engines.iter().any(|e| e.name == **n)) {
            return Err(SearchError::NoView { name: name.clone(), known: known() });
        }
        let chosen = |e: &Engine| query.views.is_empty() || query.views.contains(&e.name);
        let mut out = Vec::new();
        for (view, engine) in self.engines.iter().enumerate().filter(|(_, e)| chosen(e)) {
            let asked = match &engine.kind {
                EngineKind::Sparse { analyzer, bm25 } => {
                    let mut terms: Vec<(String, f32)> = Vec::new();
                    analyzer.terms(&query.text, &mut |t: &str| match terms.iter_mut().find(|(known, _)| known == t) {
                        Some((_, weight)) => *weight += 1.0,
                        None => terms.push((t.to_owned(), 1.0)),
                    });
                    let stats = CollectionStats::of(self.postings(view), &terms);
                    (!stats.doc_freq.is_empty()).then_some(Asked::Terms { terms, stats, bm25: *bm25 })
                }
                EngineKind::Dense { encoder, index } => {
                    let vector = self.vector(engine, query)?;
                    let metric = encoder.metric();
                    vector.map(|vector| Asked::Vector { vector, metric, index: *index })
                }
            };
            out.extend(asked.map(|asked| ViewQuery { view, name: engine.name.clone(), asked }));
        }
        Ok(out)
    }

    fn postings(&self, view: usize) -> impl Iterator<Item = &InvertedIndex> {
        self.snapshot.parts.iter().filter_map(move |p| match &p.part.views[view] {
            PartView::Sparse(index) => Some(index),
            PartView::Dense { .. } => None,
        })
    }

    /// The question's vector; none when the encoder knows no word of it.
    fn vector(&self, engine: &Engine, query: &Query) -> Result<Option<Vec<f32>>, SearchError> {
        let EngineKind::Dense { encoder, .. } = &engine.kind else { return Ok(None) };
        let mut vector = match &query.vector {
            Some(v) if v.len() != encoder.dim() => {
                let why = format!("has {} values; view `{}` takes {}", v.len(), engine.name, encoder.dim());
                return Err(SearchError::Vector { why });
            }
            Some(v) if v.iter().any(|x| !x.is_finite()) => {
                return Err(SearchError::Vector { why: "has a value that is not finite".into() });
            }
            Some(v) => v.clone(),
            None => {
                let rows = encoder
                    .encode_queries(&[query.text.as_str()], self.ctx)
                    .map_err(|source| SearchError::Encode { view: engine.name.clone(), source })?;
                rows.row(0).to_vec()
            }
        };
        if encoder.metric() == Metric::Cosine {
            vectory_core::vectors::normalize(&mut vector);
        }
        Ok(vector.iter().any(|x| *x != 0.0).then_some(vector))
    }
}
