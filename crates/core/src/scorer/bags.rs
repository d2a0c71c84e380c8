//! Bags of rows, compared by late interaction.

use crate::repr::MultiRef;
use crate::scorer::{Scorer, ScorerError, check_dim};
use crate::simd::{self, PackedB};
use crate::{Metric, VectorsRef};

/// Bags of rows under `maxsim`. Nothing is precomputed for them; the query's rows are packed.
#[derive(Clone, Copy, Debug)]
pub struct Bags<'a>(MultiRef<'a>);

impl<'a> Bags<'a> {
    /// Checks that the offsets ascend within the rows.
    ///
    /// # Errors
    /// [`ScorerError::Shape`] when they do not, [`ScorerError::Metric`] for a metric other than `maxsim`.
    pub fn new(items: MultiRef<'a>, metric: Metric) -> Result<Self, ScorerError> {
        super::check(crate::repr::Kind::Multi, metric)?;
        let ascending = items.offsets.windows(2).all(|w| w[0] <= w[1]);
        let within = items.offsets.last().is_none_or(|end| *end <= items.rows.rows() as u64);
        if !ascending || !within {
            return Err(ScorerError::Shape(format!("offsets of bags do not ascend within {} rows", items.rows.rows())));
        }
        Ok(Self(items))
    }

    /// The set with a query's rows folded in.
    ///
    /// # Errors
    /// [`ScorerError::Dim`] for rows of another dimension.
    pub fn scorer(&self, query: VectorsRef<'_>) -> Result<BagScorer<'a>, ScorerError> {
        if query.rows() > 0 && !self.0.is_empty() {
            check_dim(query.dim(), self.0.rows.dim())?;
        }
        Ok(BagScorer { items: self.0, query: PackedB::new(query.as_slice(), query.rows(), query.dim()) })
    }
}

/// A bag of query rows against bags of rows.
#[derive(Clone, Debug)]
pub struct BagScorer<'a> {
    items: MultiRef<'a>,
    query: PackedB,
}

impl Scorer for BagScorer<'_> {
    fn len(&self) -> usize {
        self.items.len()
    }

    fn score(&self, ids: &[u32], out: &mut [f32]) {
        assert_eq!(ids.len(), out.len(), "{} ids, {} places", ids.len(), out.len());
        let (n, mut dots, mut best) = (self.query.n(), Vec::new(), vec![0.0; self.query.n()]);
        for (id, s) in ids.iter().zip(out) {
            let rows = self.items.item(*id as usize);
            dots.resize(rows.rows() * n, 0.0);
            simd::gemm_packed(rows.as_slice(), &self.query, &mut dots);
            best.fill(f32::NEG_INFINITY);
            for row in dots.chunks_exact(n.max(1)) {
                best.iter_mut().zip(row).for_each(|(b, v)| *b = b.max(*v));
            }
            *s = best.iter().sum();
        }
    }
}
