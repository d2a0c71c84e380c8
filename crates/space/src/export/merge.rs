//! Spaces of one recipe become one: the parts of a build that was split, or collections that belong together.

use std::path::{Path, PathBuf};

use serde_json::Value;
use vectory_core::Context;

use super::read::{made_new, sources};
use super::write::{each_batch, head};
use super::{ExportError, Moved};
use crate::build::{SHARD, Shard};
use crate::engine::EncoderProvider;
use crate::search::Space;
use crate::write::{Writer, WriterParams, difference};

/// What to merge, and how.
pub struct Merge<'a> {
    /// The spaces; of an id that several have, the last counts.
    pub from: &'a [PathBuf],
    /// Where the merged space goes; must not be there.
    pub to: &'a Path,
    /// Where encoders come from.
    pub encoders: &'a dyn EncoderProvider,
    /// How the writer works.
    pub writer: WriterParams,
}

/// Makes one space of several: all of it, or nothing is left. Vectors are taken as they are.
///
/// # Errors
/// [`ExportError`]; of parts of a split build, a part that is missing is named.
pub fn merge(request: &Merge<'_>, ctx: &Context) -> Result<Moved, ExportError> {
    let spaces = request.from.iter().map(|p| Space::open(p, request.encoders)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = spaces.first() else {
        return Err(ExportError::Form { path: request.to.to_owned(), why: "there is nothing to merge".into() });
    };
    for space in &spaces[1..] {
        if let Some(difference) = difference(space.recipe(), first.recipe()) {
            let why = format!("was made by another recipe than {} ({difference})", first.path().display());
            return Err(ExportError::Form { path: space.path().to_owned(), why });
        }
        if space.manifest().encoders != first.manifest().encoders {
            let why = format!("was made by other encoders than {}", first.path().display());
            return Err(ExportError::Form { path: space.path().to_owned(), why });
        }
    }
    all_parts(&spaces)?;
    made_new(request.to, || {
        let mut writer = Writer::create(request.to, first.recipe(), request.encoders, request.writer.clone())?;
        let total: u64 = spaces.iter().map(|s| s.manifest().passages).sum();
        ctx.progress().begin("merging spaces", Some(total), "passages");
        let mut moved = Moved::default();
        for space in &spaces {
            let snapshot = space.snapshot();
            let sources = sources(&writer, &head(space, &snapshot)?, &snapshot.manifest.encoders);
            let read = each_batch(space, &snapshot, ctx, &mut |batch| {
                moved.encoded += writer.put_items(batch, &sources, ctx)?.encoded;
                Ok(())
            })?;
            moved.passages += read.passages;
            writer.change_manifest(|m| {
                m.indexes.extend(snapshot.manifest.indexes.clone());
                m.settings.extend(snapshot.manifest.settings.clone());
                m.settings.remove(SHARD);
            })?;
        }
        writer.commit(ctx)?;
        ctx.progress().end();
        writer.optimize(ctx)?;
        moved.documents = writer.manifest().documents;
        Ok(moved)
    })
}

/// Where one is the part of a split build, all must be, and none may be missing or there twice.
fn all_parts(spaces: &[Space]) -> Result<(), ExportError> {
    let part =
        |s: &Space| s.manifest().settings.get(SHARD).and_then(Value::as_str).and_then(|t| t.parse::<Shard>().ok());
    let parts: Vec<(&Space, Option<Shard>)> = spaces.iter().map(|s| (s, part(s))).collect();
    let Some(of) = parts.iter().find_map(|p| p.1).map(|s| s.of) else { return Ok(()) };
    let bad = |space: &Space, why: String| Err(ExportError::Form { path: space.path().to_owned(), why });
    let mut seen = vec![false; of as usize];
    for (space, shard) in &parts {
        match shard {
            Some(s) if s.of == of && !std::mem::replace(&mut seen[s.index as usize - 1], true) => {}
            Some(s) => {
                return bad(space, format!("is part {s}: there is another like it, or the others are parts of {of}"));
            }
            None => return bad(space, format!("is no part of a split build; the others are parts of {of}")),
        }
    }
    match seen.iter().position(|s| !s) {
        Some(at) => bad(parts[0].0, format!("is one of {of} parts; part {}/{of} is missing", at + 1)),
        None => Ok(()),
    }
}
