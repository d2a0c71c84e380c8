//! How a metric becomes bulk sums and a term of each base row, in a form that a heap can order.

use rayon::prelude::*;

use super::NeighborsError;
use crate::simd::{self, Op};
use crate::{Hit, Metric, TopK, VectorsRef};

/// Collected beyond k where products round more than the distance itself, then ordered by the distance.
const SLACK: usize = 8;
/// Up to so many queries, packing the base costs more than it saves.
const FEW: usize = 8;
/// Rows whose mean is the origin of l2 products.
const SAMPLE: usize = 1024;

/// A metric over a base: what is computed in bulk, and what is made of it at the end.
pub(super) struct Plan<'a> {
    pub base: VectorsRef<'a>,
    pub bulk: Bulk,
    pub adjust: Adjust,
    metric: Metric,
    k: usize,
}

/// What is summed over pairs of query and row.
pub(super) enum Bulk {
    /// q · b, by blocked products.
    Products,
    /// (q − o) · (b − o), by blocked products: l2 does not change with the origin, but its rounding does.
    Centred(Vec<f32>),
    /// By the row kernel.
    Rows(Op),
}

/// What makes a score of a sum, given a term of the row: equal in order to the metric's, for one query.
pub(super) enum Adjust {
    /// The sum itself.
    None,
    /// × term (1 / |b|, 0 for a zero row).
    Scale(Vec<f32>),
    /// 2 × sum − term (|b − o|²).
    Shift(Vec<f32>),
    /// −sum.
    Negate,
    /// −sum × term (1 / (1 − |b|²)).
    NegateScale(Vec<f32>),
}

impl<'a> Plan<'a> {
    /// Runs on the current pool.
    pub fn new(base: VectorsRef<'a>, metric: Metric, k: usize, queries: usize) -> Result<Self, NeighborsError> {
        let many = queries > FEW && base.dim() > 0;
        let products = if many { Bulk::Products } else { Bulk::Rows(Op::Dot) };
        let (bulk, adjust) = match metric {
            Metric::Dot => (products, Adjust::None),
            Metric::Cosine => (products, Adjust::Scale(each(base, inverse_norm))),
            Metric::L2 if many => {
                let origin = origin(base);
                let squares = each(base, |r| simd::l2_sq(r, &origin));
                (Bulk::Centred(origin), Adjust::Shift(squares))
            }
            Metric::L2 => (Bulk::Rows(Op::L2), Adjust::Negate),
            Metric::L1 => (Bulk::Rows(Op::L1), Adjust::Negate),
            Metric::Poincare => (Bulk::Rows(Op::L2), Adjust::NegateScale(each(base, inverse_gap))),
            _ => return Err(NeighborsError::Metric(metric)),
        };
        Ok(Self { base, bulk, adjust, metric, k })
    }

    /// How many hits the collectors keep.
    pub fn kept(&self) -> usize {
        let slack = if matches!(self.bulk, Bulk::Centred(_)) { SLACK } else { 0 };
        (self.k + slack).min(self.base.rows())
    }

    /// The hits of one query with the metric's own scores.
    pub fn finish(&self, query: &[f32], top: TopK) -> Vec<Hit> {
        let mut hits = top.into_sorted();
        let scale = match self.metric {
            Metric::Cosine => inverse_norm(query),
            Metric::Poincare => inverse_gap(query),
            _ => 1.0,
        };
        for h in &mut hits {
            h.score = match self.metric {
                Metric::Cosine => h.score * scale,
                Metric::L2 => -simd::l2_sq(query, self.base.row(h.id as usize)),
                Metric::Poincare => -acosh(1.0 - 2.0 * h.score * scale),
                _ => h.score,
            };
        }
        hits.sort_by(Hit::best_first);
        hits.truncate(self.k);
        hits
    }
}

impl Adjust {
    /// Turns a run of sums into scores; `first` is the number of its first row.
    pub fn apply(&self, sums: &mut [f32], first: usize) {
        let with = |sums: &mut [f32], terms: &[f32], f: fn(f32, f32) -> f32| {
            sums.iter_mut().zip(&terms[first..]).for_each(|(s, t)| *s = f(*s, *t));
        };
        match self {
            Self::None => {}
            Self::Scale(t) => with(sums, t, |s, t| s * t),
            Self::Shift(t) => with(sums, t, |s, t| 2.0 * s - t),
            Self::Negate => sums.iter_mut().for_each(|s| *s = -*s),
            Self::NegateScale(t) => with(sums, t, |s, t| -s * t),
        }
    }
}

/// Squared lengths between which products of two rows neither overflow nor lose digits.
const SAFE: std::ops::Range<f32> = 1e-28..1e28;

/// Whether products of some row of finite values would leave the range of f32, though its cosines do not.
pub(super) fn extreme(rows: VectorsRef<'_>) -> bool {
    let out = |r: &[f32]| {
        let square = simd::dot(r, r);
        !SAFE.contains(&square) && r.iter().any(|v| *v != 0.0) && r.iter().all(|v| v.is_finite())
    };
    (0..rows.rows()).into_par_iter().with_min_len(512).any(|i| out(rows.row(i)))
}

/// 1 / |row|; 0 for a zero row, so that its cosine is 0.
fn inverse_norm(row: &[f32]) -> f32 {
    let square = simd::dot(row, row);
    if square == 0.0 { 0.0 } else { 1.0 / square.sqrt() }
}

/// 1 / (1 − |row|²); a row on or outside the unit sphere counts as just inside it.
fn inverse_gap(row: &[f32]) -> f32 {
    1.0 / (1.0 - simd::dot(row, row)).max(1e-7)
}

/// Of at least 1; NaN stays NaN (which `max` would lose).
fn acosh(x: f32) -> f32 {
    if x < 1.0 { 0.0 } else { x.acosh() }
}

/// The mean of some rows spread over the base; zero where it is not finite.
fn origin(base: VectorsRef<'_>) -> Vec<f32> {
    let step = base.rows().div_ceil(SAMPLE);
    let mut sum = vec![0.0; base.dim()];
    let rows = (0..base.rows()).step_by(step);
    let scale = 1.0 / rows.len() as f32;
    rows.for_each(|i| simd::axpy(scale, base.row(i), &mut sum));
    if sum.iter().all(|v| v.is_finite()) { sum } else { vec![0.0; base.dim()] }
}

fn each(base: VectorsRef<'_>, f: impl Fn(&[f32]) -> f32 + Sync) -> Vec<f32> {
    (0..base.rows()).into_par_iter().with_min_len(512).map(|i| f(base.row(i))).collect()
}
