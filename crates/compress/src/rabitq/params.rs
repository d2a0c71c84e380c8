//! What RaBitQ is told.

use serde::{Deserialize, Serialize};

use crate::ParamsError;

/// Bits of a dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RabitqParams {
    /// 1 to 8: one in the primary record, the others in the secondary one.
    pub bits: u8,
}

impl Default for RabitqParams {
    fn default() -> Self {
        Self { bits: 1 }
    }
}

impl RabitqParams {
    /// # Errors
    /// [`ParamsError`] for bits out of range.
    pub fn check(&self) -> Result<(), ParamsError> {
        if (1..=8).contains(&self.bits) { Ok(()) } else { Err(ParamsError::new("bits", self.bits, "in 1..=8")) }
    }

    /// `RaBitQ`, `RaBitQ4`.
    #[must_use]
    pub fn name(&self) -> String {
        if self.bits == 1 { "RaBitQ".into() } else { format!("RaBitQ{}", self.bits) }
    }
}
