//! A graph walked on the codes of any codec: LVQ, LeanVec, PQ, …, instead of the rows that it was built of.
//!
//! The walk reads primary records, fetched ahead; the last candidates are ranked by both levels of the codes, or by full rows
//! where they are kept. To build on the codes, too, build the graph of decoded rows ([`decoded`]).

use std::sync::{Mutex, PoisonError};

use vectory_compress::{AnyQuery, Codec, CodesRef};
use vectory_core::{Hit, TopK, Vectors, VectorsRef};

use super::{Graph, GraphError};
use crate::coded::{CodedFlat, CodedRows, depth, full_scores};
use crate::search::{FEW_PASS, Filter, Search, SearchParams, wider};

/// The rows that the primary records stand for (both levels where decoding takes both).
#[must_use]
pub fn decoded(codec: &impl Codec, codes: CodesRef<'_>) -> Vectors {
    let mut rows = Vectors::zeros(codes.rows(), codec.dim());
    (0..codes.rows()).for_each(|i| codec.decode(codes, i as u32, rows.row_mut(i)));
    rows
}

/// A graph together with codes of its rows.
pub struct CodedGraphSearcher<'a> {
    graph: &'a Graph,
    coded: &'a CodedRows,
    rows: Option<VectorsRef<'a>>,
    scratch: Mutex<Vec<Scratch>>,
}

/// Buffers of one search, used again by the next.
#[derive(Default)]
struct Scratch {
    query: AnyQuery,
    pool: Vec<Candidate>,
    met: Vec<u64>,
    dirty: Vec<u32>,
    fresh: Vec<u32>,
    scores: Vec<f32>,
}

#[derive(Clone, Copy)]
struct Candidate {
    score: f32,
    id: u32,
    /// Whether it was looked around from.
    done: bool,
}

impl Graph {
    /// Joins the graph with codes of its rows, in their order; with `rows`, the full ones, the last candidates are ranked by
    /// them. Keep the result: it reuses its buffers.
    ///
    /// # Errors
    /// [`GraphError::Rows`] when number, dimension or metric are not the graph's.
    pub fn over<'a>(
        &'a self,
        coded: &'a CodedRows,
        rows: Option<VectorsRef<'a>>,
    ) -> Result<CodedGraphSearcher<'a>, GraphError> {
        let (codec, found) = (coded.codec(), coded.codes().rows());
        if found != self.len() || codec.dim() != self.dim() || codec.metric() != self.metric() {
            return Err(GraphError::Rows {
                expected: format!("{} × {}, {}", self.len(), self.dim(), self.metric()),
                found: format!("{found} × {}, {}", codec.dim(), codec.metric()),
            });
        }
        Ok(CodedGraphSearcher { graph: self, coded, rows, scratch: Mutex::default() })
    }
}

impl Scratch {
    fn reset(&mut self, rows: usize) {
        self.dirty.drain(..).for_each(|w| self.met[w as usize] = 0);
        self.met.resize(rows.div_ceil(64).max(self.met.len()), 0);
        self.pool.clear();
    }

    /// Marks a row; whether it is new.
    #[inline]
    fn meet(&mut self, id: u32) -> bool {
        let (word, bit) = ((id / 64) as usize, 1u64 << (id % 64));
        let before = self.met[word];
        if before == 0 {
            self.dirty.push(word as u32);
        }
        self.met[word] = before | bit;
        before & bit == 0
    }

    /// Keeps a candidate among the best `ef`; where it went, if it was kept.
    #[inline]
    fn keep(&mut self, score: f32, id: u32, ef: usize) -> usize {
        if self.pool.len() == ef {
            if self.pool.last().is_none_or(|worst| score <= worst.score) {
                return ef;
            }
            self.pool.pop();
        }
        let place = self.pool.partition_point(|c| c.score >= score);
        self.pool.insert(place, Candidate { score, id, done: false });
        place
    }
}

