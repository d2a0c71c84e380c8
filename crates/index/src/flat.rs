//! Exact scan: every row is compared with the query.
//!
//! **When.** Up to some ten thousand rows, as the yardstick of every other index, and for the newest rows of a collection
//! that have no index yet. **Cost.** One product a row; nothing to build.

use vectory_core::neighbors::{self, NeighborsError};
use vectory_core::simd::{self, Op};
use vectory_core::{Context, Hit, Metric, TopK, VectorsRef};

use crate::search::{Search, SearchParams};

/// Rows scored together.
const BLOCK: usize = 64;

/// Rows and how to compare them. Cosine, dot and l2; a zero row has cosine 0 with everything.
#[derive(Clone, Copy)]
pub struct Flat<'a> {
    rows: VectorsRef<'a>,
    metric: Metric,
}

impl<'a> Flat<'a> {
    /// An index of all rows, without any work.
    #[must_use]
    pub fn new(rows: VectorsRef<'a>, metric: Metric) -> Self {
        Self { rows, metric }
    }

    /// The best `k` rows for each of many queries, on all threads: several times faster a query than one by one.
    ///
    /// # Errors
    /// [`NeighborsError`] for queries of another dimension, or when interrupted.
    pub fn search_all(
        &self,
        queries: VectorsRef<'_>,
        k: usize,
        ctx: &Context,
    ) -> Result<Vec<Vec<Hit>>, NeighborsError> {
        neighbors::exact(self.rows, queries, self.metric, k, ctx)
    }

    fn op(&self) -> Op {
        if self.metric == Metric::L2 { Op::L2 } else { Op::Dot }
    }

    /// The score of one row.
    pub(crate) fn score(&self, query: &[f32], id: u32) -> f32 {
        let row = self.rows.row(id as usize);
        match self.metric {
            Metric::L2 => -simd::l2_sq(query, row),
            Metric::Cosine => simd::cosine(query, row),
            _ => simd::dot(query, row),
        }
    }

    /// Scores of the rows from `start` on, as many as `out` has places.
    fn block(&self, query: &[f32], start: usize, out: &mut [f32]) {
        if self.metric == Metric::Cosine {
            for (id, score) in (start..).zip(out) {
                *score = simd::cosine(query, self.rows.row(id));
            }
            return;
        }
        let dim = self.dim();
        simd::rows(self.op(), query, &self.rows.as_slice()[start * dim..(start + out.len()) * dim], out);
        if self.metric == Metric::L2 {
            out.iter_mut().for_each(|s| *s = -*s);
        }
    }

    fn scan(&self, query: &[f32], k: usize) -> TopK {
        let mut best = TopK::new(k);
        let mut scores = [0.0; BLOCK];
        for start in (0..self.len()).step_by(BLOCK) {
            let scores = &mut scores[..BLOCK.min(self.len() - start)];
            self.block(query, start, scores);
            for (id, &score) in (start as u32..).zip(&*scores) {
                if score >= best.threshold() || score.is_nan() {
                    best.push(id, score);
                }
            }
        }
        best
    }
}

impl Search for Flat<'_> {
    fn len(&self) -> usize {
        self.rows.rows()
    }

    fn dim(&self) -> usize {
        self.rows.dim()
    }

    fn search(&self, query: &[f32], params: &SearchParams<'_>) -> Vec<Hit> {
        if query.len() != self.dim() || query.iter().any(|v| !v.is_finite()) {
            return Vec::new();
        }
        let best = match params.filter {
            None => self.scan(query, params.k),
            Some(filter) => {
                let mut best = TopK::new(params.k);
                filter.each(self.len(), |id| _ = best.push(id, self.score(query, id)));
                best
            }
        };
        let mut hits = best.into_sorted();
        // Blocks sum in another order than single rows: what is returned does not depend on it.
        hits.iter_mut().for_each(|h| h.score = self.score(query, h.id));
        hits.sort_by(Hit::best_first);
        hits
    }

    fn range(&self, query: &[f32], floor: f32, params: &SearchParams<'_>) -> Vec<Hit> {
        if query.len() != self.dim() || query.iter().any(|v| !v.is_finite()) {
            return Vec::new();
        }
        let scored =
            (0..self.len() as u32).filter(|id| params.passes(*id)).map(|id| Hit { id, score: self.score(query, id) });
        let mut hits: Vec<Hit> = scored.filter(|h| h.score >= floor).collect();
        hits.sort_unstable_by(Hit::best_first);
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Filter;

    #[test]
    fn metrics_rank_as_they_should() {
        let values = [1.0, 0.0, 5.0, 5.0, 0.0, 0.0, -1.0, 0.0];
        let rows = VectorsRef::new(&values, 2).unwrap();
        let ids = |metric, k| -> Vec<u32> {
            let params = SearchParams { k, ..SearchParams::default() };
            Flat::new(rows, metric).search(&[1.0, 0.1], &params).iter().map(|h| h.id).collect()
        };
        assert_eq!(ids(Metric::L2, 4), [0, 2, 3, 1]);
        assert_eq!(ids(Metric::Cosine, 4), [0, 1, 2, 3]);
        assert_eq!(ids(Metric::Dot, 2), [1, 0]);
    }

    #[test]
    fn filtered_and_wrong_queries() {
        let rows = VectorsRef::new(&[1.0, 2.0, 3.0, 4.0], 1).unwrap();
        let odd = |id: u32| id % 2 == 1;
        let params = SearchParams { k: 3, filter: Some(Filter::Test(&odd)), ..SearchParams::default() };
        let hits = Flat::new(rows, Metric::L2).search(&[2.0], &params);
        assert_eq!(hits, [Hit { id: 1, score: 0.0 }, Hit { id: 3, score: -4.0 }]);
        assert!(Flat::new(rows, Metric::L2).search(&[2.0, 1.0], &params).is_empty());
        assert!(Flat::new(rows, Metric::L2).search(&[f32::NAN], &params).is_empty());
    }

    #[test]
    fn one_by_one_is_all_at_once() {
        let values: Vec<f32> = (0..3000).map(|i| ((i * 7919) % 1000) as f32 / 500.0 - 1.0).collect();
        let rows = VectorsRef::new(&values, 10).unwrap();
        for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
            let flat = Flat::new(rows, metric);
            let all = flat.search_all(rows.slice(0, 20), 7, &Context::new(1, 2).unwrap()).unwrap();
            for (q, hits) in rows.slice(0, 20).iter().zip(all) {
                let one = flat.search(q, &SearchParams { k: 7, ..SearchParams::default() });
                let close = one.iter().zip(&hits).all(|(a, b)| (a.score - b.score).abs() < 1e-4);
                assert!(close && one.len() == hits.len(), "{metric}: {one:?} {hits:?}");
            }
        }
    }
}
