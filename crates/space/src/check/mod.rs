//! Looking after a space: is every file there and whole, do they agree, and can what is broken be made again?
//!
//! | level | looks at | cost |
//! |---|---|---|
//! | quick | `space.toml`, the manifest, sizes, headers and small files of every segment | milliseconds |
//! | full | every byte of every segment, every document and passage, every number in both directions, every link | reads everything once |
//! | repair | full, then every damaged segment is made again from the stored texts | encodes the damaged part again |
//!
//! Segments of views that encode texts are derived data: texts, titles and payloads live in `items.redb`. Vectors that a
//! client gave are not: the points of a damaged segment are then removed and named; a snapshot has them. If `items.redb`
//! itself is damaged beyond what redb repairs, the space must be built again from its sources, and the report says so.

mod full;
mod models;
mod quick;
mod repair;

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;
use vectory_core::Context;

use crate::engine::EncoderProvider;
use crate::store::{Layout, SpaceFile, StoreError};
use crate::write::WriteError;

/// How hard to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CheckLevel {
    /// Manifest, sizes, headers.
    #[default]
    Quick,
    /// Every byte.
    Full,
    /// Every byte, and make damaged segments again.
    Repair,
}

/// Which part of the space is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Damage {
    /// `space.toml` or its recipe.
    Recipe,
    /// An encoder that the space learned and keeps.
    Model,
    /// The table of items: texts and manifest.
    Items,
    /// A segment, by its number: can be made again from the texts.
    Segment(u32),
    /// Numbers that do not agree between the items and the segments: all segments can be made again.
    Numbers,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// In which part.
    pub damage: Damage,
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

/// What makes the rows of a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Encoder {
    /// The view.
    pub view: String,
    /// The encoder's name.
    pub name: String,
    /// Values of a row.
    pub dim: usize,
    /// What the recipe names: `default`, a path, or the file in the space that it learned.
    pub model: String,
    /// The learner, where the space learned it from its own passages.
    pub learned_by: Option<String>,
    /// Stands for its weights.
    pub fingerprint: String,
}

/// What was found, and what was done.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CheckReport {
    /// What is wrong; empty when all is well. After a repair: what still is.
    pub problems: Vec<Problem>,
    /// What was wrong and is made again.
    pub repaired: Vec<Problem>,
    /// What makes the rows of each dense view that encodes texts.
    pub encoders: Vec<Encoder>,
    /// Documents that could not be saved, by id.
    pub lost: Vec<String>,
    /// Documents, as far as they could be counted.
    pub documents: u64,
    /// Passages, as far as they could be counted.
    pub passages: u64,
    /// Segments.
    pub segments: usize,
    /// Folders in `segments/` that belong to no commit: left by a crash, removed by the next writer.
    pub leftovers: usize,
    /// Whether every byte was read.
    pub full: bool,
    /// How long it took.
    pub seconds: f64,
}

impl CheckReport {
    /// Whether nothing is wrong (any more).
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.problems.is_empty()
    }

    fn problem(&mut self, damage: Damage, file: impl Into<PathBuf>, what: impl ToString) {
        self.problems.push(Problem { damage, file: file.into(), what: what.to_string() });
    }
}

/// Looks, and repairs where asked. Damage is reported, not an error; `encoders` are needed for a repair only.
///
/// # Errors
/// [`WriteError`] when there is no space, when a repair cannot get the lock or the encoders, or when it fails.
pub fn check(
    path: &Path,
    level: CheckLevel,
    encoders: &dyn EncoderProvider,
    ctx: &Context,
) -> Result<CheckReport, WriteError> {
    let start = Instant::now();
    if !path.join("space.toml").exists() {
        return Err(WriteError::Missing { path: path.to_owned() });
    }
    // Not damage: no repair helps.
    if let Err(newer @ StoreError::Newer { .. }) = SpaceFile::read(&Layout::new(path)) {
        return Err(newer.into());
    }
    let mut report = CheckReport { full: level != CheckLevel::Quick, ..CheckReport::default() };
    if let Some(opened) = quick::quick(path, &mut report)
        && report.full
    {
        full::full(&opened, &mut report, ctx)?;
        models::whole(path, &mut report, encoders);
    }
    if level == CheckLevel::Repair && !report.is_healthy() {
        report = repair::repair(path, report, encoders, ctx)?;
    }
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}
