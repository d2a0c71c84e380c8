//! The file.

use std::path::PathBuf;
use std::time::Duration;

use safetensors::tensor::View;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;
use vectory_core::artifact::{self, Artifact, ArtifactError, Card, TensorOut};

const KIND: &str = "training";
const VERSION: u32 = 2;
/// So often what has been reached is written.
pub(crate) const EVERY: Duration = Duration::from_secs(60);

/// Why a checkpoint could not be written or gone on from.
#[derive(Debug, Error)]
pub enum CheckpointError {
    /// It could not be written or read.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// It is of another training.
    #[error(
        "{path}: the checkpoint is of another training ({what} differs); remove it, or go on with the same corpus and settings"
    )]
    Other {
        /// The file.
        path: String,
        /// What does not fit.
        what: &'static str,
    },
}

/// Where a training writes what it has reached (about once a minute, and when it is interrupted), and whether it goes on from there.
#[derive(Clone, Debug, Default)]
pub struct Checkpoint {
    /// The file; `None`: nothing is written.
    pub path: Option<PathBuf>,
    /// Go on from the file, if it is there.
    pub resume: bool,
}

/// What a training is known by.
pub(crate) struct Identity<P> {
    /// What it learns from, in a word or two, and the fingerprint of that.
    pub source: (&'static str, String),
    pub params: P,
    pub seed: u64,
}

impl<P: Serialize> Identity<P> {
    fn card(&self, place: &Value) -> Card {
        let params =
            serde_json::json!({ "settings": &self.params, "source": self.source.1, "seed": self.seed, "place": place });
        Card { kind: KIND.into(), version: VERSION, params, provenance: Value::Null }
    }
}

impl Checkpoint {
    /// No checkpoint.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether there is something to go on from.
    pub(crate) fn waits(&self) -> bool {
        self.resume && self.path.as_ref().is_some_and(|p| p.exists())
    }

    /// Writes the place reached and the tables as they are there.
    pub(crate) fn write<P: Serialize>(
        &self,
        of: &Identity<P>,
        place: &Value,
        tables: &[TensorOut<'_>],
    ) -> Result<(), CheckpointError> {
        let Some(path) = &self.path else { return Ok(()) };
        Ok(artifact::save(path, &of.card(place), tables)?)
    }

    /// [`Self::write`] of tables that are copied a part at a time.
    pub(crate) fn write_views<P: Serialize, V: View>(
        &self,
        of: &Identity<P>,
        place: &Value,
        tables: Vec<(String, V)>,
    ) -> Result<(), CheckpointError> {
        let Some(path) = &self.path else { return Ok(()) };
        Ok(artifact::save_views(path, &of.card(place), tables)?)
    }

    /// What was written, with its place; `None` where there is no file or none is asked for.
    pub(crate) fn open<P: Serialize>(&self, of: &Identity<P>) -> Result<Option<(Artifact, Value)>, CheckpointError> {
        let Some(path) = self.path.as_ref().filter(|_| self.waits()) else { return Ok(None) };
        let a = Artifact::open_kind(path, KIND, VERSION)?;
        a.verify()?;
        let saved = &a.card().params;
        if saved["source"] != Value::String(of.source.1.clone()) {
            return Err(self.other(of.source.0));
        }
        if saved["settings"] != serde_json::to_value(&of.params).unwrap_or_default() {
            return Err(self.other("a setting"));
        }
        if saved["seed"] != of.seed {
            return Err(self.other("the seed"));
        }
        let place = saved["place"].clone();
        Ok(Some((a, place)))
    }

    /// The checkpoint is of another training.
    pub(crate) fn other(&self, what: &'static str) -> CheckpointError {
        let path = self.path.as_ref().map(|p| p.display().to_string()).unwrap_or_default();
        CheckpointError::Other { path, what }
    }

    /// Removes the file, once the model that came of it is saved: until then it is all that there is.
    pub fn remove(&self) {
        if let Some(path) = &self.path {
            // It may never have been written.
            let _ = fs_err::remove_file(path);
        }
    }
}
