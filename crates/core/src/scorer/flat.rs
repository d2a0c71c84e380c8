//! Dense rows.

use std::borrow::Cow;

use crate::repr::Kind;
use crate::scorer::plain::{gap, poincare_of};
use crate::scorer::{Scorer, ScorerError, check, check_dim};
use crate::simd::{self, Op};
use crate::{Metric, VectorsRef};

/// Dense rows with the terms that their metric needs of each: norms for cosine, gaps for poincare.
#[derive(Clone, Debug)]
pub struct Flat<'a> {
    rows: VectorsRef<'a>,
    metric: Metric,
    terms: Vec<f32>,
}

impl<'a> Flat<'a> {
    /// Computes the terms: O(n · d), nothing for dot, l2 and l1.
    ///
    /// # Errors
    /// [`ScorerError::Metric`] for a metric of another kind.
    pub fn new(rows: VectorsRef<'a>, metric: Metric) -> Result<Self, ScorerError> {
        check(Kind::Dense, metric)?;
        let terms = if needs_terms(metric) { rows.iter().map(|r| term(metric, r)).collect() } else { vec![] };
        Ok(Self { rows, metric, terms })
    }

    /// The score of two rows of the set.
    #[must_use]
    pub fn between(&self, a: u32, b: u32) -> f32 {
        FlatScorer::with(self.rows, Cow::Borrowed(self.rows.row(a as usize)), self.metric, Some(&self.terms))
            .score_one(b)
    }

    /// The set with a query folded in.
    ///
    /// # Errors
    /// [`ScorerError::Dim`] for a query of another dimension.
    pub fn scorer(&self, query: &[f32]) -> Result<FlatScorer<'_>, ScorerError> {
        check_dim(query.len(), self.rows.dim())?;
        Ok(FlatScorer::with(self.rows, Cow::Owned(query.to_vec()), self.metric, Some(&self.terms)))
    }
}

/// A query against dense rows.
#[derive(Clone, Debug)]
pub struct FlatScorer<'a> {
    rows: VectorsRef<'a>,
    query: Cow<'a, [f32]>,
    metric: Metric,
    /// Of the query.
    term: f32,
    /// Of the rows; computed as they are met where nobody has them.
    terms: Option<&'a [f32]>,
}

impl<'a> FlatScorer<'a> {
    /// For one query over rows whose terms nobody has; [`Flat::scorer`] is faster for many queries by cosine or poincare.
    ///
    /// # Errors
    /// [`ScorerError::Metric`] for a metric of another kind, [`ScorerError::Dim`] for a query of another dimension.
    pub fn new(rows: VectorsRef<'a>, query: &[f32], metric: Metric) -> Result<Self, ScorerError> {
        check(Kind::Dense, metric)?;
        check_dim(query.len(), rows.dim())?;
        Ok(Self::with(rows, Cow::Owned(query.to_vec()), metric, None))
    }

    fn with(rows: VectorsRef<'a>, query: Cow<'a, [f32]>, metric: Metric, terms: Option<&'a [f32]>) -> Self {
        let term = if needs_terms(metric) { term(metric, &query) } else { 1.0 };
        Self { rows, query, metric, term, terms }
    }

    fn term_of(&self, id: u32) -> f32 {
        match self.terms {
            Some(t) => t[id as usize],
            None => term(self.metric, self.rows.row(id as usize)),
        }
    }
}

impl Scorer for FlatScorer<'_> {
    fn len(&self) -> usize {
        self.rows.rows()
    }

    fn score(&self, ids: &[u32], out: &mut [f32]) {
        let op = match self.metric {
            Metric::Dot | Metric::Cosine => Op::Dot,
            Metric::L1 => Op::L1,
            _ => Op::L2,
        };
        simd::rows_at(op, &self.query, self.rows.as_slice(), ids, out);
        let with_ids = out.iter_mut().zip(ids);
        match self.metric {
            Metric::Dot => {}
            Metric::Cosine => with_ids.for_each(|(s, id)| *s *= self.term * self.term_of(*id)),
            Metric::Poincare => with_ids.for_each(|(s, id)| *s = -poincare_of(*s, self.term * self.term_of(*id))),
            _ => out.iter_mut().for_each(|s| *s = -*s),
        }
    }
}

fn needs_terms(metric: Metric) -> bool {
    matches!(metric, Metric::Cosine | Metric::Poincare)
}

/// 1 / |row| (0 for a zero row) for cosine, 1 − |row|² for poincare.
fn term(metric: Metric, row: &[f32]) -> f32 {
    if metric == Metric::Poincare {
        return gap(row);
    }
    let norm = simd::norm(row);
    if norm == 0.0 { 0.0 } else { 1.0 / norm }
}
