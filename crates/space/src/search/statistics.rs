//! Mean and deviation of each view's scores over the collection, for one question.
//!
//! Scores are calibrated against the whole collection, not against the few candidates: that is what makes a view in
//! which everything looks alike count little. For a sparse view the sums are exact and come with the search (passages
//! without a term of the question score 0), up to a million postings. For a dense view they are exact up to `sample` passages, and beyond estimated
//! on that many passages, evenly spread over the collection: the same ones for every question, so that answers are
//! reproducible. The error of a deviation from 1,024 values is about 2 %.

use vectory_core::{Hit, Vectors};
use vectory_index::inverted::{Bm25Params, CollectionStats, Moments};

use super::snapshot::Snapshot;
use super::view::{Asked, Reach, ViewQuery};
use crate::fusion::Statistics;
use crate::store::PartView;

/// Postings up to which all scores are summed; beyond, the search prunes and the sums are estimated.
const EXACT_POSTINGS: u64 = 1 << 20;

impl ViewQuery {
    /// The view's best passages and the distribution of its scores over all passages.
    pub fn search_calibrated(&self, snapshot: &Snapshot, reach: &Reach<'_>, sample: usize) -> (Vec<Hit>, Statistics) {
        match &self.asked {
            Asked::Terms { stats, .. } if stats.doc_freq.values().sum::<u64>() <= EXACT_POSTINGS => {
                let mut moments = Moments::default();
                let hits = self.search_into(snapshot, reach, Some(&mut moments));
                (hits, Statistics::of_sums(moments.sum, moments.squares, stats.documents))
            }
            _ => (self.search(snapshot, reach), self.statistics(snapshot, sample)),
        }
    }

    fn statistics(&self, snapshot: &Snapshot, sample: usize) -> Statistics {
        match &self.asked {
            Asked::Terms { terms, stats, bm25, .. } => estimated(terms, stats, bm25),
            Asked::Weights { .. } | Asked::Several { .. } => Statistics::default(),
            Asked::Vector { .. } => {
                let rows = snapshot.samples[self.view].get_or_init(|| sampled(snapshot, self.view, sample));
                Statistics::of(self.score_sample(rows).into_iter().map(f64::from))
            }
        }
    }
}

/// Rows evenly spread over all parts, copied together.
fn sampled(snapshot: &Snapshot, view: usize, sample: usize) -> Vectors {
    let total = snapshot.rows();
    let wanted = sample.min(total);
    let mut places = (0..wanted).map(|i| i * total / wanted).peekable();
    let mut flat: Vec<&[f32]> = Vec::with_capacity(wanted);
    let mut start = 0;
    for part in &snapshot.parts {
        let end = start + part.part.len();
        if let PartView::Dense(dense) = &part.part.views[view] {
            while let Some(place) = places.next_if(|p| *p < end) {
                flat.extend(dense.first((place - start) as u32));
            }
        }
        start = end;
    }
    // Rows of one view have one length.
    Vectors::from_rows(flat).unwrap_or_else(|_| Vectors::zeros(0, 0))
}

/// Estimated where the postings are too many to go through: terms count as independent of each other.
fn estimated(terms: &[(String, f32)], stats: &CollectionStats, bm25: &Bm25Params) -> Statistics {
    let typical = |(term, w): &(String, f32)| {
        let df = stats.doc_freq.get(term).copied().unwrap_or(0);
        (f64::from(*w) * bm25.idf(stats.documents, df) * saturated_typical(bm25), df as f64)
    };
    let values: Vec<(f64, f64)> = terms.iter().map(typical).collect();
    let n = stats.documents.max(1) as f64;
    let sum: f64 = values.iter().map(|(x, df)| x * df).sum();
    let squares: f64 = values.iter().map(|(x, df)| x * x * df).sum();
    let own: f64 = values.iter().map(|(x, df)| (x * df).powi(2)).sum();
    Statistics::of_sums(sum, squares + (sum * sum - own) / n, stats.documents)
}

/// The saturation of one occurrence in a passage of average length.
fn saturated_typical(bm25: &Bm25Params) -> f64 {
    1.0 / (1.0 + f64::from(bm25.k1))
}
