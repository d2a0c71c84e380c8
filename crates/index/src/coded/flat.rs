//! The scan over codes.

use vectory_compress::{AnyQuery, Codec, CodesRef, Layout};
use vectory_core::scorer::{FlatScorer, Scorer};
use vectory_core::{Hit, Metric, VectorsRef};

use super::pick::Picker;
use super::{CodedRows, settle};
use crate::kept::Kept;
use crate::search::{Filter, Search, SearchParams};

/// Rows scored together: their scores stay in the first cache.
const BLOCK: usize = 512;

/// How many rows a scan scores in the time of one by its number, for records of so many bytes: 9 to 12 where some share a cache line, about
/// one where a record takes several (`bench_scan`). Where no more than this share passes a filter, only they are scored.
pub(crate) fn one_by_one(bytes: usize) -> usize {
    if bytes < 64 { 12 } else { 2 }
}

/// All coded rows, compared with each query; the best again by both levels of the codes, or by full rows.
pub struct CodedFlat<'a> {
    coded: &'a CodedRows,
    rows: Option<VectorsRef<'a>>,
    /// Queries that are made ready: their buffers are used again.
    ready: Kept<AnyQuery>,
}

impl<'a> CodedFlat<'a> {
    /// An index of all rows, without any work. With `rows`, the full ones in the same order, the last candidates are ranked
    /// by them.
    #[must_use]
    pub fn new(coded: &'a CodedRows, rows: Option<VectorsRef<'a>>) -> Self {
        Self { coded, rows, ready: Kept::default() }
    }

    /// Runs `work` with the query made ready; a query that is not of these rows finds nothing.
    fn with_ready(&self, query: &[f32], work: impl FnOnce(&AnyQuery) -> Vec<Hit>) -> Vec<Hit> {
        if query.len() != self.dim() || query.iter().any(|v| !v.is_finite()) {
            return Vec::new();
        }
        self.ready.with(|ready| {
            self.coded.codec().query_into(query, ready);
            work(ready)
        })
    }

    fn scan(&self, query: &AnyQuery, keep: usize, filter: Option<Filter<'_>>) -> Vec<Hit> {
        let (codec, codes) = (self.coded.codec(), self.coded.codes());
        let mut best = Picker::new(keep);
        if let Some(filter @ Filter::Rows(set)) = filter
            && set.len() * one_by_one(codes.layout().primary) <= codes.rows()
        {
            let mut ids = Vec::with_capacity(set.len());
            filter.each(codes.rows(), |id| ids.push(id));
            let mut scores = [0.0; BLOCK];
            for ids in ids.chunks(BLOCK) {
                let scores = &mut scores[..ids.len()];
                codec.scores(query, codes, ids, scores);
                best.offer(scores, |i| Some(ids[i]));
            }
            return best.into_best();
        }
        codec.above(query, codes, 0..codes.rows(), best.floor(), &mut |row, score| {
            if filter.is_none_or(|f| f.passes(row)) {
                best.push(row, score);
            }
            best.floor()
        });
        best.into_best()
    }

    /// Ranks again by the second level, then by full rows, as far as they are there.
    fn rank(&self, values: &[f32], query: &AnyQuery, mut hits: Vec<Hit>) -> Vec<Hit> {
        let ids: Vec<u32> = hits.iter().map(|h| h.id).collect();
        let mut scores = vec![0.0; ids.len()];
        match self.rows {
            Some(rows) => full_scores(rows, values, self.coded.codec().metric(), &ids, &mut scores),
            None => self.coded.codec().rerank(query, self.coded.codes(), &ids, &mut scores),
        }
        hits.iter_mut().zip(scores).for_each(|(h, s)| h.score = s);
        hits.sort_unstable_by(Hit::best_first);
        hits
    }
}

/// Rows that are fetched while those before them are scored.
const AHEAD: usize = 16;

/// The scores of full rows, which lie anywhere: the next ones are fetched while some are scored.
pub(crate) fn full_scores(rows: VectorsRef<'_>, query: &[f32], metric: Metric, ids: &[u32], out: &mut [f32]) {
    let bytes = bytemuck::cast_slice(rows.as_slice());
    let places = CodesRef::new(Layout::records(4 * rows.dim(), 0), rows.rows(), bytes, &[]);
    // Metric and dimension were compared when the index was made and the query came in.
    let (Ok(places), Ok(scorer)) = (places, FlatScorer::new(rows, query, metric)) else { return out.fill(f32::NAN) };
    ids.iter().take(AHEAD).for_each(|id| places.prefetch(*id));
    for (i, (now, out)) in ids.chunks(AHEAD).zip(out.chunks_mut(AHEAD)).enumerate() {
        ids.iter().skip((i + 1) * AHEAD).take(AHEAD).for_each(|id| places.prefetch(*id));
        scorer.score(now, out);
    }
}

/// How many candidates are ranked again: what was asked for, or ten times `k`, at least 100.
pub(crate) fn depth(params: &SearchParams<'_>) -> usize {
    let wanted = if params.rerank > 0 { params.rerank } else { (10 * params.k).max(100) };
    wanted.max(params.k)
}

impl Search for CodedFlat<'_> {
    fn len(&self) -> usize {
        self.coded.codes().rows()
    }

    fn dim(&self) -> usize {
        self.coded.codec().dim()
    }

    fn search(&self, query: &[f32], params: &SearchParams<'_>) -> Vec<Hit> {
        if params.k == 0 {
            return Vec::new();
        }
        self.with_ready(query, |ready| {
            let mut hits = self.rank(query, ready, self.scan(ready, depth(params), params.filter));
            hits.truncate(params.k);
            hits
        })
    }

    /// Scores are those of both levels of the codes, or of full rows where they are kept; candidates are found by the first level.
    fn range(&self, query: &[f32], floor: f32, params: &SearchParams<'_>) -> Vec<Hit> {
        self.with_ready(query, |ready| {
            let mut scores = vec![0.0; self.len()];
            for (i, block) in scores.chunks_mut(BLOCK).enumerate() {
                self.coded.codec().block(ready, self.coded.codes(), i * BLOCK, block);
            }
            let hits = (0..).zip(scores).map(|(id, score)| Hit { id, score });
            let first = hits.filter(|h| params.passes(h.id)).collect();
            settle(first, floor, |hits| self.rank(query, ready, hits))
        })
    }
}
