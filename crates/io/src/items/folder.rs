//! A folder: `items.jsonl`, a `.npy` for each dense view, and `export.json`, which comes last.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::form;
use super::lines::Line;
use super::{Cell, Head, Item, ItemError, ItemReader, ItemWriter, Shape, ViewHead, stem};
use crate::stream::{self, Lines, Output};
use crate::vectors::{self, Batch, ReadOptions, RowReader, RowWriter, WriteOptions};

const HEAD: &str = "export.json";
const ITEMS: &str = "items.jsonl";
/// The longest line that is read.
const LINE: usize = 1 << 28;
/// Rows that are read from an array at once.
const ROWS: usize = 1024;

/// The array of a dense view. The view without a name is `vectors`, where no other is.
fn array(folder: &Path, head: &Head, view: &ViewHead) -> PathBuf {
    let plain = view.name.is_empty() && !head.views.iter().any(|v| v.name == "vectors");
    folder.join(if plain { "vectors.npy".to_owned() } else { format!("{}.npy", stem(&view.name)) })
}

fn dim(view: &ViewHead) -> Option<usize> {
    match view.shape {
        Shape::Dense { dim } | Shape::Multi { dim } => Some(dim),
        Shape::Sparse => None,
    }
}

/// Writes a folder.
pub(super) struct FolderWriter {
    folder: PathBuf,
    head: Head,
    items: Output,
    /// An array for each dense view, in the views' order.
    arrays: Vec<Option<Box<dyn RowWriter>>>,
    rows: u64,
}

impl FolderWriter {
    pub fn create(folder: &Path, head: Head) -> Result<Self, ItemError> {
        if folder.exists() && (!folder.is_dir() || fs_err::read_dir(folder)?.next().is_some()) {
            return Err(ItemError::Exists { path: folder.to_owned() });
        }
        fs_err::create_dir_all(folder)?;
        let items = Output::create(&folder.join(ITEMS))?;
        let create = |view: &ViewHead| {
            let create = |dim| vectors::create(&array(folder, &head, view), dim, &WriteOptions::default());
            dim(view).map(create).transpose()
        };
        let arrays = head.views.iter().map(create).collect::<Result<_, _>>()?;
        Ok(Self { folder: folder.to_owned(), head, items, arrays, rows: 0 })
    }
}

impl ItemWriter for FolderWriter {
    fn write(&mut self, items: &[Item]) -> Result<(), ItemError> {
        for item in items {
            let line = Line::of(item, &self.head);
            serde_json::to_writer(&mut self.items, &line).map_err(std::io::Error::from)?;
            self.items.write_all(b"\n")?;
        }
        for (view, array) in self.arrays.iter_mut().enumerate() {
            let Some(array) = array else { continue };
            let rows = items.iter().filter_map(|i| if let Cell::Rows(r) = &i.vectors[view] { Some(r) } else { None });
            let values: Vec<f32> = rows.flatten().copied().collect();
            array.write(&values, &[])?;
        }
        self.rows += items.len() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<u64, ItemError> {
        self.items.commit()?;
        for array in self.arrays.into_iter().flatten() {
            array.finish()?;
        }
        let text = serde_json::to_string_pretty(&self.head).map_err(std::io::Error::from)?;
        vectory_core::artifact::write_atomic(&self.folder.join(HEAD), text.as_bytes())?;
        Ok(self.rows)
    }
}

/// Reads a folder.
pub(super) struct FolderReader {
    path: PathBuf,
    head: Head,
    lines: Lines,
    arrays: Vec<Option<Array>>,
    number: u64,
}

/// Rows of one array, read ahead.
struct Array {
    path: PathBuf,
    reader: Box<dyn RowReader>,
    batch: Batch,
    at: usize,
    dim: usize,
}

impl FolderReader {
    pub fn open(folder: &Path) -> Result<Self, ItemError> {
        let path = folder.join(HEAD);
        if !path.exists() {
            return Err(ItemError::Foreign { path: folder.to_owned() });
        }
        let head = Head::parse(&path, &fs_err::read_to_string(&path)?)?;
        let open = |view: &ViewHead| dim(view).map(|dim| Array::open(array(folder, &head, view), dim)).transpose();
        let arrays = head.views.iter().map(open).collect::<Result<_, _>>()?;
        let path = folder.join(ITEMS);
        let lines = Lines::new(stream::open(&path, None)?, LINE);
        Ok(Self { path, head, lines, arrays, number: 0 })
    }

    fn next(&mut self) -> Result<Option<Item>, ItemError> {
        let Some(bytes) = self.lines.next_line()? else { return Ok(None) };
        self.number += 1;
        let line: Line = serde_json::from_slice(bytes)
            .map_err(|e| form(&self.path, format!("line {}", self.number), format!("is no item: {e}")))?;
        let (mut item, counts) = line.item(&self.head, &self.path, self.number)?;
        for (view, count) in counts.into_iter().enumerate() {
            if let (Some(array), true) = (&mut self.arrays[view], count > 0) {
                item.vectors[view] = Cell::Rows(array.take(count)?);
            }
        }
        Ok(Some(item))
    }

    /// At the end: every row must have been somebody's.
    fn check_end(&mut self) -> Result<(), ItemError> {
        for array in self.arrays.iter_mut().flatten() {
            if !array.is_at_end()? {
                return Err(form(&array.path, "end", format!("has more rows than {} asks for", self.path.display())));
            }
        }
        Ok(())
    }
}

impl ItemReader for FolderReader {
    fn head(&self) -> &Head {
        &self.head
    }

    fn read(&mut self, limit: usize) -> Result<Vec<Item>, ItemError> {
        let mut items = Vec::with_capacity(limit.min(4096));
        while items.len() < limit {
            match self.next()? {
                Some(item) => items.push(item),
                None => {
                    self.check_end()?;
                    break;
                }
            }
        }
        Ok(items)
    }
}

impl Array {
    fn open(path: PathBuf, dim: usize) -> Result<Self, ItemError> {
        let reader = vectors::open(&path, &ReadOptions::default())?;
        if reader.dim() != dim {
            return Err(form(&path, "header", format!("has rows of {} values, the head says {dim}", reader.dim())));
        }
        Ok(Self { path, reader, batch: Batch::default(), at: 0, dim })
    }

    /// Whether there are no more rows.
    fn is_at_end(&mut self) -> Result<bool, ItemError> {
        if self.at < self.batch.values.len() {
            return Ok(false);
        }
        self.at = 0;
        Ok(self.reader.read(&mut self.batch, ROWS)? == 0)
    }

    fn take(&mut self, count: usize) -> Result<Vec<f32>, ItemError> {
        let mut out = Vec::with_capacity(self.dim * count.min(ROWS));
        for _ in 0..count {
            if self.is_at_end()? {
                return Err(form(&self.path, "end", "has fewer rows than the items ask for"));
            }
            out.extend_from_slice(&self.batch.values[self.at..self.at + self.dim]);
            self.at += self.dim;
        }
        Ok(out)
    }
}
