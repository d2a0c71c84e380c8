//! New rows by passage number: a file for each range of numbers, complete or not there.

use std::ops::Range;
use std::path::{Path, PathBuf};

use vectory_core::artifact::{Artifact, sync_folder};
use vectory_core::{Context, Metric, Vectors};

use super::Plan;
use crate::store::{DocumentRecord, Manifest, ROWS_KIND, ReadTables, RowsWriter, StoreError, TENSOR};
use crate::write::{Represented, WriteError, represent_one, seen};

/// Passages of a file: what a kill loses at most.
const RANGE: u32 = 4096;

/// One file.
struct Chunk {
    range: Range<u32>,
    rows: Vectors,
}

/// All rows that are there.
pub(crate) struct Rows {
    folder: PathBuf,
    dim: usize,
    chunks: Vec<Chunk>,
    pub encoded: u64,
    pub resumed: u64,
}

impl Rows {
    /// Opens what is there, as far as it is without a gap.
    pub fn open(folder: &Path, dim: usize) -> Result<Self, StoreError> {
        let mut found: Vec<(Range<u32>, PathBuf)> = Vec::new();
        for entry in fs_err::read_dir(folder)? {
            let path = entry?.path();
            match range_of(&path) {
                Some(range) => found.push((range, path)),
                // Half written.
                None => fs_err::remove_file(path)?,
            }
        }
        found.sort_by_key(|f| f.0.start);
        let mut own = Self { folder: folder.to_owned(), dim, chunks: Vec::new(), encoded: 0, resumed: 0 };
        for (range, path) in found {
            let rows = Artifact::open_kind(&path, ROWS_KIND, 1).and_then(|a| a.rows(TENSOR));
            match rows {
                Ok(rows) if range.start == own.end() && rows.rows() == range.len() && rows.dim() == dim => {
                    own.resumed += range.len() as u64;
                    own.chunks.push(Chunk { range, rows });
                }
                _ => fs_err::remove_file(path)?,
            }
        }
        Ok(own)
    }

    /// The first passage number without a row.
    fn end(&self) -> u32 {
        self.chunks.last().map_or(0, |c| c.range.end)
    }

    /// The row of a passage.
    pub fn of(&self, passage: u32) -> Option<&[f32]> {
        let at = self.chunks.partition_point(|c| c.range.end <= passage);
        let chunk = self.chunks.get(at)?;
        Some(chunk.rows.row((passage - chunk.range.start) as usize))
    }

    /// Encodes every passage that has no row yet, range by range.
    pub fn fill(
        &mut self,
        plan: &Plan,
        manifest: &Manifest,
        tables: &ReadTables,
        ctx: &Context,
    ) -> Result<(), WriteError> {
        let total = u64::from(manifest.next_passage);
        ctx.progress().begin("encoding", Some(total), "passages");
        ctx.progress().advance(u64::from(self.end()));
        while self.end() < manifest.next_passage {
            ctx.check()?;
            let range = self.end()..manifest.next_passage.min(self.end().saturating_add(RANGE));
            let path = self.write(plan, tables, range.clone(), ctx)?;
            let rows =
                Artifact::open_kind(&path, ROWS_KIND, 1).and_then(|a| a.rows(TENSOR)).map_err(StoreError::from)?;
            ctx.progress().advance(range.len() as u64);
            self.chunks.push(Chunk { range, rows });
        }
        ctx.progress().end();
        Ok(())
    }

    fn write(
        &mut self,
        plan: &Plan,
        tables: &ReadTables,
        range: Range<u32>,
        ctx: &Context,
    ) -> Result<PathBuf, WriteError> {
        let list = texts(tables, range.clone())?;
        let seen: Vec<&str> = list.iter().map(|t| t.1.as_str()).collect();
        let made = represent_one(&plan.engine, &seen, ctx)?;
        let unit = plan.engine.shape().is_some_and(|s| s.metric == Metric::Cosine);
        let unfinished = self.folder.join("unfinished");
        let mut out = RowsWriter::create(&unfinished, self.dim)?;
        let (mut next, nothing) = (0, vec![0.0; self.dim]);
        for passage in range.clone() {
            let known = list.get(next).is_some_and(|t| t.0 == passage);
            let mut row = match (known, known.then(|| made.get(next))) {
                (true, Some(Represented::Rows(row))) => row.to_vec(),
                // It is gone.
                _ => nothing.clone(),
            };
            if unit {
                vectory_core::vectors::normalize(&mut row);
            }
            out.push(&row)?;
            next += usize::from(known);
        }
        out.finish()?;
        fs_err::File::open(&unfinished)?.sync_all()?;
        let path = self.folder.join(format!("{:010}-{:010}.rows", range.start, range.end));
        fs_err::rename(&unfinished, &path)?;
        sync_folder(&path)?;
        self.encoded += list.len() as u64;
        Ok(path)
    }
}

/// The range that a file's name says.
fn range_of(path: &Path) -> Option<Range<u32>> {
    let name = path.file_name()?.to_str()?.strip_suffix(".rows")?;
    let (from, to) = name.split_once('-')?;
    Some(from.parse().ok()?..to.parse().ok()?)
}

/// What the encoder sees of the living passages of a range.
fn texts(tables: &ReadTables, range: Range<u32>) -> Result<Vec<(u32, String)>, StoreError> {
    let mut list = Vec::new();
    let mut document: Option<(u32, DocumentRecord)> = None;
    tables.each_passage(range, |number, passage| {
        if document.as_ref().is_none_or(|d| d.0 != passage.document) {
            document = tables.known_document(passage.document)?.map(|r| (passage.document, r));
        }
        if let Some((_, record)) = &document {
            list.push((number, seen(&record.title, &passage.heading, &passage.text)));
        }
        Ok(())
    })?;
    Ok(list)
}
