//! From a question to the order of the documents.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use vectory_core::{Context, Encode, Hit, Metric};
use vectory_index::inverted::CollectionStats;
use vectory_text::Analyzer;

use super::candidates::{Candidates, ViewList, candidates};
use super::feedback::Looks;
use super::query::{Query, SearchError};
use super::snapshot::Snapshot;
use super::view::{Asked, Reach, ViewQuery};
use crate::engine::{Engine, EngineKind, names};
use crate::fusion::FusionParams;

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
            let looks = Looks { snapshot: self.snapshot, engines: self.engines, fusion: &fusion };
            looks.feed_back(&mut queries, &mut lists, &reach(depth))?;
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
        if let Some(name) = query.views.iter().find(|n| !self.engines.iter().any(|e| e.name == **n)) {
            return Err(SearchError::NoView { name: name.clone(), known: names(self.engines) });
        }
        let chosen = |e: &Engine| query.views.is_empty() || query.views.contains(&e.name);
        let mut out = Vec::new();
        for (view, engine) in self.engines.iter().enumerate().filter(|(_, e)| chosen(e)) {
            let asked = match &engine.kind {
                EngineKind::Sparse { analyzer, bm25 } => {
                    let terms = terms_of(analyzer, &query.text);
                    let stats = CollectionStats::of(self.snapshot.postings(view), &terms);
                    (!stats.doc_freq.is_empty()).then_some(Asked::Terms { own: terms.len(), terms, stats, bm25: *bm25 })
                }
                // What the client gives is asked by what the client gives: see `points`.
                EngineKind::Weights { .. } => None,
                EngineKind::Dense { shape, .. } if shape.multi => None,
                EngineKind::Dense { shape, index, .. } => {
                    let vector = self.vector(engine, query)?;
                    let metric = shape.metric;
                    vector.map(|vector| Asked::Vector { vector, metric, index: *index })
                }
            };
            out.extend(asked.map(|asked| ViewQuery { view, name: engine.name.clone(), asked }));
        }
        Ok(out)
    }

    /// The question's vector; none when the encoder knows no word of it.
    fn vector(&self, engine: &Engine, query: &Query) -> Result<Option<Vec<f32>>, SearchError> {
        let EngineKind::Dense { encoder, shape, .. } = &engine.kind else { return Ok(None) };
        let mut vector = match (&query.vector, encoder) {
            (Some(v), _) => {
                check_vector(v, shape.dim, &engine.name)?;
                v.clone()
            }
            (None, None) => return Ok(None),
            (None, Some(encoder)) => encode_query(encoder.as_ref(), &engine.name, &query.text, self.ctx)?,
        };
        if shape.metric == Metric::Cosine {
            vectory_core::vectors::normalize(&mut vector);
        }
        Ok(vector.iter().any(|x| *x != 0.0).then_some(vector))
    }
}

/// Whether a query vector fits a view.
pub(super) fn check_vector(vector: &[f32], dim: usize, view: &str) -> Result<(), SearchError> {
    let why = if vector.len() != dim {
        let view = if view.is_empty() { "this collection".to_owned() } else { format!("view `{view}`") };
        format!("has {} values; {view} takes {dim}", vector.len())
    } else if vector.iter().any(|x| !x.is_finite()) {
        "has a value that is not finite".to_owned()
    } else {
        return Ok(());
    };
    Err(SearchError::Vector { why })
}

/// The vector of a question.
pub(super) fn encode_query(
    encoder: &dyn Encode,
    view: &str,
    text: &str,
    ctx: &Context,
) -> Result<Vec<f32>, SearchError> {
    let rows =
        encoder.encode_queries(&[text], ctx).map_err(|source| SearchError::Encode { view: view.to_owned(), source })?;
    Ok(rows.row(0).to_vec())
}

/// The terms of a question with how often each comes.
pub(super) fn terms_of(analyzer: &Analyzer, text: &str) -> Vec<(String, f32)> {
    let mut terms: Vec<(String, f32)> = Vec::new();
    analyzer.terms(text, &mut |t: &str| match terms.iter_mut().find(|(known, _)| known == t) {
        Some((_, weight)) => *weight += 1.0,
        None => terms.push((t.to_owned(), 1.0)),
    });
    terms
}
