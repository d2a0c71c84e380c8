//! `.parquet`: one document a row; lists of floats are vectors and no payload.

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::Map;

use super::value::{is_vector, value};
use crate::documents::record::{Columns, Place, no_text};
use crate::documents::{Item, SkipReason, SourceError, SourceParams};

/// Rows decoded at once.
const BATCH: usize = 256;

/// Documents of a Parquet file.
pub struct ParquetRecords {
    reader: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    row: usize,
    columns: Columns,
    place: Place,
    params: Arc<SourceParams>,
    records: u64,
    done: bool,
}

impl ParquetRecords {
    /// Opens a file and finds its columns.
    pub fn open(path: &Path, place: Place, params: Arc<SourceParams>) -> Result<Self, SourceError> {
        let file = fs_err::File::open(path)?.into_parts().0;
        let bad = |e: &dyn std::fmt::Display| SourceError::Parquet { path: place.file.clone(), why: e.to_string() };
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| bad(&e))?;
        let schema = Arc::clone(builder.schema());
        let kept: Vec<usize> =
            (0..schema.fields().len()).filter(|i| !is_vector(schema.field(*i).data_type())).collect();
        let names = kept.iter().map(|i| schema.field(*i).name().as_str());
        let columns = Columns::find(names.clone(), &params, &place.file)?;
        if !columns.have_text() {
            return Err(no_text(&place.file, names));
        }
        let mask = ProjectionMask::roots(builder.parquet_schema(), kept);
        let reader = builder.with_batch_size(BATCH).with_projection(mask).build().map_err(|e| bad(&e))?;
        Ok(Self { reader, batch: None, row: 0, columns, place, params, records: 0, done: false })
    }

    fn item(&mut self, batch: &RecordBatch) -> Item {
        self.records += 1;
        let schema = batch.schema();
        let cells = schema.fields().iter().zip(batch.columns());
        let fields: Map<_, _> = cells.map(|(f, c)| (f.name().clone(), value(c, self.row))).collect();
        self.row += 1;
        let stamp = vectory_core::hash::content(&serde_json::to_vec(&fields).unwrap_or_default());
        let document = self.columns.document(fields, &self.place, self.records, stamp);
        if document.text.trim().is_empty() && document.title.trim().is_empty() {
            let what = format!("{}#{}", self.place.file, self.records);
            return Item::skipped(what, SkipReason::Empty, "the record has no text");
        }
        if self.params.has(&document.id, &document.stamp) {
            return Item::Unchanged { id: document.id, stamp: document.stamp };
        }
        Item::Document(document)
    }
}

impl Iterator for ParquetRecords {
    type Item = Result<Item, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = self.batch.take().filter(|b| self.row < b.num_rows()) {
                let item = self.item(&batch);
                self.batch = Some(batch);
                return Some(Ok(item));
            }
            if self.done {
                return None;
            }
            match self.reader.next()? {
                Ok(batch) => (self.batch, self.row) = (Some(batch), 0),
                Err(e) => {
                    self.done = true;
                    let why = format!("after record {}: {e}", self.records);
                    return Some(Err(SourceError::Parquet { path: self.place.file.clone(), why }));
                }
            }
        }
    }
}
