//! Reading vectors from Parquet.

use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float16Type, Float32Type, Float64Type, Int32Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::stream::Compression;
use crate::vectors::error::form;
use crate::vectors::{Batch, MAX_DIM, ReadOptions, RowReader, VectorError};

const NAMES: [&str; 9] = ["id", "_id", "docid", "doc_id", "name", "word", "token", "title", "uid"];
/// Rows decoded at once.
const BATCH: usize = 1024;

/// Rows of a Parquet file.
pub struct ParquetRows {
    reader: ParquetRecordBatchReader,
    path: PathBuf,
    vectors: String,
    names: Option<String>,
    rows: u64,
    dim: usize,
    batch: Option<RecordBatch>,
    next: usize,
    done: u64,
}

impl ParquetRows {
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, VectorError> {
        if Compression::of(path).0 != Compression::None {
            return Err(form(path, "header", "a compressed Parquet file cannot be read from; decompress it first"));
        }
        let bad = |e: &dyn std::fmt::Display| form(path, "header", format!("not a readable Parquet file ({e})"));
        let file = fs_err::File::open(path)?.into_parts().0;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| bad(&e))?;
        let rows = builder.metadata().file_metadata().num_rows().max(0) as u64;
        let schema = builder.schema().as_ref().clone();
        let vectors = vector_column(&schema, options.array.as_deref()).map_err(|why| form(path, "columns", why))?;
        let names = name_column(&schema, options.ids.as_deref()).map_err(|why| form(path, "columns", why))?;
        let mask = ProjectionMask::roots(builder.parquet_schema(), std::iter::once(vectors).chain(names));
        let reader = builder.with_batch_size(BATCH).with_projection(mask).build().map_err(|e| bad(&e))?;
        let name = |i: usize| schema.field(i).name().clone();
        let (vectors, names) = (name(vectors), names.map(name));
        let mut own =
            Self { reader, path: path.to_owned(), vectors, names, rows, dim: 0, batch: None, next: 0, done: 0 };
        own.advance()?;
        if let Some(batch) = &own.batch {
            own.dim = own.row(own.column(batch)?.as_ref(), 0)?.len();
            if own.dim == 0 || own.dim > MAX_DIM {
                return Err(form(path, "row 0", format!("{} values, expected 1 to {MAX_DIM}", own.dim)));
            }
        }
        Ok(own)
    }

    /// Makes the next batch with rows the current one, or none.
    fn advance(&mut self) -> Result<(), VectorError> {
        self.next = 0;
        loop {
            self.batch = match self.reader.next() {
                None => None,
                Some(Ok(batch)) if batch.num_rows() == 0 => continue,
                Some(Ok(batch)) => Some(batch),
                Some(Err(e)) => return Err(form(&self.path, format!("row {}", self.done), e.to_string())),
            };
            return Ok(());
        }
    }

    fn column<'a>(&self, batch: &'a RecordBatch) -> Result<&'a ArrayRef, VectorError> {
        batch.column_by_name(&self.vectors).ok_or_else(|| form(&self.path, "columns", "the column is gone"))
    }

    fn row(&self, lists: &dyn Array, i: usize) -> Result<ArrayRef, VectorError> {
        if lists.is_null(i) {
            return Err(form(&self.path, format!("row {}", self.done), "there is no vector in it"));
        }
        Ok(match lists.data_type() {
            DataType::List(_) => lists.as_list::<i32>().value(i),
            DataType::LargeList(_) => lists.as_list::<i64>().value(i),
            _ => lists.as_fixed_size_list().value(i),
        })
    }

    fn take(&mut self, batch: &RecordBatch, out: &mut Batch) -> Result<(), VectorError> {
        let row = self.row(self.column(batch)?.as_ref(), self.next)?;
        let bad = |why: String| form(&self.path, format!("row {}", self.done), why);
        if row.len() != self.dim {
            return Err(bad(format!("{} values, expected {} as in row 0", row.len(), self.dim)));
        }
        if row.null_count() > 0 {
            return Err(bad("a value is missing in its vector".into()));
        }
        match row.data_type() {
            DataType::Float32 => out.values.extend_from_slice(row.as_primitive::<Float32Type>().values()),
            DataType::Float64 => {
                out.values.extend(row.as_primitive::<Float64Type>().values().iter().map(|v| *v as f32));
            }
            _ => out.values.extend(row.as_primitive::<Float16Type>().values().iter().map(|v| v.to_f32())),
        }
        if let Some(column) = self.names.as_deref().and_then(|n| batch.column_by_name(n)) {
            out.names.push(name(column.as_ref(), self.next));
        }
        self.next += 1;
        self.done += 1;
        Ok(())
    }
}

