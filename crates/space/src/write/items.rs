//! Passages with all that was made of them, as an export has them.

use vectory_core::Context;
use vectory_io::items::{Cell, Item};

use super::change::full;
use super::pending::Represented;
use super::points::{fits, number_for, weights};
use super::prepare::{Made, represent_one, seen};
use super::{Open, WriteError, Writer};
use crate::engine::{Engine, Shape};
use crate::store::{DocumentRecord, WriteTables, pack_text};

/// Where a view gets its vectors from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// That cell of an item.
    Cell(usize),
    /// The item's text.
    Text,
    /// It gets none.
    Nothing,
}

/// A view, as far as vectors must fit it.
pub(crate) struct ViewShape {
    pub name: String,
    /// Of a dense view.
    pub shape: Option<Shape>,
    /// Whether it is made from texts.
    pub derived: bool,
}

/// What was put in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Put {
    pub documents: u64,
    pub encoded: u64,
}

impl Writer {
    /// The views, in the recipe's order.
    pub(crate) fn view_shapes(&self) -> impl Iterator<Item = ViewShape> + '_ {
        self.engines.iter().map(|e| ViewShape { name: e.name.clone(), shape: e.shape(), derived: e.is_derived() })
    }

    /// Puts items in, whole: passages of one id stand together. `sources` is in the order of the views.
    pub(crate) fn put_items(&mut self, items: &[Item], sources: &[Source], ctx: &Context) -> Result<Put, WriteError> {
        let texts: Vec<String> = items.iter().map(|i| seen(&i.title, &i.heading, &i.text)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let of_text = |(engine, source): (&Engine, &Source)| match source {
            Source::Text => represent_one(engine, &texts, ctx),
            Source::Cell(_) | Source::Nothing => Ok(Made::Nothing),
        };
        let made: Vec<Made> = self.engines.iter().zip(sources).map(of_text).collect::<Result<_, _>>()?;
        let rows = made.iter().any(|m| matches!(m, Made::Rows(_)));
        let mut put = Put { documents: 0, encoded: if rows { items.len() as u64 } else { 0 } };
        let mut at = 0;
        for parts in items.chunk_by(|a, b| a.id == b.id) {
            self.put_item(parts, sources, &made, (at, &texts))?;
            at += parts.len();
            put.documents += 1;
        }
        self.commit_when_full(ctx)?;
        Ok(put)
    }

    fn put_item(
        &mut self,
        parts: &[Item],
        sources: &[Source],
        made: &[Made],
        (at, texts): (usize, &[&str]),
    ) -> Result<(), WriteError> {
        let Some(whole) = parts.first() else { return Ok(()) };
        let engines = std::sync::Arc::clone(&self.engines);
        let Open { txn, state, pending } = self.begin()?;
        let mut tables = WriteTables::open(txn)?;
        let number = number_for(&mut tables, state, &whole.id)?;
        let first = state.manifest.next_passage;
        let count = u32::try_from(parts.len()).map_err(|_| full("passage"))?;
        state.manifest.next_passage = first.checked_add(count).ok_or(full("passage"))?;
        state.manifest.passages += u64::from(count);
        for (passage, (i, item)) in (first..).zip(parts.iter().enumerate()) {
            let text = texts[at + i];
            let row = (number, item.range.start, item.range.end, item.heading.as_str(), &pack_text(&item.text)[..]);
            tables.put_passage(passage, row)?;
            let of = |view: usize| match sources[view] {
                Source::Cell(cell) => of_cell(&engines[view], item, &item.vectors[cell]),
                Source::Text if !text.is_empty() => Ok(made[view].get(at + i)),
                Source::Text | Source::Nothing => Ok(Represented::Nothing),
            };
            let represented = (0..engines.len()).map(of).collect::<Result<Vec<_>, _>>()?;
            pending.push((passage, number), text.len(), represented.into_iter())?;
        }
        let record = DocumentRecord {
            id: whole.id.clone(),
            title: whole.title.clone(),
            path: whole.path.clone(),
            first,
            count,
            source: whole.origin[0].clone(),
            stamp: whole.origin[1].clone(),
            hash: whole.origin[2].clone(),
            payload: whole.payload.clone(),
        };
        tables.put_document(number, &record)?;
        state.changed.insert(number);
        Ok(())
    }
}

/// A cell as its view keeps it, once it is known to fit.
fn of_cell<'a>(engine: &Engine, item: &Item, cell: &'a Cell) -> Result<Represented<'a>, WriteError> {
    let refuse = |why: String| WriteError::Refused(format!("item {}: view `{}` {why}", item.id, engine.name));
    match (cell, engine.shape()) {
        (Cell::Nothing, _) => Ok(Represented::Nothing),
        (Cell::Rows(rows), Some(shape)) => {
            rows.chunks(shape.dim.max(1)).try_for_each(|row| fits(row, shape.dim)).map_err(refuse)?;
            Ok(Represented::Kept(rows))
        }
        (Cell::Weights(indices, values), None) => {
            weights(indices, values).map_err(refuse)?;
            let ascending = indices.is_sorted();
            if ascending {
                Ok(Represented::Weights(indices, values))
            } else {
                Err(refuse("has indices that do not ascend".into()))
            }
        }
        _ => Err(refuse("is of another kind".into())),
    }
}
