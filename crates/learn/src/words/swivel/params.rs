//! How Swivel learns.

use serde::{Deserialize, Serialize};

use crate::words::WordsError;

/// Defaults are the released program's, with smaller shards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SwivelParams {
    /// Values of a vector (1 to 4096; 100).
    pub dim: usize,
    /// Passes over all tiles (40).
    pub epochs: usize,
    /// Words to a side of a tile (16 to 8192; 1024).
    pub shard: usize,
    /// AdaGrad's rate (1).
    pub lr: f32,
    /// Weight of a pair: `base + scale · count^exponent`.
    pub base: f32,
    /// See `base`.
    pub scale: f32,
    /// See `base`.
    pub exponent: f32,
    /// Whether cells of zero count; off, it is a plain factorisation of what was seen.
    pub zeros: bool,
}

impl Default for SwivelParams {
    fn default() -> Self {
        Self { dim: 100, epochs: 40, shard: 1024, lr: 1.0, base: 0.1, scale: 0.25, exponent: 0.5, zeros: true }
    }
}

impl SwivelParams {
    /// # Errors
    /// [`WordsError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), WordsError> {
        WordsError::check_dim(self.dim)?;
        WordsError::check_counts(&[("epochs", self.epochs)])?;
        if !(16..=8192).contains(&self.shard) {
            return Err(WordsError::param("shard", self.shard, "16 to 8192"));
        }
        WordsError::check_positive(&[("lr", self.lr), ("exponent", self.exponent)])?;
        let below = [("base", self.base), ("scale", self.scale)].into_iter().find(|v| !(v.1 >= 0.0 && v.1.is_finite()));
        below.map_or(Ok(()), |(field, value)| Err(WordsError::param(field, value, "0 or more")))
    }

    /// The weight of a count.
    #[must_use]
    pub fn weight(&self, count: f32) -> f32 {
        let power = if self.exponent == 0.5 { count.sqrt() } else { count.powf(self.exponent) };
        self.base + self.scale * power
    }
}
