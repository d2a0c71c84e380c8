//! What several indexes of one collection share, so that a document scores the same whichever holds it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::model::InvertedIndex;

/// The number of documents, their length, and in how many each term of a query is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CollectionStats {
    /// How many documents.
    pub documents: u64,
    /// How many terms they have together.
    pub total_length: u64,
    /// In how many documents a term is; a term that is not listed counts as in none.
    pub doc_freq: FxHashMap<String, u64>,
}

impl CollectionStats {
    /// The statistics of all `indexes` together for the given terms. O(indexes × terms).
    pub fn of<'i, S: AsRef<str>>(indexes: impl IntoIterator<Item = &'i InvertedIndex>, terms: &[(S, f32)]) -> Self {
        let mut stats = Self::default();
        for index in indexes {
            stats.add(index, terms);
        }
        stats
    }

    /// Adds one index.
    pub fn add<S: AsRef<str>>(&mut self, index: &InvertedIndex, terms: &[(S, f32)]) {
        self.documents += u64::from(index.documents());
        self.total_length += index.total_length();
        let mut seen = FxHashSet::default();
        for term in terms.iter().map(|(t, _)| t.as_ref()).filter(|t| seen.insert(*t)) {
            let df = u64::from(index.doc_freq(term));
            if df > 0 {
                *self.doc_freq.entry(term.to_owned()).or_default() += df;
            }
        }
    }

    /// How many terms a document has on average.
    #[must_use]
    pub fn average_length(&self) -> f64 {
        if self.documents == 0 { 0.0 } else { self.total_length as f64 / self.documents as f64 }
    }
}

/// The scores of one query over all documents of an index, summed: what their mean and deviation are computed from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Sum of the scores.
    pub sum: f64,
    /// Sum of their squares.
    pub squares: f64,
}

impl Moments {
    /// Adds scores; one that no term touched is 0.
    pub(super) fn add(&mut self, scores: &[f32]) {
        const LANES: usize = 8;
        let (mut sums, mut squares) = ([0.0f64; LANES], [0.0f64; LANES]);
        let (whole, rest) = scores.as_chunks::<LANES>();
        for chunk in whole {
            for lane in 0..LANES {
                let x = f64::from(chunk[lane]);
                sums[lane] += x;
                squares[lane] += x * x;
            }
        }
        self.sum += sums.iter().sum::<f64>() + rest.iter().map(|x| f64::from(*x)).sum::<f64>();
        self.squares += squares.iter().sum::<f64>() + rest.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>();
    }
}
