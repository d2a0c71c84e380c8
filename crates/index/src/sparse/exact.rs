//! The inverted index, by dimension numbers.

use vectory_core::Hit;
use vectory_core::repr::{SparseRef, SparseSet};

use crate::inverted::{BuildError, ImpactParams, InvertedBuilder, InvertedIndex, SearchOptions, Weighting};

/// An index of all items. `bits` a weight: 1 to 16 (fractions of each dimension's largest weight; none may be negative), or 32
/// (as they are).
///
/// # Errors
/// [`BuildError`] for a weight that cannot be stored so, or for other bits.
pub fn build(set: &SparseSet, bits: u32) -> Result<InvertedIndex, BuildError> {
    let mut builder = InvertedBuilder::with(Weighting::Impacts(ImpactParams { bits }));
    let mut names = Names::default();
    for (doc, item) in (0..).zip(set.iter()) {
        let terms = names.of(item);
        builder.add_weighted(doc, terms.iter().map(|(t, w)| (t.as_str(), *w)))?;
    }
    builder.finish()
}

/// The `k` best items, best first, ties by number. An item is found when it shares a dimension with the query.
#[must_use]
pub fn search(index: &InvertedIndex, query: SparseRef<'_>, options: &SearchOptions<'_>) -> Vec<Hit> {
    index.search_with(Names::default().of(query), options)
}

/// Dimensions as terms; keeps the texts' memory.
#[derive(Default)]
struct Names(Vec<(String, f32)>);

impl Names {
    fn of(&mut self, item: SparseRef<'_>) -> &[(String, f32)] {
        use std::fmt::Write;
        self.0.resize_with(item.dims.len(), Default::default);
        for ((text, weight), (d, w)) in self.0.iter_mut().zip(item.dims.iter().zip(item.weights)) {
            text.clear();
            // Writing to a string does not fail.
            let _ = write!(text, "{d}");
            *weight = *w;
        }
        &self.0
    }
}
