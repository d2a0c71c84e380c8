//! Records of a table that others made: `.jsonl`, or a Parquet file, whose lists of floats are left out.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::{Map, Value};

use super::error::form;
use super::{ItemError, is_table};
use crate::documents::cells::{is_vector, value};
use crate::stream::{self, Lines};

/// The longest line that is read.
const LINE: usize = 1 << 28;
/// Rows decoded at once.
const BATCH: usize = 1024;

/// Records, one by one.
pub struct Records {
    path: PathBuf,
    source: Source,
    done: u64,
}

enum Source {
    Lines(Lines),
    Table { reader: Box<ParquetRecordBatchReader>, batch: Option<RecordBatch>, row: usize },
}

/// Opens a table: `.parquet`, or a JSON object a line.
///
/// # Errors
/// [`ItemError`].
pub fn records(path: &Path) -> Result<Records, ItemError> {
    let source = if is_table(path) {
        let bad = |e: &dyn std::fmt::Display| form(path, "head", format!("not a readable Parquet file ({e})"));
        let file = fs_err::File::open(path)?.into_parts().0;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| bad(&e))?;
        let fields = builder.schema().fields();
        let kept: Vec<usize> = (0..fields.len()).filter(|i| !is_vector(fields[*i].data_type())).collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), kept);
        let reader = builder.with_batch_size(BATCH).with_projection(mask).build().map_err(|e| bad(&e))?;
        Source::Table { reader: Box::new(reader), batch: None, row: 0 }
    } else {
        Source::Lines(Lines::new(stream::open(path, None)?, LINE))
    };
    Ok(Records { path: path.to_owned(), source, done: 0 })
}

impl Records {
    /// The next record; none at the end.
    ///
    /// # Errors
    /// [`ItemError`] with the line or row.
    pub fn next_record(&mut self) -> Result<Option<Map<String, Value>>, ItemError> {
        let place = format!("record {}", self.done + 1);
        let bad = |e: &dyn std::fmt::Display| form(&self.path, place.clone(), e.to_string());
        let record = match &mut self.source {
            Source::Lines(lines) => match lines.next_line()? {
                None => return Ok(None),
                Some(line) => serde_json::from_slice(line).map_err(|e| bad(&format!("is no JSON object: {e}")))?,
            },
            Source::Table { reader, batch, row } => loop {
                if let Some(b) = batch.as_ref().filter(|b| *row < b.num_rows()) {
                    let schema = b.schema();
                    let cells = schema.fields().iter().zip(b.columns());
                    let record = cells.map(|(f, c)| (f.name().clone(), value(c, *row))).collect();
                    *row += 1;
                    break record;
                }
                match reader.next() {
                    None => return Ok(None),
                    Some(next) => (*batch, *row) = (Some(next.map_err(|e| bad(&e))?), 0),
                }
            },
        };
        self.done += 1;
        Ok(Some(record))
    }
}
