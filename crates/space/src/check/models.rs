//! The encoders of a space: what they are called, and whether those that it learned and keeps are whole.

use std::path::Path;

use super::{CheckReport, Damage, Encoder};
use crate::engine::EncoderProvider;
use crate::recipe::Recipe;
use crate::store::Manifest;

/// Names the encoders; a learned one that is not there is a problem.
pub(super) fn named(path: &Path, recipe: &Recipe, manifest: &Manifest, report: &mut CheckReport) {
    for view in &recipe.views {
        let (Some(encode), Some(entry)) = (&view.encode, manifest.encoders.get(&view.name)) else { continue };
        report.encoders.push(Encoder {
            view: view.name.clone(),
            name: entry.name.clone(),
            dim: entry.dim,
            model: encode.model.clone(),
            learned_by: encode.learn.clone(),
            fingerprint: entry.fingerprint.clone(),
        });
        let file = path.join(&encode.model);
        if encode.learn.is_some() && !file.exists() {
            report.problem(
                Damage::Model,
                file,
                "the learned encoder is gone: restore a snapshot, or build the space again",
            );
        }
    }
}

/// Reads the learned encoders that are there and compares them with those that made the rows.
pub(super) fn whole(path: &Path, report: &mut CheckReport, encoders: &dyn EncoderProvider) {
    let learned: Vec<Encoder> = report.encoders.iter().filter(|e| e.learned_by.is_some()).cloned().collect();
    for e in learned {
        let file = path.join(&e.model);
        if !file.exists() {
            continue;
        }
        match encoders.open(&e.model, path) {
            Ok(now) if now.fingerprint() == e.fingerprint => {}
            Ok(_) => report.problem(
                Damage::Model,
                file,
                "is not the encoder that made the rows: restore a snapshot, or build the space again",
            ),
            Err(why) => {
                report.problem(Damage::Model, file, format!("{why}: restore a snapshot, or build the space again"));
            }
        }
    }
}
