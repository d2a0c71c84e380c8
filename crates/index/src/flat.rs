//! Exact scan: every row is compared with the query.
//!
//! **When.** Up to some ten thousand rows, as the yardstick of every other index, and for the newest rows of a collection
//! that have no index yet. **Cost.** One product a row; nothing to build.

use vectory_core::{Hit, Metric, TopK, VectorsRef};

use crate::kernel;
use crate::search::{Search, SearchParams};

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

    fn score(&self, query: &[f32], length: f32, id: u32) -> f32 {
        let row = self.rows.row(id as usize);
        match self.metric {
            Metric::L2 => -kernel::l2_sq(query, row),
            Metric::Cosine => {
                let product = length * kernel::dot(row, row).sqrt();
                if product > 0.0 { kernel::dot(query, row) / product } else { 0.0 }
            }
            _ => kernel::dot(query, row),
        }
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
        let length = kernel::dot(query, query).sqrt();
        let mut best = TopK::new(params.k);
        for id in 0..self.len() as u32 {
            if params.filter.is_none_or(|f| f(id)) {
                best.push(id, self.score(query, length, id));
            }
        }
        best.into_sorted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let params = SearchParams { k: 3, filter: Some(&odd), ..SearchParams::default() };
        let hits = Flat::new(rows, Metric::L2).search(&[2.0], &params);
        assert_eq!(hits, [Hit { id: 1, score: 0.0 }, Hit { id: 3, score: -4.0 }]);
        assert!(Flat::new(rows, Metric::L2).search(&[2.0, 1.0], &params).is_empty());
        assert!(Flat::new(rows, Metric::L2).search(&[f32::NAN], &params).is_empty());
    }
}
