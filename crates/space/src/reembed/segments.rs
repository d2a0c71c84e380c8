//! A segment again: new rows and a new graph in one view, all else linked.

use vectory_core::Context;

use super::Plan;
use super::beside::Beside;
use crate::engine::recipe_views;
use crate::store::{
    Faults, PartView, RowsWriter, SegmentEntry, StoreError, graph_path, link, open_segment, rows_path, sums,
};
use crate::write::{Seal, WriteError};

/// Makes a segment again beside, under its own number, unless it is there.
pub(super) fn make_again(plan: &Plan, beside: &Beside, entry: &SegmentEntry, ctx: &Context) -> Result<(), WriteError> {
    if beside.layout.segment(entry.number).exists() {
        return Ok(());
    }
    let old = plan.layout.segment(entry.number);
    let part = open_segment(&old, entry, &recipe_views(&plan.recipe))?;
    let PartView::Dense(dense) = &part.views[plan.at] else {
        return Err(StoreError::damaged(old, "does not hold rows of the view").into());
    };
    let folder = beside.layout.unfinished(entry.number);
    if folder.exists() {
        fs_err::remove_dir_all(&folder)?;
    }
    fs_err::create_dir_all(&folder)?;
    let name = &plan.engine.name;
    let (rows, graph) = (rows_path(&folder, name), graph_path(&folder, name));
    for file in fs_err::read_dir(&old)? {
        let file = file?.path();
        let to = folder.join(file.file_name().unwrap_or_default());
        if to != rows && to != graph && to != folder.join(sums::NAME) {
            link(&file, &to)?;
        }
    }
    let dim = plan.engine.shape().map_or(0, |s| s.dim);
    let mut out = RowsWriter::create(&rows, dim)?;
    for (row, passage) in (0u32..).zip(part.ids.passages()) {
        // As many vectors as before: one, or none for what has no text.
        for _ in dense.range(row) {
            let new = beside.rows.of(*passage);
            out.push(new.ok_or_else(|| StoreError::damaged(&rows, format!("passage {passage} has no new row")))?)?;
        }
    }
    let vectors = out.finish()?;
    let faults = Faults::default();
    let engines = std::slice::from_ref(&plan.engine);
    let seal = Seal { layout: &beside.layout, engines, faults: &faults, ctx, graphs: entry.settled };
    seal.write_graph(&folder, &plan.engine, vectors)?;
    seal.finish(entry.number, &folder, (entry.rows, entry.first, entry.last))?;
    Ok(())
}
