//! What residual quantization is told.

use serde::{Deserialize, Serialize};

use crate::ParamsError;

/// Levels, bits, width of the search for codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RqParams {
    /// Codebooks, 1 to 256.
    pub m: usize,
    /// Bits of a level's code: 8 (256 centroids) or 4 (16, in the layout of the fast scan).
    pub bits: u8,
    /// Sums that are kept while the codes of a row are chosen, 1 to 64.
    pub beam: usize,
    /// Rounds of k-means for each codebook.
    pub iterations: usize,
}

impl Default for RqParams {
    fn default() -> Self {
        Self { m: 8, bits: 8, beam: 5, iterations: 15 }
    }
}

impl RqParams {
    /// # Errors
    /// [`ParamsError`] names the first field out of its range.
    pub fn check(&self) -> Result<(), ParamsError> {
        if !(1..=256).contains(&self.m) {
            return Err(ParamsError::new("m", self.m, "in 1..=256"));
        }
        if !matches!(self.bits, 4 | 8) {
            return Err(ParamsError::new("bits", self.bits, "4 or 8"));
        }
        if !(1..=64).contains(&self.beam) {
            return Err(ParamsError::new("beam", self.beam, "in 1..=64"));
        }
        if self.iterations == 0 {
            return Err(ParamsError::new("iterations", 0, "1 or more"));
        }
        Ok(())
    }

    /// `RQ8x8`, `RQ16x4fs`.
    #[must_use]
    pub fn name(&self) -> String {
        if self.bits == 8 { format!("RQ{}x8", self.m) } else { format!("RQ{}x4fs", self.m) }
    }

    pub(crate) fn centroids(&self) -> usize {
        1 << self.bits
    }
}
