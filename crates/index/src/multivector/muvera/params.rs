//! What an encoding is told.

use serde::{Deserialize, Serialize};

use crate::multivector::StoreError;

/// The shape of the encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MuveraParams {
    /// How often the space is cut anew.
    pub repetitions: usize,
    /// Hyperplanes of one cut: 2^k_sim parts.
    pub k_sim: u32,
    /// Values that a token is thrown down to; as many as it has, or more: it is taken as it is.
    pub d_proj: usize,
    /// Values of the whole encoding after a last sketch; `None`: no sketch.
    pub d_final: Option<usize>,
    /// Whether a part without a document token takes the nearest one.
    pub fill_empty: bool,
}

impl Default for MuveraParams {
    fn default() -> Self {
        Self { repetitions: 20, k_sim: 5, d_proj: 16, d_final: None, fill_empty: true }
    }
}

impl MuveraParams {
    /// Whether every field is in its range.
    ///
    /// # Errors
    /// [`StoreError::Param`] names the first that is not.
    pub fn check(&self) -> Result<(), StoreError> {
        let bad = |field, value: usize, range| Err(StoreError::Param { field, value: value.to_string(), range });
        if !(1..=1000).contains(&self.repetitions) {
            return bad("repetitions", self.repetitions, "1 to 1000");
        }
        if self.k_sim > 12 {
            return bad("k_sim", self.k_sim as usize, "0 to 12");
        }
        if self.d_proj == 0 {
            return bad("d_proj", 0, "1 or more");
        }
        if self.d_final == Some(0) {
            return bad("d_final", 0, "1 or more");
        }
        if self.raw_len(self.d_proj) > 1 << 22 {
            return bad("repetitions · 2^k_sim · d_proj", self.raw_len(self.d_proj), "at most 4194304");
        }
        Ok(())
    }

    /// Values of an encoding before the last sketch, where a token is thrown down to `width` values.
    pub(super) fn raw_len(&self, width: usize) -> usize {
        self.repetitions.saturating_mul(width) << self.k_sim
    }
}
