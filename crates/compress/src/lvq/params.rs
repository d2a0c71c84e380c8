//! What LVQ is told.

use serde::{Deserialize, Serialize};

use crate::ParamsError;

/// Bits of the two levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LvqParams {
    /// Bits a value has in the first level: 4 or 8.
    pub bits: u8,
    /// Bits a value has in the second level: 0 (none), 4 or 8.
    pub residual_bits: u8,
}

impl Default for LvqParams {
    fn default() -> Self {
        Self { bits: 8, residual_bits: 0 }
    }
}

impl LvqParams {
    /// # Errors
    /// [`ParamsError`] names the first field out of its range.
    pub fn check(&self) -> Result<(), ParamsError> {
        if !matches!(self.bits, 4 | 8) {
            return Err(ParamsError::new("bits", self.bits, "4 or 8"));
        }
        if !matches!(self.residual_bits, 0 | 4 | 8) {
            return Err(ParamsError::new("residual_bits", self.residual_bits, "0, 4 or 8"));
        }
        Ok(())
    }

    /// `LVQ8`, `LVQ4x8`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.residual_bits {
            0 => format!("LVQ{}", self.bits),
            second => format!("LVQ{}x{second}", self.bits),
        }
    }
}
