//! The registry: every published method that we build registers itself beside its code, with its claim.
//!
//! Each crate exports a `METHODS` slice; the binary joins them. `vectory methods`, `vectory reproduce` and the README's
//! coverage table are read from it, so they cannot say what the code does not.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Context, Encode};

/// A published method, benchmark, system or theory that we build.
#[derive(Clone, Copy)]
pub struct Method {
    /// Three digits: the card's number.
    pub id: &'static str,
    /// Its name in the field.
    pub name: &'static str,
    /// Its home: the part of the house it lives in (`inspect`, `evaluate`, …).
    pub home: &'static str,
    /// `method`, `system`, `benchmark`, `theory`, `dataset` or `survey`.
    pub kind: &'static str,
    /// The command that runs it.
    pub command: &'static str,
    /// The claim that we reproduce, where there is one.
    pub claim: Option<Claim>,
}

/// One measurable statement.
#[derive(Clone, Copy)]
pub struct Claim {
    /// The statement, in one sentence.
    pub statement: &'static str,
    /// What has to be reached, in words and numbers (the card's, never moved).
    pub threshold: &'static str,
    /// Which data it runs on (`generated`, or a path below the data folder).
    pub data: &'static str,
    /// Measures it.
    pub run: fn(&ClaimContext) -> Result<Outcome, ClaimError>,
}

/// What a claim is given.
pub struct ClaimContext {
    /// Seed, threads, progress, cancel.
    pub context: Context,
    /// The data folder (`$VECTORY_DATA`).
    pub data: PathBuf,
    /// The default sentence encoder, for claims about texts; `None` where the caller has none.
    pub encoder: Option<Arc<dyn Encode>>,
}

impl ClaimContext {
    /// A path below the data folder, if it is there.
    ///
    /// # Errors
    /// [`ClaimError::NoData`] with the path that is missing.
    pub fn data(&self, path: impl AsRef<Path>) -> Result<PathBuf, ClaimError> {
        let full = self.data.join(path);
        if full.exists() { Ok(full) } else { Err(ClaimError::NoData(full)) }
    }
}

/// What was measured.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The measured values, in words and numbers.
    pub measured: String,
    /// Whether the claim holds.
    pub holds: bool,
    /// What to know about it; where it does not hold, the best explanation.
    pub note: String,
}

/// Why a claim could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// The data is not here: the claim counts as not run.
    #[error("no data at {0} (set VECTORY_DATA)")]
    NoData(PathBuf),
    /// It broke.
    #[error("{0}")]
    Failed(String),
}

impl ClaimError {
    /// Any error as a failed claim.
    pub fn failed(e: impl std::fmt::Display) -> Self {
        Self::Failed(e.to_string())
    }
}
