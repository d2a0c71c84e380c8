//! A space to files.

use std::path::Path;

use vectory_core::Context;
use vectory_io::items::{self, Cell, Head, Item, Shape, ViewHead};

use super::{About, BATCH, ExportError, Moved};
use crate::engine::{Engine, EngineKind};
use crate::point::Given;
use crate::search::{Snapshot, Space};
use crate::store::DocumentRecord;

/// Writes the newest commit to a `.parquet` file, or to a folder that is not there. Reading and writing go on meanwhile.
///
/// # Errors
/// [`ExportError`]; nothing complete is left behind.
pub fn export(space: &Space, to: &Path, ctx: &Context) -> Result<Moved, ExportError> {
    let snapshot = space.snapshot();
    let is_new = !to.exists();
    let mut out = items::create(to, head(space, &snapshot)?)?;
    ctx.progress().begin("exporting", Some(snapshot.manifest.passages), "passages");
    let written = each_batch(space, &snapshot, ctx, &mut |batch| Ok(out.write(batch)?));
    ctx.progress().end();
    let done = written.and_then(|moved| {
        out.finish()?;
        Ok(moved)
    });
    if done.is_err() && is_new && to.is_dir() {
        // Ours alone; failing to remove it must not hide the first error.
        let _ = fs_err::remove_dir_all(to);
    }
    done
}

/// What is said of a commit before its items.
pub(super) fn head(space: &Space, snapshot: &Snapshot) -> Result<Head, ExportError> {
    let manifest = &snapshot.manifest;
    let about = About {
        recipe: space.recipe().clone(),
        encoders: manifest.encoders.clone(),
        indexes: manifest.indexes.clone(),
        settings: manifest.settings.clone(),
        documents: manifest.documents,
        passages: manifest.passages,
    };
    let about = serde_json::to_value(about).map_err(std::io::Error::from)?;
    Ok(Head::new(views(space).into_iter().map(|v| v.1).collect(), about))
}

fn views(space: &Space) -> Vec<(usize, ViewHead)> {
    space.engines().iter().enumerate().filter_map(head_of).collect()
}

/// Gives every item of a commit to `visit`, whole, some at a time.
pub(super) fn each_batch(
    space: &Space,
    snapshot: &Snapshot,
    ctx: &Context,
    visit: &mut dyn FnMut(&[Item]) -> Result<(), ExportError>,
) -> Result<Moved, ExportError> {
    let views = views(space);
    let mut moved = Moved::default();
    let mut batch = Vec::with_capacity(BATCH);
    let mut give = |batch: &mut Vec<Item>, moved: &mut Moved| {
        ctx.check()?;
        visit(batch)?;
        moved.passages += batch.len() as u64;
        ctx.progress().advance(batch.len() as u64);
        batch.clear();
        Ok::<_, ExportError>(())
    };
    for number in snapshot.tables.document_numbers()? {
        let record = snapshot.tables.document(number)?;
        moved.documents += 1;
        for passage in record.passages() {
            let cells = views.iter().map(|(view, _)| cell(snapshot.given(passage, *view))).collect();
            batch.push(item(&record, snapshot.tables.passage(passage)?, passage - record.first, cells));
        }
        if batch.len() >= BATCH {
            give(&mut batch, &mut moved)?;
        }
    }
    give(&mut batch, &mut moved)?;
    Ok(moved)
}

/// How a view's vectors are exported; those of words are not.
fn head_of((at, engine): (usize, &Engine)) -> Option<(usize, ViewHead)> {
    let shape = match &engine.kind {
        EngineKind::Sparse { .. } => return None,
        EngineKind::Weights { .. } => Shape::Sparse,
        EngineKind::Dense { shape, .. } if shape.multi => Shape::Multi { dim: shape.dim },
        EngineKind::Dense { shape, .. } => Shape::Dense { dim: shape.dim },
    };
    Some((at, ViewHead { name: engine.name.clone(), shape }))
}

fn item(record: &DocumentRecord, passage: crate::store::PassageRecord, part: u32, vectors: Vec<Cell>) -> Item {
    Item {
        id: record.id.clone(),
        part,
        title: record.title.clone(),
        path: record.path.clone(),
        heading: passage.heading,
        range: passage.range,
        text: passage.text,
        origin: [record.source.clone(), record.stamp.clone(), record.hash.clone()],
        payload: record.payload.clone(),
        vectors,
    }
}

/// As the snapshot has it: rows of any number lie end to end.
fn cell(given: Option<Given>) -> Cell {
    match given {
        None => Cell::Nothing,
        Some(Given::Dense(rows)) => Cell::Rows(rows),
        Some(Given::Multi(rows)) => Cell::Rows(rows.concat()),
        Some(Given::Sparse { indices, values }) => Cell::Weights(indices, values),
    }
}
