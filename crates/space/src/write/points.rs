//! Points: vectors that the client gives, payloads that change by themselves.
//!
//! Every call checks all that it was given before it changes anything: [`WriteError::Refused`] leaves the open transaction
//! as it was.

use std::borrow::Cow;
use std::sync::Arc;

use vectory_core::Context;

use super::change::{drop_passages, full};
use super::pending::{Pending, Represented};
use super::prepare::{Made, represent};
use super::{Open, State, WriteError, Writer};
use crate::engine::{Engine, EngineKind, names};
use crate::point::{Given, PayloadChange, Point};
use crate::store::{DocumentRecord, Part, PartView, WriteTables, open_segment, pack_text};

impl Writer {
    /// Adds points, or replaces those of the same id whole. Of two with one id the later counts.
    ///
    /// # Errors
    /// [`WriteError::Refused`] for a view that is not there or a vector that does not fit it: nothing was changed.
    pub fn upsert_points(&mut self, points: &[Point], ctx: &Context) -> Result<(), WriteError> {
        let checked = points.iter().map(|p| Checked::of(&self.engines, p)).collect::<Result<Vec<_>, _>>()?;
        let texts: Vec<&str> = points.iter().filter_map(|p| p.text.as_deref()).collect();
        let made = represent(&self.engines, &texts, ctx)?;
        let Open { txn, state, pending } = self.begin()?;
        let mut tables = WriteTables::open(txn)?;
        let mut text = 0;
        for (point, checked) in points.iter().zip(&checked) {
            put_point(&mut tables, (&mut *state, &mut *pending), (point, checked), (&made, text))?;
            text += usize::from(point.text.is_some());
        }
        drop(tables);
        self.commit_when_full(ctx)
    }

    /// Gives points other vectors in some views; those of the other views, texts and payloads stay.
    ///
    /// # Errors
    /// [`WriteError::Refused`] for a point that is not there, and as [`Writer::upsert_points`].
    pub fn update_vectors(
        &mut self,
        updates: &[(String, Vec<(String, Given)>)],
        ctx: &Context,
    ) -> Result<(), WriteError> {
        for (id, vectors) in updates {
            Checked::of(&self.engines, &Point { id: id.clone(), vectors: vectors.clone(), ..Point::default() })?;
            self.whole_point(id)?.ok_or_else(|| WriteError::Refused(format!("there is no point {id}")))?;
        }
        // One by one: a point may come twice.
        for (id, vectors) in updates {
            let Some(mut point) = self.whole_point(id)? else { continue };
            point.vectors.retain(|(name, _)| !vectors.iter().any(|(n, _)| n == name));
            point.vectors.extend(vectors.iter().cloned());
            self.upsert_points(&[point], ctx)?;
        }
        Ok(())
    }

    /// Takes the vectors of some views from points; ids that are not there are passed over.
    ///
    /// # Errors
    /// [`WriteError::Refused`] for a view that is not there.
    pub fn delete_vectors(&mut self, ids: &[String], names: &[String], ctx: &Context) -> Result<(), WriteError> {
        if let Some(name) = names.iter().find(|n| !self.engines.iter().any(|e| e.name == **n)) {
            return Err(no_view(&self.engines, name));
        }
        let mut points = Vec::new();
        for id in ids {
            if let Some(mut point) = self.whole_point(id)? {
                point.vectors.retain(|(name, _)| !names.contains(name));
                points.push(point);
            }
        }
        self.upsert_points(&points, ctx)
    }

    /// Changes the payloads of points; ids that are not there are passed over. Says how many were there.
    ///
    /// # Errors
    /// [`WriteError`] when the items cannot be written.
    pub fn change_payload(&mut self, ids: &[String], change: &PayloadChange) -> Result<usize, WriteError> {
        let Open { txn, state, .. } = self.begin()?;
        let mut tables = WriteTables::open(txn)?;
        let mut changed = 0;
        for id in ids {
            let Some(number) = tables.number(id)? else { continue };
            let Some(mut record) = tables.document(number)? else { continue };
            change.apply(&mut record.payload);
            // What was built from a source would be taken for unchanged.
            record.hash.clear();
            tables.put_document(number, &record)?;
            state.changed.insert(number);
            changed += 1;
        }
        Ok(changed)
    }

