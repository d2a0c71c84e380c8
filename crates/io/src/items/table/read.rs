//! Reading items from Parquet.

use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::Map;

use super::super::error::form;
use super::super::{Cell, Head, Item, ItemError, ItemReader, Shape};
use super::{HEAD, column, columns};

/// Rows decoded at once.
const BATCH: usize = 1024;

/// Reads a Parquet file.
pub struct TableReader {
    path: PathBuf,
    head: Head,
    reader: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    at: usize,
    done: u64,
}

impl TableReader {
    pub fn open(path: &Path) -> Result<Self, ItemError> {
        let bad = |e: &dyn std::fmt::Display| form(path, "head", format!("not a readable Parquet file ({e})"));
        let file = fs_err::File::open(path)?.into_parts().0;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| bad(&e))?;
        let metadata = builder.metadata().file_metadata().key_value_metadata();
        let head = metadata.and_then(|m| m.iter().find(|kv| kv.key == HEAD)?.value.clone());
        let head = Head::parse(path, &head.ok_or_else(|| ItemError::Foreign { path: path.to_owned() })?)?;
        let reader = builder.with_batch_size(BATCH).build().map_err(|e| bad(&e))?;
        Ok(Self { path: path.to_owned(), head, reader, batch: None, at: 0, done: 0 })
    }

    fn item(&self, batch: &RecordBatch, row: usize) -> Result<Item, ItemError> {
        let rows = Row { path: &self.path, batch, row, number: self.done };
        let payload = match rows.text("payload")? {
            Some(text) => {
                serde_json::from_str(&text).map_err(|e| rows.bad("payload", format!("is no JSON object: {e}")))?
            }
            None => Map::new(),
        };
        let cells = self.head.views.iter().map(|v| rows.cell(&v.name, v.shape)).collect::<Result<_, _>>()?;
        let start = rows.column("start", &DataType::UInt64)?.as_primitive::<UInt64Type>().value(row);
        let end = rows.column("end", &DataType::UInt64)?.as_primitive::<UInt64Type>().value(row);
        let origin = |name: &str| Ok::<_, ItemError>(rows.text(name)?.unwrap_or_default());
        Ok(Item {
            id: rows.text("id")?.ok_or_else(|| rows.bad("id", "is missing"))?,
            part: rows.column("part", &DataType::UInt32)?.as_primitive::<UInt32Type>().value(row),
            title: rows.text("title")?.unwrap_or_default(),
            path: rows.text("path")?,
            heading: rows.text("heading")?.unwrap_or_default(),
            range: start..end,
            text: rows.text("text")?.unwrap_or_default(),
            origin: [origin("source")?, origin("stamp")?, origin("hash")?],
            payload,
            vectors: cells,
        })
    }
}

impl ItemReader for TableReader {
    fn head(&self) -> &Head {
        &self.head
    }

    fn read(&mut self, limit: usize) -> Result<Vec<Item>, ItemError> {
        let mut items = Vec::with_capacity(limit.min(4096));
        while items.len() < limit {
            let Some(batch) = self.batch.take().filter(|b| self.at < b.num_rows()) else {
                self.at = 0;
                self.batch = match self.reader.next() {
                    None => break,
                    Some(Ok(batch)) => Some(batch),
                    Some(Err(e)) => return Err(form(&self.path, format!("row {}", self.done), e.to_string())),
                };
                continue;
            };
            items.push(self.item(&batch, self.at)?);
            self.batch = Some(batch);
            self.at += 1;
            self.done += 1;
        }
        Ok(items)
    }
}

/// One row of a batch.
struct Row<'a> {
    path: &'a Path,
    batch: &'a RecordBatch,
    row: usize,
    number: u64,
}

impl Row<'_> {
    fn bad(&self, column: &str, why: impl Into<String>) -> ItemError {
        form(self.path, format!("row {}, column `{column}`", self.number), why)
    }

    fn any(&self, name: &str) -> Result<&ArrayRef, ItemError> {
        self.batch.column_by_name(name).ok_or_else(|| self.bad(name, "is not there"))
    }

    fn column(&self, name: &str, kind: &DataType) -> Result<&ArrayRef, ItemError> {
        let column = self.any(name)?;
        let fits = column.data_type() == kind;
        if fits { Ok(column) } else { Err(self.bad(name, format!("is {}, expected {kind}", column.data_type()))) }
    }

    fn text(&self, name: &str) -> Result<Option<String>, ItemError> {
        let column = self.column(name, &DataType::Utf8)?;
        Ok((!column.is_null(self.row)).then(|| column.as_string::<i32>().value(self.row).to_owned()))
    }

    fn cell(&self, view: &str, shape: Shape) -> Result<Cell, ItemError> {
        match shape {
            Shape::Dense { dim } => {
                let name = column(view);
                let lists = self.any(&name)?;
                let fits = matches!(lists.data_type(), DataType::FixedSizeList(f, n) if *n as usize == dim && *f.data_type() == DataType::Float32);
                if !fits {
                    return Err(self.bad(&name, format!("is {}, expected {dim} values of 32 bits", lists.data_type())));
                }
                let lists = lists.as_fixed_size_list();
                let row = || Cell::Rows(lists.value(self.row).as_primitive::<Float32Type>().values().to_vec());
                Ok(if lists.is_null(self.row) { Cell::Nothing } else { row() })
            }
            Shape::Multi { dim } => self.multi(&column(view), dim),
            Shape::Sparse => {
                let (indices, values) = columns(view);
                let indices =
                    self.list(&indices, |a| a.as_primitive_opt::<UInt32Type>().map(|p| p.values().to_vec()))?;
                let values =
                    self.list(&values, |a| a.as_primitive_opt::<Float32Type>().map(|p| p.values().to_vec()))?;
                Ok(indices.zip(values).map_or(Cell::Nothing, |(i, v)| Cell::Weights(i, v)))
            }
        }
    }

    fn multi(&self, name: &str, dim: usize) -> Result<Cell, ItemError> {
        let rows = self.list(name, |a| {
            let rows = a.as_fixed_size_list_opt().filter(|r| r.value_length() as usize == dim)?;
            // A slice of the whole: only what is its own.
            let own = (0..rows.len()).map(|i| rows.value(i));
            own.map(|r| Some(r.as_primitive_opt::<Float32Type>()?.values().to_vec())).collect::<Option<Vec<_>>>()
        })?;
        Ok(rows.map_or(Cell::Nothing, |r| Cell::Rows(r.concat())))
    }

    fn list<T>(&self, name: &str, read: impl Fn(&ArrayRef) -> Option<T>) -> Result<Option<T>, ItemError> {
        let column = self.any(name)?;
        let bad = || self.bad(name, format!("is {}, which is not what the head says", column.data_type()));
        let lists = column.as_list_opt::<i32>().ok_or_else(bad)?;
        if lists.is_null(self.row) {
            return Ok(None);
        }
        read(&lists.value(self.row)).map(Some).ok_or_else(bad)
    }
}
