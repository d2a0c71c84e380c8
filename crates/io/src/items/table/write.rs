//! Writing items to Parquet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{
    FixedSizeListBuilder, Float32Builder, ListBuilder, StringBuilder, UInt32Builder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::super::error::form;
use super::super::{Cell, Head, Item, ItemError, ItemWriter, Shape};
use super::{HEAD, column, columns};
use crate::stream::Output;

/// Values of vectors in a row group, about.
const GROUP: usize = 1 << 24;
/// Rows of a row group at most.
const GROUP_ROWS: usize = 1 << 17;

/// Writes a Parquet file.
pub struct TableWriter {
    writer: ArrowWriter<Output>,
    head: Head,
    path: PathBuf,
    rows: u64,
}

impl TableWriter {
    pub fn create(path: &Path, head: Head) -> Result<Self, ItemError> {
        let bad = |e: &dyn std::fmt::Display| form(path, "head", e.to_string());
        let text = serde_json::to_string(&head).map_err(|e| bad(&e))?;
        let level = ZstdLevel::try_new(1).map_err(|e| bad(&e))?;
        let values: usize = head.views.iter().map(|v| width(v.shape)).sum();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_dictionary_enabled(false)
            .set_key_value_metadata(Some(vec![KeyValue::new(HEAD.to_owned(), text)]))
            .set_max_row_group_row_count(Some((GROUP / values.max(1) + 1).min(GROUP_ROWS)))
            .build();
        let schema = batch(&head, &[]).map_err(|e| bad(&e))?.schema();
        let writer =
            ArrowWriter::try_new(Output::create_patched(path)?, schema, Some(properties)).map_err(|e| bad(&e))?;
        Ok(Self { writer, head, path: path.to_owned(), rows: 0 })
    }
}

fn width(shape: Shape) -> usize {
    match shape {
        Shape::Dense { dim } | Shape::Multi { dim } => dim,
        Shape::Sparse => 256,
    }
}

impl ItemWriter for TableWriter {
    fn write(&mut self, items: &[Item]) -> Result<(), ItemError> {
        let bad = |e: &dyn std::fmt::Display| form(&self.path, format!("row {}", self.rows), e.to_string());
        let batch = batch(&self.head, items).map_err(|e| bad(&e))?;
        self.writer.write(&batch).map_err(|e| bad(&e))?;
        self.rows += items.len() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<u64, ItemError> {
        let Self { writer, path, rows, .. } = *self;
        writer.into_inner().map_err(|e| form(&path, "end", e.to_string()))?.commit()?;
        Ok(rows)
    }
}

type Named = (String, ArrayRef, bool);

fn batch(head: &Head, items: &[Item]) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let mut all = plain(items);
    for (at, view) in head.views.iter().enumerate() {
        let cells = items.iter().map(|i| &i.vectors[at]);
        match view.shape {
            Shape::Dense { dim } => all.push((column(&view.name), dense(cells, dim), true)),
            Shape::Multi { dim } => all.push((column(&view.name), multi(cells, dim), true)),
            Shape::Sparse => {
                let (indices, values) = columns(&view.name);
                let (i, v) = sparse(cells);
                all.extend([(indices, i, true), (values, v, true)]);
            }
        }
    }
    RecordBatch::try_from_iter_with_nullable(all)
}

fn plain(items: &[Item]) -> Vec<Named> {
    let text = |of: &dyn Fn(&Item) -> Option<String>| {
        let mut b = StringBuilder::new();
        items.iter().for_each(|i| b.append_option(of(i)));
        Arc::new(b.finish()) as ArrayRef
    };
    let some = |t: &str| Some(t.to_owned()).filter(|t| !t.is_empty());
    let mut part = UInt32Builder::new();
    let (mut start, mut end) = (UInt64Builder::new(), UInt64Builder::new());
    for item in items {
        part.append_value(item.part);
        start.append_value(item.range.start);
        end.append_value(item.range.end);
    }
    let json = |i: &Item| (!i.payload.is_empty()).then(|| serde_json::to_string(&i.payload).unwrap_or_default());
    vec![
        ("id".into(), text(&|i| Some(i.id.clone())), false),
        ("part".into(), Arc::new(part.finish()), false),
        ("title".into(), text(&|i| some(&i.title)), true),
        ("path".into(), text(&|i| i.path.clone()), true),
        ("heading".into(), text(&|i| some(&i.heading)), true),
        ("start".into(), Arc::new(start.finish()), false),
        ("end".into(), Arc::new(end.finish()), false),
        ("text".into(), text(&|i| some(&i.text)), true),
        ("payload".into(), text(&json), true),
        ("source".into(), text(&|i| some(&i.origin[0])), true),
        ("stamp".into(), text(&|i| some(&i.origin[1])), true),
        ("hash".into(), text(&|i| some(&i.origin[2])), true),
    ]
}

fn append(list: &mut FixedSizeListBuilder<Float32Builder>, row: Option<&[f32]>, dim: usize) {
    match row {
        Some(row) => list.values().append_slice(row),
        None => list.values().append_nulls(dim),
    }
    list.append(row.is_some());
}

fn dense<'a>(cells: impl Iterator<Item = &'a Cell>, dim: usize) -> ArrayRef {
    let mut list = FixedSizeListBuilder::new(Float32Builder::new(), dim as i32);
    for cell in cells {
        append(&mut list, if let Cell::Rows(row) = cell { Some(row) } else { None }, dim);
    }
    Arc::new(list.finish())
}

fn multi<'a>(cells: impl Iterator<Item = &'a Cell>, dim: usize) -> ArrayRef {
    let mut lists = ListBuilder::new(FixedSizeListBuilder::new(Float32Builder::new(), dim as i32));
    for cell in cells {
        if let Cell::Rows(rows) = cell {
            rows.chunks_exact(dim.max(1)).for_each(|row| append(lists.values(), Some(row), dim));
        }
        lists.append(matches!(cell, Cell::Rows(_)));
    }
    Arc::new(lists.finish())
}

fn sparse<'a>(cells: impl Iterator<Item = &'a Cell>) -> (ArrayRef, ArrayRef) {
    let (mut indices, mut values) = (ListBuilder::new(UInt32Builder::new()), ListBuilder::new(Float32Builder::new()));
    for cell in cells {
        if let Cell::Weights(i, v) = cell {
            indices.values().append_slice(i);
            values.values().append_slice(v);
        }
        indices.append(matches!(cell, Cell::Weights(..)));
        values.append(matches!(cell, Cell::Weights(..)));
    }
    (Arc::new(indices.finish()), Arc::new(values.finish()))
}
