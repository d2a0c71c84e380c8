//! Binary items.

use crate::repr::{BinaryRef, Kind};
use crate::scorer::plain::jaccard;
use crate::scorer::{Scorer, ScorerError, check, check_dim};
use crate::{Metric, simd};

/// Binary items of `words` words each, with their numbers of set bits where the metric needs them.
#[derive(Clone, Debug)]
pub struct Binaries<'a> {
    all: &'a [u64],
    words: usize,
    metric: Metric,
    ones: Vec<u32>,
}

impl<'a> Binaries<'a> {
    /// Sees `all` as items of `words` words (at least one).
    ///
    /// # Errors
    /// [`ScorerError::Metric`] for a metric of another kind, [`ScorerError::Shape`] when the words do not make items.
    pub fn new(all: &'a [u64], words: usize, metric: Metric) -> Result<Self, ScorerError> {
        check(Kind::Binary, metric)?;
        if words == 0 || !all.len().is_multiple_of(words) {
            return Err(ScorerError::Shape(format!("{} words do not make items of {words}", all.len())));
        }
        let ones = match metric {
            Metric::Jaccard => all.chunks_exact(words).map(count).collect(),
            _ => vec![],
        };
        Ok(Self { all, words, metric, ones })
    }

    /// Item `id`.
    #[must_use]
    pub fn item(&self, id: u32) -> BinaryRef<'a> {
        BinaryRef { words: &self.all[id as usize * self.words..][..self.words] }
    }

    /// The set with a query folded in.
    ///
    /// # Errors
    /// [`ScorerError::Dim`] for a query of another length.
    pub fn scorer(&self, query: BinaryRef<'_>) -> Result<BinaryScorer<'_>, ScorerError> {
        check_dim(query.words.len() * 64, self.words * 64)?;
        Ok(BinaryScorer { set: self, query: query.words.to_vec(), ones: count(query.words) })
    }
}

/// A query against binary items.
#[derive(Clone, Debug)]
pub struct BinaryScorer<'a> {
    set: &'a Binaries<'a>,
    query: Vec<u64>,
    ones: u32,
}

impl Scorer for BinaryScorer<'_> {
    fn len(&self) -> usize {
        self.set.all.len() / self.set.words
    }

    fn score(&self, ids: &[u32], out: &mut [f32]) {
        assert_eq!(ids.len(), out.len(), "{} ids, {} places", ids.len(), out.len());
        for (id, s) in ids.iter().zip(out) {
            let item = self.set.item(*id).words;
            *s = match self.set.metric {
                Metric::Jaccard => {
                    jaccard(simd::and_popcount(&self.query, item), self.ones, self.set.ones[*id as usize])
                }
                _ => -(simd::hamming(&self.query, item) as f32),
            };
        }
    }
}

fn count(words: &[u64]) -> u32 {
    words.iter().map(|w| w.count_ones()).sum()
}