    /// A point with all that is stored of it.
    fn whole_point(&mut self, id: &str) -> Result<Option<Point>, WriteError> {
        let Open { txn, .. } = self.begin()?;
        let tables = WriteTables::open(txn)?;
        let Some(number) = tables.number(id)? else { return Ok(None) };
        let Some(record) = tables.document(number)? else { return Ok(None) };
        if record.count != 1 {
            let why = format!("{id} is a document of {} passages: its vectors come from its text", record.count);
            return Err(WriteError::Refused(why));
        }
        let text = tables.passage(record.first)?.map(|p| p.text).filter(|t| !t.is_empty());
        drop(tables);
        let mut vectors = Vec::new();
        for view in 0..self.engines.len() {
            if self.engines[view].is_derived() {
                continue;
            }
            if let Some(given) = self.stored(record.first, view)? {
                let shape = self.engines[view].shape();
                let given = shape.map_or(given.clone(), |s| given.shaped(s.dim, s.multi));
                vectors.push((self.engines[view].name.clone(), given));
            }
        }
        Ok(Some(Point { id: record.id, payload: record.payload, vectors, text }))
    }

    /// What a view of given vectors holds of a passage, waiting or committed.
    fn stored(&mut self, passage: u32, view: usize) -> Result<Option<Given>, WriteError> {
        let open = self.begin()?;
        if let Some(given) = open.pending.given(passage, view) {
            return Ok(Some(given));
        }
        let entry = open.state.manifest.segments.iter().find(|s| s.first <= passage && passage <= s.last).cloned();
        let Some(entry) = entry else { return Ok(None) };
        let part = match self.parts.get(&entry.number) {
            Some(part) => Arc::clone(part),
            None => {
                let views = crate::engine::segment_views(&self.engines);
                let opened = Arc::new(open_segment(&self.layout.segment(entry.number), &entry, &views)?);
                self.parts.insert(entry.number, Arc::clone(&opened));
                opened
            }
        };
        Ok(given_of(&part, passage, view))
    }
}

/// Writes a point; `text` is the place of its own among the texts that `made` is of.
fn put_point(
    tables: &mut WriteTables<'_>,
    (state, pending): (&mut State, &mut Pending),
    (point, checked): (&Point, &Checked<'_>),
    (made, text): (&[Made], usize),
) -> Result<(), WriteError> {
    let number = number_for(tables, state, &point.id)?;
    let first = state.manifest.next_passage;
    state.manifest.next_passage = first.checked_add(1).ok_or(full("passage"))?;
    state.manifest.passages += 1;
    let words = point.text.as_deref().unwrap_or_default();
    tables.put_passage(first, (number, 0, words.len() as u64, "", &pack_text(words)))?;
    let of_text = |view: usize| if point.text.is_some() { made[view].get(text) } else { Represented::Nothing };
    let represented = checked.views.iter().enumerate().map(|(view, given)| match given {
        Some(Stored::Rows(rows)) => Represented::Rows(rows),
        Some(Stored::Weights(dims, values)) => Represented::Weights(dims, values),
        None => of_text(view),
    });
    pending.push((first, number), words.len(), represented)?;
    let payload = point.payload.clone();
    let record = DocumentRecord { id: point.id.clone(), first, count: 1, payload, ..DocumentRecord::default() };
    tables.put_document(number, &record)?;
    state.changed.insert(number);
    Ok(())
}

/// The number of an id that is to be written: what was there of it is dropped.
pub(super) fn number_for(tables: &mut WriteTables<'_>, state: &mut super::State, id: &str) -> Result<u32, WriteError> {
    if let Some(number) = tables.number(id)? {
        match tables.document(number)? {
            Some(old) => drop_passages(tables, state, &old)?,
            None => state.manifest.documents += 1,
        }
        return Ok(number);
    }
    let number = state.manifest.next_document;
    state.manifest.next_document = number.checked_add(1).ok_or(full("document"))?;
    state.manifest.documents += 1;
    Ok(number)
}

fn given_of(part: &Part, passage: u32, view: usize) -> Option<Given> {
    let row = part.ids.row(passage)?;
    match &part.views[view] {
        PartView::Sparse(_) => None,
        PartView::Weights(weights) => Given::of_weights(weights.of_item(row)),
        PartView::Dense(dense) => Given::of_rows(dense.of(row)),
    }
}

/// The vectors of a point, as they will be stored, in the views' order.
struct Checked<'p> {
    views: Vec<Option<Stored<'p>>>,
}