impl CodedGraphSearcher<'_> {
    /// Walks from the entries; `meet` is told every row that is scored. The pool then has the best `ef` of them.
    fn walk(&self, s: &mut Scratch, ef: usize, mut meet: impl FnMut(u32, f32)) {
        let (start, codec, codes) = (self.graph.start(), self.coded.codec(), self.coded.codes());
        s.reset(codes.rows());
        let mut fresh = std::mem::take(&mut s.fresh);
        let mut scores = std::mem::take(&mut s.scores);
        fresh.clear();
        fresh.extend(start.entries.iter().copied().filter(|id| s.meet(*id)));
        // No candidate before this one is left to be looked around from.
        let mut next = 0;
        loop {
            scores.resize(fresh.len(), 0.0);
            codec.scores(&s.query, codes, &fresh, &mut scores);
            for (id, score) in fresh.iter().zip(&scores) {
                meet(*id, *score);
                next = next.min(s.keep(*score, *id, ef));
            }
            while s.pool.get(next).is_some_and(|c| c.done) {
                next += 1;
            }
            let Some(candidate) = s.pool.get_mut(next) else { break };
            candidate.done = true;
            let id = candidate.id;
            fresh.clear();
            for near in start.links.of(id) {
                if s.meet(near) {
                    codes.prefetch(near);
                    fresh.push(near);
                }
            }
        }
        (s.fresh, s.scores) = (fresh, scores);
    }

    fn twins(&self, id: u32, mut visit: impl FnMut(u32)) {
        let mut id = Some(id);
        while let Some(twin) = id {
            visit(twin);
            id = self.graph.twin(twin);
        }
    }

    /// Candidates, ranked by what is known best of them.
    fn rank(&self, values: &[f32], query: &AnyQuery, mut hits: Vec<Hit>) -> Vec<Hit> {
        let ids: Vec<u32> = hits.iter().map(|h| h.id).collect();
        let mut scores = vec![0.0; ids.len()];
        match self.rows {
            Some(rows) => full_scores(rows, values, self.graph.metric(), &ids, &mut scores),
            None => {
                ids.iter().for_each(|id| self.coded.codes().prefetch_second(*id));
                self.coded.codec().rerank(query, self.coded.codes(), &ids, &mut scores);
            }
        }
        hits.iter_mut().zip(scores).for_each(|(h, s)| h.score = s);
        hits.sort_unstable_by(Hit::best_first);
        hits
    }

    /// All rows that pass, or the best of them by their codes.
    fn scan(&self, query: &[f32], params: &SearchParams<'_>) -> Vec<Hit> {
        let flat = CodedFlat::new(self.coded, self.rows);
        if self.graph.alive() == self.len() {
            return flat.search(query, params);
        }
        let passes = |id: u32| !self.graph.is_gone(id) && params.passes(id);
        flat.search(query, &SearchParams { filter: Some(Filter::Test(&passes)), ..*params })
    }

    fn best(&self, s: &mut Scratch, ef: usize, params: &SearchParams<'_>) -> Vec<Hit> {
        let mut best = TopK::new(depth(params));
        match params.filter {
            None => {
                self.walk(s, ef, |_, _| {});
                s.pool.iter().for_each(|c| {
                    self.twins(c.id, |id| {
                        if !self.graph.is_gone(id) {
                            best.push(id, c.score);
                        }
                    });
                });
            }
            Some(filter) => self.walk(s, ef, |id, score| {
                if score >= best.threshold() {
                    self.twins(id, |id| {
                        if !self.graph.is_gone(id) && filter.passes(id) {
                            best.push(id, score);
                        }
                    });
                }
            }),
        }
        best.into_sorted()
    }
}

