//! Files to a space.

use std::collections::BTreeMap;
use std::path::Path;

use vectory_core::Context;
use vectory_io::items::{self, Head, Item, ItemReader, Shape};

use super::{About, BATCH, ExportError, Moved};
use crate::engine::EncoderProvider;
use crate::recipe::Recipe;
use crate::store::EncoderEntry;
use crate::write::{Source, ViewShape, Writer, WriterParams};

/// What to import, and how.
pub struct Import<'a> {
    /// The export.
    pub from: &'a Path,
    /// Where the space goes; must not be there.
    pub to: &'a Path,
    /// Another recipe than the exported one.
    pub recipe: Option<&'a Recipe>,
    /// Where encoders come from.
    pub encoders: &'a dyn EncoderProvider,
    /// How the writer works.
    pub writer: WriterParams,
}

/// Makes a space out of an export: all of it, or nothing is left.
///
/// # Errors
/// [`ExportError`].
pub fn import(request: &Import<'_>, ctx: &Context) -> Result<Moved, ExportError> {
    let mut reader = items::open(request.from)?;
    let bad = |e: serde_json::Error| ExportError::Form { path: request.from.to_owned(), why: format!("its head: {e}") };
    let about: About = serde_json::from_value(reader.head().about.clone()).map_err(bad)?;
    let recipe = request.recipe.unwrap_or(&about.recipe).clone();
    made_new(request.to, || {
        let mut writer = Writer::create(request.to, &recipe, request.encoders, request.writer.clone())?;
        let sources = sources(&writer, reader.head(), &about.encoders);
        ctx.progress().begin("importing", Some(about.passages), "passages");
        let start = std::time::Instant::now();
        let mut moved = fill(&mut writer, &mut *reader, &sources, ctx)?;
        writer.change_manifest(|m| (m.indexes, m.settings) = (about.indexes, about.settings))?;
        writer.commit(ctx)?;
        moved.write_seconds = start.elapsed().as_secs_f64();
        ctx.progress().end();
        writer.optimize(ctx)?;
        Ok(moved)
    })
}

/// Runs `make` where nothing is yet; when it fails, nothing is left.
pub(super) fn made_new(to: &Path, make: impl FnOnce() -> Result<Moved, ExportError>) -> Result<Moved, ExportError> {
    if to.exists() {
        return Err(ExportError::Exists { path: to.to_owned() });
    }
    let made = make();
    if made.is_err() && to.exists() {
        // Ours alone; failing to remove it must not hide the first error.
        let _ = fs_err::remove_dir_all(to);
    }
    made
}

/// Where each view's vectors come from.
pub(super) fn sources(writer: &Writer, head: &Head, encoders: &BTreeMap<String, EncoderEntry>) -> Vec<Source> {
    let known = |view: &ViewShape| {
        let at = head.views.iter().position(|v| v.name == view.name)?;
        let fits = match (head.views[at].shape, view.shape) {
            (Shape::Dense { dim }, Some(s)) => s.dim == dim && !s.multi,
            (Shape::Multi { dim }, Some(s)) => s.dim == dim && s.multi,
            (Shape::Sparse, None) => !view.derived,
            _ => false,
        };
        // Rows of another encoder do not compare.
        let same = !view.derived || writer.manifest().encoders.get(&view.name) == encoders.get(&view.name);
        (fits && same).then_some(at)
    };
    let source = |view: ViewShape| match known(&view) {
        Some(at) => Source::Cell(at),
        None if view.derived => Source::Text,
        None => Source::Nothing,
    };
    writer.view_shapes().map(source).collect()
}

/// Reads everything; the passages of an item come one after the other and go in together.
fn fill(
    writer: &mut Writer,
    reader: &mut dyn ItemReader,
    sources: &[Source],
    ctx: &Context,
) -> Result<Moved, ExportError> {
    let mut moved = Moved::default();
    let mut waiting: Vec<Item> = Vec::new();
    loop {
        let more = reader.read(BATCH)?;
        let end = more.is_empty();
        waiting.extend(more);
        // The last item may go on in the next batch.
        let keep =
            if end { 0 } else { waiting.iter().rev().take_while(|i| i.id == waiting[waiting.len() - 1].id).count() };
        let rest = waiting.split_off(waiting.len() - keep);
        let whole = std::mem::replace(&mut waiting, rest);
        let written = writer.put_items(&whole, sources, ctx)?;
        moved.documents += written.documents;
        moved.passages += whole.len() as u64;
        moved.encoded += written.encoded;
        ctx.progress().advance(whole.len() as u64);
        if end {
            return Ok(moved);
        }
    }
}