impl RowReader for ParquetRows {
    fn dim(&self) -> usize {
        self.dim
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn has_names(&self) -> bool {
        self.names.is_some()
    }

    fn read(&mut self, out: &mut Batch, limit: usize) -> Result<usize, VectorError> {
        out.clear();
        let mut n = 0;
        while n < limit.min(BATCH) {
            let Some(batch) = self.batch.take() else { break };
            let whole = self.next == batch.num_rows();
            if whole {
                self.advance()?;
                continue;
            }
            self.take(&batch, out)?;
            self.batch = Some(batch);
            n += 1;
        }
        if n == 0 && self.done != self.rows {
            let why = format!("the file ends after {} of {} rows", self.done, self.rows);
            return Err(form(&self.path, "end", why));
        }
        Ok(n)
    }
}

fn is_vector(kind: &DataType) -> bool {
    match kind {
        DataType::List(f) | DataType::LargeList(f) | DataType::FixedSizeList(f, _) => {
            matches!(f.data_type(), DataType::Float16 | DataType::Float32 | DataType::Float64)
        }
        _ => false,
    }
}

fn vector_column(schema: &Schema, asked: Option<&str>) -> Result<usize, String> {
    let all: Vec<usize> = (0..schema.fields().len()).filter(|i| is_vector(schema.field(*i).data_type())).collect();
    let listed =
        |of: &[usize]| of.iter().map(|i| format!("`{}`", schema.field(*i).name())).collect::<Vec<_>>().join(", ");
    match (asked, all.as_slice()) {
        (Some(want), _) => {
            all.iter().copied().find(|i| schema.field(*i).name() == want).ok_or_else(|| {
                format!("there is no column `{want}` that is a list of floats; there are {}", listed(&all))
            })
        }
        (None, [only]) => Ok(*only),
        (None, []) => {
            let every: Vec<usize> = (0..schema.fields().len()).collect();
            Err(format!("no column is a list of floats; there are {}", listed(&every)))
        }
        _ => Err(format!("several columns are lists of floats, name one: {}", listed(&all))),
    }
}

fn name_column(schema: &Schema, asked: Option<&str>) -> Result<Option<usize>, String> {
    use DataType as T;
    let fits =
        |kind: &T| matches!(kind, T::Utf8 | T::LargeUtf8 | T::Utf8View | T::Int32 | T::Int64 | T::UInt32 | T::UInt64);
    let find =
        |want: &str| schema.fields().iter().position(|f| f.name().eq_ignore_ascii_case(want) && fits(f.data_type()));
    match asked {
        Some(want) => {
            find(want).map(Some).ok_or_else(|| format!("there is no column `{want}` of text or whole numbers"))
        }
        None => Ok(NAMES.iter().find_map(|n| find(n))),
    }
}

fn name(column: &dyn Array, i: usize) -> String {
    use DataType as T;
    if column.is_null(i) {
        return String::new();
    }
    match column.data_type() {
        T::Utf8 => column.as_string::<i32>().value(i).to_owned(),
        T::LargeUtf8 => column.as_string::<i64>().value(i).to_owned(),
        T::Utf8View => column.as_string_view().value(i).to_owned(),
        T::Int32 => column.as_primitive::<Int32Type>().value(i).to_string(),
        T::Int64 => column.as_primitive::<Int64Type>().value(i).to_string(),
        T::UInt32 => column.as_primitive::<UInt32Type>().value(i).to_string(),
        _ => column.as_primitive::<UInt64Type>().value(i).to_string(),
    }
}
