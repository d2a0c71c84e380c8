//! What has been reached, on disk.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use vectory_core::artifact::{self, Artifact, Card, TensorOut};
use vectory_core::{Context, hash};

use super::TrainError;
use crate::sampling::{self, Cursor, Job, Plan, SharedRows};
use crate::vocabulary::Vocabulary;

const KIND: &str = "training";
const VERSION: u32 = 1;
/// So often what has been reached is written.
const EVERY: Duration = Duration::from_secs(60);

/// Where a training writes what it has reached (about once a minute, and when it is interrupted), and whether it goes on from there.
#[derive(Clone, Debug, Default)]
pub struct Checkpoint {
    /// The file; `None`: nothing is written.
    pub path: Option<PathBuf>,
    /// Go on from the file, if it is there.
    pub resume: bool,
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

    /// Trains: goes on from what the file holds, if it is asked to, and writes what has been reached.
    ///
    /// # Errors
    /// [`TrainError`]: a checkpoint of another training, one that cannot be written, an interrupt, a corpus that cannot be read.
    pub(crate) fn run<J: Job, P: Serialize>(
        &self,
        job: &J,
        plan: &Plan,
        t: &Training<'_, P>,
        ctx: &Context,
    ) -> Result<Cursor, TrainError> {
        let from = self.restore(t)?;
        sampling::run(job, plan, from, EVERY, ctx, &mut |at| self.write(t, at))
    }

    fn write<P: Serialize>(&self, t: &Training<'_, P>, at: &Cursor) -> Result<(), TrainError> {
        let Some(path) = &self.path else { return Ok(()) };
        let rows: Vec<_> = t.tables.iter().map(|(name, rows)| (name, rows.to_vectors())).collect();
        let tensors: Vec<_> =
            rows.iter().map(|(name, r)| TensorOut::f32(name, vec![r.rows(), r.dim()], r.as_slice())).collect();
        let params = serde_json::json!({ "settings": t.params, "vocabulary": t.fingerprint(), "done": at.done, "loss": at.loss });
        let card = Card { kind: KIND.into(), version: VERSION, params, provenance: serde_json::Value::Null };
        Ok(artifact::save(path, &card, &tensors)?)
    }

    /// The place to go on from; the start where there is no checkpoint or none is asked for.
    fn restore<P: Serialize>(&self, t: &Training<'_, P>) -> Result<Cursor, TrainError> {
        let Some(path) = self.path.as_ref().filter(|_| self.waits()) else { return Ok(Cursor::default()) };
        let a = Artifact::open_kind(path, KIND, VERSION)?;
        let saved = &a.card().params;
        let other = |what| TrainError::Checkpoint { path: path.display().to_string(), what };
        if saved["vocabulary"] != serde_json::Value::String(t.fingerprint()) {
            return Err(other("the corpus"));
        }
        if saved["settings"] != serde_json::to_value(t.params).unwrap_or_default() {
            return Err(other("a setting"));
        }
        for (name, table) in t.tables {
            let rows = a.rows(name)?;
            if (rows.rows(), rows.dim()) != (table.rows(), table.dim()) {
                return Err(other("the shape of a table"));
            }
            table.set(&rows);
        }
        Ok(Cursor {
            done: saved["done"].as_u64().unwrap_or(0),
            loss: saved["loss"].as_f64().unwrap_or(f64::NAN),
            ..Cursor::default()
        })
    }

    /// Removes the file, once the model that came of it is saved: until then it is all that there is.
    pub fn remove(&self) {
        if let Some(path) = &self.path {
            // It may never have been written.
            let _ = fs_err::remove_file(path);
        }
    }
}

/// A training, as a checkpoint sees it.
pub(crate) struct Training<'a, P> {
    /// All that changes, by name.
    pub tables: &'a [(&'static str, &'a SharedRows)],
    /// What the corpus is known by.
    pub of: &'a [&'a Vocabulary],
    pub params: &'a P,
}

impl<P> Training<'_, P> {
    fn fingerprint(&self) -> String {
        self.of.iter().map(|v| fingerprint(v)).collect::<Vec<_>>().join(" ")
    }
}

fn fingerprint(v: &Vocabulary) -> String {
    let words = v.words().collect::<Vec<_>>().join("\n");
    hash::content(
        format!("{} {:?}", hash::content(words.as_bytes()), hash::content(bytemuck::cast_slice(v.counts()))).as_bytes(),
    )
}
