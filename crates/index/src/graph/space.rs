//! The rows as the graph sees them: scores against a query and distances between rows, for each metric.

use vectory_core::simd::{self, Op, fetch};
use vectory_core::{Metric, VectorsRef};

/// One number a row that its metric needs beside its values.
///
/// Cosine: one over the length (0 for a zero row). Inner product: the coordinate that lifts all rows to one length, so
/// that nearest by distance is largest by product. L2: none.
pub fn row_numbers(rows: VectorsRef<'_>, metric: Metric) -> Vec<f32> {
    let squared = |row: &[f32]| row.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>();
    match metric {
        Metric::Cosine => rows.iter().map(|row| inverse_length(squared(row))).collect(),
        Metric::Dot => {
            let lengths: Vec<f64> = rows.iter().map(squared).collect();
            let longest = lengths.iter().copied().fold(0.0, f64::max);
            lengths.iter().map(|l| (longest - l).max(0.0).sqrt() as f32).collect()
        }
        _ => Vec::new(),
    }
}

fn inverse_length(squared: f64) -> f32 {
    if squared > 0.0 { (1.0 / squared.sqrt()) as f32 } else { 0.0 }
}

/// Rows under a metric.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    pub rows: VectorsRef<'a>,
    pub metric: Metric,
    pub numbers: &'a [f32],
}

/// A query under the same metric.
#[derive(Clone, Copy)]
pub struct Query<'q> {
    pub values: &'q [f32],
    /// The query's own number (see [`row_numbers`]); for an inner product with a query from outside, 0.
    number: f32,
}

impl<'a> Rows<'a> {
    /// A query from outside.
    pub fn query<'q>(&self, values: &'q [f32]) -> Query<'q> {
        let number = match self.metric {
            Metric::Cosine => inverse_length(values.iter().map(|v| f64::from(*v) * f64::from(*v)).sum()),
            _ => 0.0,
        };
        Query { values, number }
    }

    /// Row `id` as a query, for building.
    pub fn row_query(&self, id: u32) -> Query<'a> {
        Query { values: self.rows.row(id as usize), number: self.numbers.get(id as usize).copied().unwrap_or(0.0) }
    }

    /// Values of a row as walk codes take it in: one more than it has where it is lifted.
    pub fn lifted_dim(&self) -> usize {
        self.rows.dim() + usize::from(self.metric == Metric::Dot)
    }

    /// Row `id` so that the nearest is the one with the largest product or the smallest distance: scaled to unit length
    /// (cosine), lifted (dot), as it is (l2).
    pub fn lifted(&self, id: u32, out: &mut [f32]) {
        let row = self.rows.row(id as usize);
        out[..row.len()].copy_from_slice(row);
        match self.metric {
            Metric::Cosine => out.iter_mut().for_each(|v| *v *= self.numbers[id as usize]),
            Metric::Dot => out[row.len()] = self.numbers[id as usize],
            _ => {}
        }
    }

    /// A query from outside in the same form. (Its length does not matter to cosine.)
    pub fn lifted_query(&self, values: &[f32]) -> Vec<f32> {
        let mut out = values.to_vec();
        out.resize(self.lifted_dim(), 0.0);
        out
    }

    /// How near row `id` is: larger is nearer.
    #[inline]
    pub fn score(&self, query: &Query<'_>, id: u32) -> f32 {
        let raw = simd::pair(self.op(), query.values, self.rows.row(id as usize));
        self.finish(query, id, raw)
    }

    /// The score that is returned: the same as every other index gives the row.
    pub fn shown(&self, query: &Query<'_>, id: u32) -> f32 {
        match self.metric {
            Metric::Cosine => simd::cosine(query.values, self.rows.row(id as usize)),
            _ => self.score(query, id),
        }
    }

    /// The scores of many rows: faster than one by one, and equal to that but for the last bits.
    #[inline]
    pub fn scores(&self, query: &Query<'_>, ids: &[u32], out: &mut [f32]) {
        simd::rows_at(self.op(), query.values, self.rows.as_slice(), ids, out);
        for (score, id) in out.iter_mut().zip(ids) {
            *score = self.finish(query, *id, *score);
        }
    }

    #[inline]
    fn op(&self) -> Op {
        if self.is_l2() { Op::L2 } else { Op::Dot }
    }

    /// Whether scores are distances, else products.
    pub fn is_l2(&self) -> bool {
        self.metric == Metric::L2
    }

    #[inline]
    fn finish(&self, query: &Query<'_>, id: u32, raw: f32) -> f32 {
        match self.metric {
            Metric::L2 => -raw,
            Metric::Cosine => raw * query.number * self.numbers[id as usize],
            _ => raw + query.number * self.numbers[id as usize],
        }
    }

    /// The score of a row with itself at best: turns scores into distances.
    pub fn ceiling(&self) -> f32 {
        match self.metric {
            Metric::L2 => 0.0,
            Metric::Cosine => 1.0,
            // All lifted rows have the length of the longest.
            _ => (0..self.rows.rows().min(1)).fold(0.0, |_, i| {
                let row = self.rows.row(i);
                simd::dot(row, row) + self.numbers[i] * self.numbers[i]
            }),
        }
    }

    /// Asks the processor to fetch row `id`.
    #[inline]
    pub fn prefetch(&self, id: u32) {
        let row = self.rows.row(id as usize);
        for at in (0..row.len()).step_by(16) {
            prefetch(&row[at]);
        }
    }
}

/// Asks the processor to fetch the cache line of `value`.
#[inline]
pub fn prefetch<T>(value: &T) {
    fetch(std::ptr::from_ref(value).cast());
}
