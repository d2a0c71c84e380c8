//! What the index is told.

use serde::{Deserialize, Serialize};

use crate::sparse::SparseError;

/// How lists are cut, grouped and summarised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeismicParams {
    /// Postings that a list keeps: its heaviest.
    pub postings: usize,
    /// Blocks of a list, as a share of its postings.
    pub blocks: f32,
    /// Share of a summary's mass that is kept.
    pub energy: f32,
    /// Of an item, so many of its heaviest dimensions decide which block it goes to.
    pub item_cut: usize,
}

impl Default for SeismicParams {
    fn default() -> Self {
        Self { postings: 4000, blocks: 0.1, energy: 0.4, item_cut: 15 }
    }
}

impl SeismicParams {
    /// Whether every field is in its range.
    ///
    /// # Errors
    /// [`SparseError::Param`] names the first that is not.
    pub fn check(&self) -> Result<(), SparseError> {
        let bad = |field, value: String, range| Err(SparseError::Param { field, value, range });
        if self.postings == 0 {
            return bad("postings", "0".into(), "1 or more");
        }
        if !(self.blocks > 0.0 && self.blocks <= 1.0) {
            return bad("blocks", self.blocks.to_string(), "above 0, at most 1");
        }
        if !(self.energy > 0.0 && self.energy <= 1.0) {
            return bad("energy", self.energy.to_string(), "above 0, at most 1");
        }
        if self.item_cut == 0 {
            return bad("item_cut", "0".into(), "1 or more");
        }
        Ok(())
    }
}