impl Search for CodedGraphSearcher<'_> {
    fn len(&self) -> usize {
        self.graph.len()
    }

    fn dim(&self) -> usize {
        self.graph.dim()
    }

    fn search(&self, query: &[f32], params: &SearchParams<'_>) -> Vec<Hit> {
        if self.is_empty() || params.k == 0 || query.len() != self.dim() || query.iter().any(|v| !v.is_finite()) {
            return Vec::new();
        }
        let passing = params.filter.map_or(self.len(), |f| f.count(self.len()));
        let ef = wider(params.ef.max(params.k), passing, self.len()).min(self.len());
        let is_set = matches!(params.filter, Some(Filter::Rows(_)));
        // A walk scores about `m` rows around each that it goes to.
        if is_set && passing <= FEW_PASS.max(ef * self.graph.params().m) {
            return self.scan(query, params);
        }
        let pool = || self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut s = pool().pop().unwrap_or_default();
        self.coded.codec().query_into(query, &mut s.query);
        let found = self.best(&mut s, ef, params);
        let mut hits = self.rank(query, &s.query, found);
        pool().push(s);
        if hits.len() < params.k.min(self.graph.alive()) {
            // A walk that met too few rows that pass: all are looked at.
            hits = self.scan(query, params);
        }
        hits.truncate(params.k);
        hits
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vectory_compress::{Codec, Spec};
    use vectory_core::{Context, Metric, neighbors};

    use crate::coded::CodedRows;
    use crate::file::FileWriter;
    use crate::graph::{Graph, GraphParams};
    use crate::search::{Filter, Search, SearchParams};
    use crate::testing::{assert_filters_keep_recall, clusters};

    #[test]
    fn a_filter_keeps_recall() {
        let ctx = Context::new(1, 2).unwrap();
        let (rows, queries) = (clusters(12_000, 24, 1), clusters(40, 24, 2));
        let params = GraphParams { m: 8, ..GraphParams::default() };
        let graph = Graph::build(rows.view(), Metric::L2, &params, &ctx).unwrap();
        let codec = "LVQ8".parse::<Spec>().unwrap().fit(rows.view(), Metric::L2, &ctx).unwrap();
        let codes = codec.encode(rows.view(), &ctx).unwrap();
        let mut file = FileWriter::new("test", 1, serde_json::Value::Null);
        let header = CodedRows::write(&mut file, &codec, codes.view());
        let coded = CodedRows::of(Arc::new(file.finish().unwrap()), header).unwrap();
        let searcher = graph.over(&coded, Some(rows.view())).unwrap();
        let params = SearchParams { ef: 40, ..SearchParams::default() };
        assert_filters_keep_recall(&searcher, (rows.view(), queries.view()), &params, 0.93);
    }

    #[test]
    fn any_codec_is_walked() {
        let ctx = Context::new(1, 2).unwrap();
        let (rows, queries) = (clusters(3000, 24, 1), clusters(40, 24, 2));
        for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
            let truth = neighbors::exact(rows.view(), queries.view(), metric, 10, &ctx).unwrap();
            let graph =
                Graph::build(rows.view(), metric, &GraphParams { m: 12, ..GraphParams::default() }, &ctx).unwrap();
            for (name, full) in [("LVQ8", false), ("LVQ4x8", false), ("LeanVec12", false), ("PQ12", true)] {
                let codec = name.parse::<Spec>().unwrap().fit(rows.view(), metric, &ctx).unwrap();
                let codes = codec.encode(rows.view(), &ctx).unwrap();
                let mut file = FileWriter::new("test", 1, serde_json::Value::Null);
                let header = CodedRows::write(&mut file, &codec, codes.view());
                let coded = CodedRows::of(Arc::new(file.finish().unwrap()), header).unwrap();
                let searcher = graph.over(&coded, full.then(|| rows.view())).unwrap();
                let params = SearchParams { k: 10, ef: 150, ..SearchParams::default() };
                let same: usize = queries
                    .iter()
                    .zip(&truth)
                    .map(|(q, t)| searcher.search(q, &params).iter().filter(|h| t.iter().any(|x| x.id == h.id)).count())
                    .sum();
                assert!(same >= 360, "{name} {metric}: {same} of 400");
                let rare = |id: u32| id % 500 == 3;
                let hits = searcher.search(rows.row(3), &SearchParams { filter: Some(Filter::Test(&rare)), ..params });
                assert!(hits.len() == 6 && hits.iter().all(|h| rare(h.id)), "{name} {metric}");
                assert!(metric == Metric::Dot || hits[0].id == 3, "{name} {metric}");
            }
        }
    }
}
