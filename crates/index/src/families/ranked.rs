//! Proposed rows, ranked by their full values.

use vectory_core::{Hit, Metric, RowSet, TopK, VectorsRef};

use crate::flat::Flat;
use crate::graph::space::{Rows, row_numbers};
use crate::search::{Search, SearchParams};

/// Proposes rows, likely ones first.
pub trait Gather: Send + Sync {
    /// Tells `propose` one row after another (repetitions are allowed) until it answers that it has enough.
    fn gather(&self, query: &[f32], propose: &mut dyn FnMut(u32) -> bool);
}

/// Rows scored together: each is fetched as it is proposed.
const BLOCK: usize = 32;

/// A family together with the rows it was built of.
pub struct Ranked<'a, G> {
    family: &'a G,
    rows: VectorsRef<'a>,
    metric: Metric,
    /// The rows' own numbers, once for all queries.
    numbers: Vec<f32>,
}

impl<'a, G: Gather> Ranked<'a, G> {
    /// Joins both.
    #[must_use]
    pub fn new(family: &'a G, rows: VectorsRef<'a>, metric: Metric) -> Self {
        Self { family, rows, metric, numbers: row_numbers(rows, metric) }
    }

    /// The hits, and how many rows were compared with the query.
    #[must_use]
    pub fn search_counted(&self, query: &[f32], params: &SearchParams<'_>) -> (Vec<Hit>, usize) {
        let seen = Rows { rows: self.rows, metric: self.metric, numbers: &self.numbers };
        let (ready, wanted) = (seen.query(query), params.ef.max(params.k));
        let mut met = RowSet::none(self.rows.rows());
        let mut best = TopK::new(params.k);
        let (mut count, mut block) = (0, Vec::with_capacity(BLOCK));
        let mut rank = |block: &mut Vec<u32>| {
            let mut scores = [0.0; BLOCK];
            seen.scores(&ready, block, &mut scores[..block.len()]);
            block.drain(..).zip(scores).for_each(|(id, score)| _ = best.push(id, score));
        };
        self.family.gather(&lifted(query, self.metric), &mut |id| {
            if !met.has(id) {
                met.set(id, true);
                if params.passes(id) {
                    seen.prefetch(id);
                    block.push(id);
                    count += 1;
                }
                if block.len() == BLOCK {
                    rank(&mut block);
                }
            }
            count < wanted
        });
        rank(&mut block);
        (self.shown(query, best), count)
    }

    /// Hits with the scores that every index gives.
    fn shown(&self, query: &[f32], best: TopK) -> Vec<Hit> {
        let flat = Flat::new(self.rows, self.metric);
        let mut hits = best.into_sorted();
        hits.iter_mut().for_each(|h| h.score = flat.score(query, h.id));
        hits.sort_by(Hit::best_first);
        hits
    }
}

/// A query in the form of the rows: unit length (cosine), one coordinate more (dot).
fn lifted(query: &[f32], metric: Metric) -> Vec<f32> {
    let mut out = query.to_vec();
    match metric {
        Metric::Cosine => vectory_core::vectors::normalize(&mut out),
        Metric::Dot => out.push(0.0),
        _ => {}
    }
    out
}

impl<G: Gather> Search for Ranked<'_, G> {
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
        let hits = self.search_counted(query, params).0;
        if hits.len() < params.k.min(self.len()) {
            Flat::new(self.rows, self.metric).search(query, params)
        } else {
            hits
        }
    }
}

/// All rows in the form that families are built on: see [`Rows::lifted`].
pub fn lifted_rows(rows: VectorsRef<'_>, metric: Metric) -> vectory_core::Vectors {
    let numbers = row_numbers(rows, metric);
    let seen = Rows { rows, metric, numbers: &numbers };
    let mut out = vectory_core::Vectors::zeros(rows.rows(), seen.lifted_dim());
    (0..rows.rows()).for_each(|i| seen.lifted(i as u32, out.row_mut(i)));
    out
}
