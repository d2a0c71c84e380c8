//! What counts as near.

use serde::{Deserialize, Serialize};

use crate::words::WordsError;

/// What a pair counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weighting {
    /// 1 / distance.
    #[default]
    Harmonic,
    /// 1.
    Flat,
}

/// How pairs are counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CooccurrenceParams {
    /// Words to each side (1 to 255; 10). Words that the vocabulary leaves out are passed over and cost no distance.
    pub window: usize,
    /// What a pair counts.
    pub weighting: Weighting,
    /// Whether what stands to the right counts as well as what stands to the left (true).
    pub symmetric: bool,
    /// Bytes for the lists of pairs before they go to scratch files (1 GiB).
    #[serde(skip_serializing_if = "is_default_memory")]
    pub memory: usize,
}

const MEMORY: usize = 1 << 30;

fn is_default_memory(memory: &usize) -> bool {
    *memory == MEMORY
}

impl Default for CooccurrenceParams {
    fn default() -> Self {
        Self { window: 10, weighting: Weighting::Harmonic, symmetric: true, memory: MEMORY }
    }
}

impl CooccurrenceParams {
    /// # Errors
    /// [`WordsError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), WordsError> {
        if !(1..=255).contains(&self.window) {
            return Err(WordsError::param("window", self.window, "1 to 255"));
        }
        if self.memory < 1 << 20 {
            return Err(WordsError::param("memory", self.memory, "at least 1 MiB (1048576)"));
        }
        Ok(())
    }

    /// The weight of each distance from 1, in units, and how many units make 1. Exact up to a window of 20; beyond that, harmonic
    /// weights are rounded to 2⁻³².
    pub(super) fn units(&self) -> (Vec<u64>, u64) {
        let distances = 1..=self.window as u64;
        match self.weighting {
            Weighting::Flat => (distances.map(|_| 1).collect(), 1),
            Weighting::Harmonic => {
                let one = if self.window <= 20 { distances.clone().fold(1, lcm) } else { 1 << 32 };
                (distances.map(|d| (one + d / 2) / d).collect(), one)
            }
        }
    }
}

fn lcm(a: u64, b: u64) -> u64 {
    let (mut x, mut y) = (a, b);
    while y > 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}
