//! What has been reached, on disk.

use std::path::PathBuf;

use serde::Serialize;
use vectory_core::artifact::{self, Artifact, Card, TensorOut};
use vectory_core::hash;

use super::{Tables, TrainError};
use crate::sampling::Cursor;
use crate::vocabulary::Vocabulary;

const KIND: &str = "training";
const VERSION: u32 = 1;

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

    pub(crate) fn write<P: Serialize>(&self, t: &Tables, v: &Vocabulary, p: &P, at: &Cursor) -> Result<(), TrainError> {
        let Some(path) = &self.path else { return Ok(()) };
        let rows: Vec<_> = t.all().into_iter().map(|(name, rows)| (name, rows.to_vectors())).collect();
        let tensors: Vec<_> = rows.iter().map(|(name, r)| TensorOut::f32(name, vec![r.rows(), r.dim()], r.as_slice())).collect();
        let params = serde_json::json!({ "settings": p, "vocabulary": fingerprint(v), "done": at.done, "loss": at.loss });
        let card = Card { kind: KIND.into(), version: VERSION, params, provenance: serde_json::Value::Null };
        Ok(artifact::save(path, &card, &tensors)?)
    }

    /// The place to go on from; the start where there is no checkpoint or none is asked for.
    pub(crate) fn restore<P: Serialize>(&self, t: &mut Tables, v: &Vocabulary, p: &P) -> Result<Cursor, TrainError> {
        let Some(path) = self.path.as_ref().filter(|path| self.resume && path.exists()) else {
            return Ok(Cursor::default());
        };
        let a = Artifact::open_kind(path, KIND, VERSION)?;
        let saved = &a.card().params;
        let other = |what| TrainError::Checkpoint { path: path.display().to_string(), what };
        if saved["vocabulary"] != serde_json::Value::String(fingerprint(v)) {
            return Err(other("the corpus"));
        }
        if saved["settings"] != serde_json::to_value(p).unwrap_or_default() {
            return Err(other("a setting"));
        }
        let shapes: Vec<_> = t.all().into_iter().map(|(name, r)| (name, r.rows(), r.dim())).collect();
        for (name, n, dim) in shapes {
            let rows = a.rows(name)?;
            if (rows.rows(), rows.dim()) != (n, dim) {
                return Err(other("the shape of a table"));
            }
            t.restore(name, &rows);
        }
        Ok(Cursor {
            done: saved["done"].as_u64().unwrap_or(0),
            loss: saved["loss"].as_f64().unwrap_or(0.0),
            ..Cursor::default()
        })
    }

    /// Removes the file of a training that has come to its end.
    pub(crate) fn remove(&self) {
        if let Some(path) = &self.path {
            // It may never have been written.
            let _ = fs_err::remove_file(path);
        }
    }
}

fn fingerprint(v: &Vocabulary) -> String {
    let words = v.words().collect::<Vec<_>>().join("\n");
    hash::content(format!("{} {:?}", hash::content(words.as_bytes()), hash::content(bytemuck::cast_slice(v.counts()))).as_bytes())
}
