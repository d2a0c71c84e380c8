//! What product quantization is told.

use serde::{Deserialize, Serialize};

use crate::ParamsError;

/// Parts, bits, rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PqParams {
    /// Parts of a row, 1 to its dimension.
    pub m: usize,
    /// Bits of a part's code: 8 (256 centroids) or 4 (16, in the layout of the fast scan).
    pub bits: u8,
    /// Learn a rotation first (OPQ).
    pub rotate: bool,
    /// Rounds of k-means in each part.
    pub iterations: usize,
}

impl Default for PqParams {
    fn default() -> Self {
        Self { m: 16, bits: 8, rotate: false, iterations: 25 }
    }
}

impl PqParams {
    /// # Errors
    /// [`ParamsError`] names the first field out of its range for rows of this dimension.
    pub fn check(&self, dim: usize) -> Result<(), ParamsError> {
        if !(1..=dim).contains(&self.m) {
            return Err(ParamsError::new("m", self.m, format!("in 1..={dim}, the dimension of the rows")));
        }
        if !matches!(self.bits, 4 | 8) {
            return Err(ParamsError::new("bits", self.bits, "4 or 8"));
        }
        if self.iterations == 0 {
            return Err(ParamsError::new("iterations", 0, "1 or more"));
        }
        Ok(())
    }

    /// `PQ16`, `OPQ16,PQ16x4fs`.
    #[must_use]
    pub fn name(&self) -> String {
        let pq = if self.bits == 8 { format!("PQ{}", self.m) } else { format!("PQ{}x4fs", self.m) };
        if self.rotate { format!("OPQ{},{pq}", self.m) } else { pq }
    }

    pub(crate) fn centroids(&self) -> usize {
        1 << self.bits
    }
}
