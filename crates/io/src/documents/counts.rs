//! What a run over sources has met so far.

use std::collections::BTreeMap;

use super::{Item, SkipReason};

/// Counts of a run; grows as the iterator is driven.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents given.
    pub documents: u64,
    /// Documents left alone because the caller has them.
    pub unchanged: u64,
    /// Documents with bytes that were not UTF-8.
    pub repaired: u64,
    /// What was skipped, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
}

impl Counts {
    pub(crate) fn add(&mut self, item: &Item) {
        match item {
            Item::Document(d) => {
                self.documents += 1;
                self.repaired += u64::from(d.repaired > 0);
            }
            Item::Unchanged { .. } => self.unchanged += 1,
            Item::Skipped(s) => *self.skipped.entry(s.why).or_default() += 1,
        }
    }

    /// How many items were skipped for any reason.
    #[must_use]
    pub fn skipped_total(&self) -> u64 {
        self.skipped.values().sum()
    }
}
