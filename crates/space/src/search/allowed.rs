//! Which rows a filter lets through.

use std::sync::{Arc, LazyLock, PoisonError};

use roaring::RoaringBitmap;
use vectory_core::RowSet;

use super::snapshot::Snapshot;
use crate::filter::{Cell, Column, Fields, Filter, cell_at};
use crate::store::{DocumentRecord, IndexKind, PartView, StoreError};

/// Filters whose answers are kept: pages of one question, and tabs of one page, ask the same.
const KEPT: usize = 16;

/// The rows of each part that a filter lets through, living ones only.
pub(crate) struct Allowed {
    pub parts: Vec<RowSet>,
    /// How many there are together.
    pub count: usize,
}

impl Snapshot {
    /// The rows that a filter lets through; remembered for the next search.
    pub fn allowed(&self, filter: &Filter) -> Result<Arc<Allowed>, StoreError> {
        let key = format!("{filter:?}");
        let lock = || self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = lock().iter().find(|(k, _)| *k == key) {
            return Ok(Arc::clone(known));
        }
        self.fill_documents()?;
        let documents = filter.evaluate(self)?;
        let allowed = Arc::new(self.rows_of(&documents));
        let mut kept = lock();
        kept.truncate(KEPT - 1);
        kept.insert(0, (key, Arc::clone(&allowed)));
        Ok(allowed)
    }

    pub fn rows_of(&self, documents: &RoaringBitmap) -> Allowed {
        let mut set = RowSet::none(self.manifest.next_document as usize);
        documents.iter().for_each(|d| set.set(d, true));
        let parts: Vec<RowSet> = self
            .parts
            .iter()
            .map(|p| {
                let documents = p.part.ids.documents();
                let alive = |row| p.alive.as_ref().is_none_or(|a| a.has(row));
                RowSet::that(p.part.len(), |row| documents.get(row as usize).is_some_and(|d| set.has(*d)) && alive(row))
            })
            .collect();
        Allowed { count: parts.iter().map(RowSet::len).sum(), parts }
    }

    fn fill_documents(&self) -> Result<(), StoreError> {
        if self.documents.get().is_none() {
            let _ = self.documents.set(self.tables.document_numbers()?);
        }
        Ok(())
    }

    /// The documents that a filter lets through.
    pub fn filtered(&self, filter: Option<&Filter>) -> Result<RoaringBitmap, StoreError> {
        self.fill_documents()?;
        filter.map_or_else(|| Ok(self.documents().clone()), |f| f.evaluate(self))
    }
}

/// What a document has under a field: from its payload, else of its own.
pub(super) fn cell_of(record: &DocumentRecord, field: &str) -> Option<Cell> {
    if let Some(cell) = cell_at(&record.payload, field) {
        return Some(cell);
    }
    match field {
        "id" => Some(Cell::Text(record.id.clone())),
        "title" => Some(Cell::Text(record.title.clone())).filter(|_| !record.title.is_empty()),
        "path" => record.path.clone().map(Cell::Text),
        _ => None,
    }
}

impl Fields for Snapshot {
    type Error = StoreError;

    fn column(&self, field: &str) -> Result<Arc<Column>, StoreError> {
        let lock = || self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(field) {
            return Ok(Arc::clone(known));
        }
        let mut cells = Vec::new();
        self.tables.each_document(|number, record| {
            cells.extend(cell_of(&record, field).map(|c| (number, c)));
            Ok(())
        })?;
        let column = Arc::new(Column::new(cells));
        lock().insert(field.to_owned(), Arc::clone(&column));
        Ok(column)
    }

    fn documents(&self) -> &RoaringBitmap {
        static NONE: LazyLock<RoaringBitmap> = LazyLock::new(RoaringBitmap::new);
        self.documents.get().unwrap_or(&NONE)
    }

    fn number(&self, id: &str) -> Result<Option<u32>, StoreError> {
        self.tables.number(id)
    }

    fn is_text_index(&self, field: &str) -> bool {
        self.manifest.indexes.get(field).is_some_and(|i| i.kind == IndexKind::Text)
    }

    fn has_vector(&self, name: &str) -> Result<RoaringBitmap, StoreError> {
        let mut found = RoaringBitmap::new();
        let Some(view) = self.views.iter().position(|v| v == name) else { return Ok(found) };
        for part in &self.parts {
            let has = |row: u32| match &part.part.views[view] {
                PartView::Sparse(_) => true,
                PartView::Weights(weights) => !weights.of_item(row).0.is_empty(),
                PartView::Dense(dense) => !dense.range(row).is_empty(),
            };
            let alive = |row: u32| part.alive.as_ref().is_none_or(|a| a.has(row));
            let rows = (0u32..).zip(part.part.ids.documents());
            found.extend(rows.filter(|(row, _)| alive(*row) && has(*row)).map(|(_, d)| *d));
        }
        Ok(found)
    }
}