pub(super) enum Stored<'p> {
    Rows(Cow<'p, [f32]>),
    Weights(Vec<u32>, Vec<f32>),
}

impl<'p> Checked<'p> {
    fn of(engines: &[Engine], point: &'p Point) -> Result<Self, WriteError> {
        if let Some((name, _)) = point.vectors.iter().find(|(n, _)| !engines.iter().any(|e| e.name == *n)) {
            return Err(no_view(engines, name));
        }
        let refuse = |view: &str, why: String| {
            let view = if view.is_empty() { "the vector".to_owned() } else { format!("vector `{view}`") };
            WriteError::Refused(format!("point {}: {view} {why}", point.id))
        };
        let view = |engine: &Engine| {
            let given = point.vectors.iter().find(|(n, _)| *n == engine.name).map(|v| &v.1);
            given.map(|g| stored(engine, g).map_err(|why| refuse(&engine.name, why))).transpose()
        };
        Ok(Self { views: engines.iter().map(view).collect::<Result<_, _>>()? })
    }
}

fn no_view(engines: &[Engine], name: &str) -> WriteError {
    let name = if name.is_empty() { "vector without a name".to_owned() } else { format!("vector named `{name}`") };
    WriteError::Refused(format!("there is no {name}; this collection has {}", names(engines)))
}

fn stored<'p>(engine: &Engine, given: &'p Given) -> Result<Stored<'p>, String> {
    match (&engine.kind, given) {
        (EngineKind::Dense { shape, .. }, _) if !shape.given => {
            Err("is made from texts: give a text, not a vector".into())
        }
        (EngineKind::Sparse { .. }, _) => Err("is made from texts: give a text, not a vector".into()),
        (EngineKind::Dense { shape, .. }, Given::Dense(row)) => {
            fits(row, shape.dim).map(|()| Stored::Rows(Cow::Borrowed(row)))
        }
        (EngineKind::Dense { shape, .. }, Given::Multi(rows)) if shape.multi => {
            if rows.is_empty() {
                return Err("has no vectors: give at least one".into());
            }
            rows.iter().try_for_each(|row| fits(row, shape.dim))?;
            Ok(Stored::Rows(Cow::Owned(rows.concat())))
        }
        (EngineKind::Dense { shape, .. }, Given::Multi(_)) => {
            Err(format!("is several vectors; one of {} values is expected", shape.dim))
        }
        (EngineKind::Dense { shape, .. }, Given::Sparse { .. }) => {
            Err(format!("is sparse; a dense one of {} values is expected", shape.dim))
        }
        (EngineKind::Weights { .. }, Given::Sparse { indices, values }) => weights(indices, values),
        (EngineKind::Weights { .. }, _) => {
            Err("is dense; a sparse one is expected: {\"indices\": […], \"values\": […]}".into())
        }
    }
}

pub(super) fn fits(row: &[f32], dim: usize) -> Result<(), String> {
    if row.len() != dim {
        return Err(format!("has {} values, expected {dim}", row.len()));
    }
    // Nearly always all are: that is seen without a branch a value.
    if row.iter().fold(true, |all, x| all & x.is_finite()) {
        return Ok(());
    }
    let at = row.iter().position(|x| !x.is_finite()).unwrap_or_default();
    Err(format!("has a value that is not finite, number {at}"))
}

pub(super) fn weights(indices: &[u32], values: &[f32]) -> Result<Stored<'static>, String> {
    if indices.len() != values.len() {
        return Err(format!("has {} indices and {} values", indices.len(), values.len()));
    }
    if let Some(at) = values.iter().position(|x| !x.is_finite()) {
        return Err(format!("has a value that is not finite, number {at}"));
    }
    let mut pairs: Vec<(u32, f32)> = indices.iter().copied().zip(values.iter().copied()).collect();
    pairs.sort_unstable_by_key(|p| p.0);
    if let Some(twice) = pairs.windows(2).find(|w| w[0].0 == w[1].0) {
        return Err(format!("has index {} twice", twice[0].0));
    }
    Ok(Stored::Weights(pairs.iter().map(|p| p.0).collect(), pairs.iter().map(|p| p.1).collect()))
}
