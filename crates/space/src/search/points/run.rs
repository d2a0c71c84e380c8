//! Answering the tree.

use roaring::RoaringBitmap;
use rustc_hash::FxHashSet;
use vectory_core::{Context, Hit, Metric};

use super::fuse::fuse;
use super::vectors::Resolve;
use super::{Ask, Found, Input, PointQuery};
use crate::engine::{Engine, names};
use crate::search::compare::max_sim;
use crate::search::query::SearchError;
use crate::search::snapshot::Snapshot;
use crate::search::view::{Asked, Reach, ViewQuery};
use crate::store::PartView;

/// How much further each new look reaches, when documents have many passages.
const FURTHER: usize = 4;

/// What a question is answered on.
pub(crate) struct Run<'a> {
    pub snapshot: &'a Snapshot,
    pub engines: &'a [Engine],
    pub ctx: &'a Context,
}

impl Run<'_> {
    /// The answer, best first.
    pub fn answer(&self, query: &PointQuery) -> Result<Vec<Found>, SearchError> {
        let lists = query.prefetch.iter().map(|p| self.answer(p)).collect::<Result<Vec<_>, _>>()?;
        let within: Option<RoaringBitmap> =
            (!lists.is_empty()).then(|| lists.iter().flatten().map(|f| f.document).collect());
        let found = match &query.ask {
            None => self.by_id(query, within)?,
            Some(Ask::Fuse(how)) => {
                let similarity: Vec<bool> = query.prefetch.iter().map(|p| self.is_similarity(p)).collect();
                let mut fused = fuse(&lists, how, &similarity);
                if query.filter.is_some() {
                    let documents = self.snapshot.filtered(query.filter.as_ref())?;
                    fused.retain(|f| documents.contains(f.document));
                }
                fused.retain(|f| query.threshold.is_none_or(|t| f.score >= t));
                fused
            }
            Some(Ask::OrderBy { field, descending, start_from }) => {
                let documents = self.documents(query, within)?;
                self.ordered(field, *descending, *start_from, &documents)?
            }
            Some(Ask::Sample(seed)) => self.sample(*seed, query, within)?,
            Some(ask) => return self.by_vectors(query, ask, within),
        };
        Ok(found.into_iter().skip(query.offset).take(query.limit).collect())
    }

    fn documents(&self, query: &PointQuery, within: Option<RoaringBitmap>) -> Result<RoaringBitmap, SearchError> {
        let filtered = self.snapshot.filtered(query.filter.as_ref())?;
        Ok(match within {
            Some(within) => filtered & within,
            None => filtered,
        })
    }

    fn by_id(&self, query: &PointQuery, within: Option<RoaringBitmap>) -> Result<Vec<Found>, SearchError> {
        let documents = self.documents(query, within)?;
        let wanted = query.offset.saturating_add(query.limit);
        let mut found = Vec::new();
        self.snapshot.tables.each_id(None, |_, document| {
            if documents.contains(document) {
                found.push(Found { document, score: 0.0, order: None });
            }
            found.len() < wanted
        })?;
        Ok(found)
    }

    fn sample(&self, seed: u64, query: &PointQuery, within: Option<RoaringBitmap>) -> Result<Vec<Found>, SearchError> {
        let mut all: Vec<u32> = self.documents(query, within)?.iter().collect();
        all.sort_unstable_by_key(|d| vectory_core::rng::mix(seed ^ u64::from(*d)));
        Ok(all.into_iter().map(|document| Found { document, score: 0.0, order: None }).collect())
    }

    pub fn view(&self, name: &str) -> Result<usize, SearchError> {
        self.engines
            .iter()
            .position(|e| e.name == name)
            .ok_or_else(|| SearchError::NoView { name: name.to_owned(), known: names(self.engines) })
    }

    fn is_similarity(&self, query: &PointQuery) -> bool {
        let metric = self.engines.iter().find(|e| e.name == query.using).and_then(Engine::shape).map(|s| s.metric);
        !matches!(query.ask, Some(Ask::Nearest(_) | Ask::Diverse { .. })) || metric.is_none_or(Metric::is_similarity)
    }

    fn by_vectors(
        &self,
        query: &PointQuery,
        ask: &Ask,
        within: Option<RoaringBitmap>,
    ) -> Result<Vec<Found>, SearchError> {
        let view = self.view(&query.using)?;
        let resolve = Resolve { snapshot: self.snapshot, engines: self.engines, view, ctx: self.ctx };
        let (asked, inputs): (Asked, Vec<&Input>) = match ask {
            Ask::Nearest(input) | Ask::Diverse { input, .. } => (resolve.nearest(input)?, vec![input]),
            Ask::Recommend { positive, negative, strategy } => {
                (resolve.recommend(positive, negative, *strategy)?, positive.iter().chain(negative).collect())
            }
            Ask::Discover { target, pairs } => {
                let inputs = target.iter().chain(pairs.iter().flat_map(|(p, n)| [p, n])).collect();
                (resolve.discover(target.as_ref(), pairs)?, inputs)
            }
            Ask::Fuse(_) | Ask::OrderBy { .. } | Ask::Sample(_) => return Ok(Vec::new()),
        };
        let mut examples = FxHashSet::default();
        for input in inputs {
            if let Input::Id(id) = input {
                examples.extend(self.snapshot.tables.number(id)?);
            }
        }
        // Scores of examples are no distances, however the view compares.
        let shown = match &asked {
            Asked::Vector { metric, .. } => Some(*metric),
            _ => None,
        };
        let name = self.engines[view].name.clone();
        let asked = ViewQuery { view, name, asked };
        let wanted = match ask {
            Ask::Diverse { candidates, .. } => query.offset.saturating_add(query.limit).max(*candidates),
            _ => query.offset.saturating_add(query.limit),
        };
        let mut hits = self.search(query, &asked, within, &examples, wanted)?;
        if let Ask::Diverse { diversity, .. } = ask {
            hits = self.diverse(view, hits, *diversity, query.offset.saturating_add(query.limit));
        }
        let show = |score: f32| shown.map_or(score, |m| m.shown(score));
        let similarity = shown.is_none_or(Metric::is_similarity);
        let good = |score: f32| query.threshold.is_none_or(|t| if similarity { score >= t } else { score <= t });
        let found = hits.into_iter().map(|h| Found { document: h.id, score: show(h.score), order: None });
        Ok(found.filter(|f| good(f.score)).skip(query.offset).take(query.limit).collect())
    }

    /// Hits by document number, each by its best passage.
    fn search(
        &self,
        query: &PointQuery,
        asked: &ViewQuery,
        within: Option<RoaringBitmap>,
        examples: &FxHashSet<u32>,
        wanted: usize,
    ) -> Result<Vec<Hit>, SearchError> {
        let allowed = match (&query.filter, within) {
            (None, None) => None,
            (Some(filter), None) => Some(self.snapshot.allowed(filter)?),
            (_, within) => Some(std::sync::Arc::new(self.snapshot.rows_of(&self.documents(query, within)?))),
        };
        let most = allowed.as_ref().map_or(self.snapshot.rows(), |a| a.count);
        let mut depth = wanted.saturating_add(examples.len()).min(most);
        loop {
            let reach = Reach { depth, ef: query.ef, exact: query.exact, allowed: allowed.as_deref() };
            let hits = asked.search(self.snapshot, &reach);
            let complete = depth >= most || hits.len() < depth;
            let mut known = FxHashSet::default();
            let by_document = hits.into_iter().filter_map(|h| {
                let document = self.snapshot.document_of(h.id)?;
                (!examples.contains(&document) && known.insert(document)).then_some(Hit { id: document, ..h })
            });
            let by_document: Vec<Hit> = by_document.take(wanted).collect();
            if by_document.len() >= wanted || complete {
                return Ok(by_document);
            }
            depth = depth.saturating_mul(FURTHER).min(most);
        }
    }

    /// Takes, again and again, what is near and unlike what was taken.
    fn diverse(&self, view: usize, hits: Vec<Hit>, diversity: f32, wanted: usize) -> Vec<Hit> {
        let Some(shape) = self.engines[view].shape() else { return hits };
        let rows: Vec<&[f32]> = hits.iter().map(|h| self.rows(view, h.id)).collect();
        let mut nearest = vec![f32::NEG_INFINITY; hits.len()];
        let mut taken = vec![false; hits.len()];
        let mut order = Vec::new();
        while order.len() < wanted.min(hits.len()) {
            let value = |i: usize| {
                let like = if nearest[i].is_finite() { nearest[i] } else { 0.0 };
                (1.0 - diversity) * hits[i].score - diversity * like
            };
            let best =
                (0..hits.len()).filter(|i| !taken[*i]).max_by(|a, b| value(*a).total_cmp(&value(*b)).then(b.cmp(a)));
            let Some(best) = best else { break };
            taken[best] = true;
            order.push(best);
            for i in (0..hits.len()).filter(|i| !taken[*i]) {
                nearest[i] = nearest[i].max(max_sim(shape.metric, rows[best], rows[i], shape.dim));
            }
        }
        order.iter().map(|i| hits[*i]).collect()
    }

    /// The vectors of a document's first passage.
    fn rows(&self, view: usize, document: u32) -> &[f32] {
        let passage = self.snapshot.tables.known_document(document).ok().flatten().map(|r| r.first);
        let Some((part, row)) = passage.and_then(|p| self.snapshot.locate(p)) else { return &[] };
        match &self.snapshot.parts[part].part.views[view] {
            PartView::Dense(dense) => dense.of(row),
            PartView::Sparse(_) | PartView::Weights(_) => &[],
        }
    }
}
