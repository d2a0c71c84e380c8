//! Writing vectors to Parquet: columns `id` (text, where rows have names) and `vector` (fixed-size list of f32).

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeListArray, Float32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::stream::{self, Output};
use crate::vectors::error::form;
use crate::vectors::{Names, RowWriter, VectorError, Written};

/// Writes rows; whether there is an `id` column is decided by the first.
pub struct ParquetWriter {
    begun: State,
    dim: usize,
    rows: u64,
    named: bool,
    path: std::path::PathBuf,
}

enum State {
    Waiting(Box<Output>),
    Writing(Box<ArrowWriter<Output>>),
    Over,
}

impl ParquetWriter {
    pub fn create(path: &Path, dim: usize) -> Result<Self, VectorError> {
        if stream::Compression::of(path).0 != stream::Compression::None {
            return Err(form(path, "name", "Parquet has its own compression; name it .parquet"));
        }
        let begun = State::Waiting(Box::new(Output::create_patched(path)?));
        Ok(Self { begun, dim, rows: 0, named: false, path: path.to_owned() })
    }

    fn schema(&self) -> Arc<Schema> {
        let item = Arc::new(Field::new("item", DataType::Float32, false));
        let mut fields = vec![Field::new("vector", DataType::FixedSizeList(item, self.dim as i32), false)];
        if self.named {
            fields.insert(0, Field::new("id", DataType::Utf8, false));
        }
        Arc::new(Schema::new(fields))
    }

    fn writer(&mut self, named: bool) -> Result<&mut ArrowWriter<Output>, VectorError> {
        if let State::Waiting(_) = self.begun
            && let State::Waiting(out) = std::mem::replace(&mut self.begun, State::Over)
        {
            self.named = named;
            let level = ZstdLevel::try_new(1).map_err(|e| bad(&self.path, &e))?;
            // Vectors do not repeat: a dictionary of them would only cost.
            let properties = WriterProperties::builder()
                .set_compression(Compression::ZSTD(level))
                .set_dictionary_enabled(false)
                .set_max_row_group_row_count(Some((1 << 24) / self.dim.max(1) + 1))
                .build();
            let writer =
                ArrowWriter::try_new(*out, self.schema(), Some(properties)).map_err(|e| bad(&self.path, &e))?;
            self.begun = State::Writing(Box::new(writer));
        }
        match &mut self.begun {
            State::Writing(w) => Ok(w),
            _ => Err(form(&self.path, "end", "the file is already complete")),
        }
    }
}

impl RowWriter for ParquetWriter {
    fn write(&mut self, values: &[f32], names: &[String]) -> Result<(), VectorError> {
        let n = values.len() / self.dim;
        if n == 0 {
            return Ok(());
        }
        let path = self.path.clone();
        self.writer(!names.is_empty())?;
        let schema = self.schema();
        let DataType::FixedSizeList(item, size) = schema.field(schema.fields().len() - 1).data_type().clone() else {
            return Ok(());
        };
        let floats = Arc::new(Float32Array::from(values.to_vec()));
        let lists = FixedSizeListArray::try_new(item, size, floats, None).map_err(|e| bad(&path, &e))?;
        let mut columns: Vec<ArrayRef> = vec![Arc::new(lists)];
        if self.named {
            columns.insert(0, Arc::new(StringArray::from_iter_values(names)));
        }
        let batch = RecordBatch::try_new(schema, columns).map_err(|e| bad(&path, &e))?;
        self.writer(false)?.write(&batch).map_err(|e| bad(&path, &e))?;
        self.rows += n as u64;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Written, VectorError> {
        self.writer(false)?;
        if let State::Writing(w) = std::mem::replace(&mut self.begun, State::Over) {
            w.into_inner().map_err(|e| bad(&self.path, &e))?.commit()?;
        }
        let names = if self.named { Names::Kept } else { Names::None };
        Ok(Written { rows: self.rows, dim: self.dim, names })
    }
}

fn bad(path: &Path, e: &dyn std::fmt::Display) -> VectorError {
    form(path, "writing", e.to_string())
}
