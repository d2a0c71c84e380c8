//! Parts to a segment on disk: written aside, synced, renamed.

use std::path::{Path, PathBuf};

use vectory_core::Context;
use vectory_core::artifact::{Artifact, sync_folder};
use vectory_index::file::FileError;
use vectory_index::graph::Graph;
use vectory_index::inverted::{InvertedBuilder, InvertedIndex};

use super::WriteError;
use crate::engine::{Engine, EngineKind};
use crate::store::{
    Faults, Ids, Layout, Part, PartView, RowsWriter, SegmentEntry, Starts, StoreError, Sums, TENSOR, Weights,
    WeightsBuilder, graph_path, ids_path, postings_path, rows_path, starts_path, sum_file, sums, weights_path,
};

/// What sealing needs to know.
pub(crate) struct Seal<'a> {
    pub layout: &'a Layout,
    pub engines: &'a [Engine],
    pub faults: &'a Faults,
    pub ctx: &'a Context,
    /// Whether to build graphs: a fresh segment will soon be merged, and is searched exactly until then.
    pub graphs: bool,
}

/// A row that goes into the new segment: (part, row).
type Kept = (u32, u32);

impl Seal<'_> {
    /// Writes the rows of `parts` that `keep` lets through (by passage number) as segment `number`; `None` when there
    /// are none. The folder is complete and durable when this returns, but belongs to no commit yet.
    pub fn write(
        &self,
        number: u32,
        parts: &[&Part],
        keep: &dyn Fn(u32) -> bool,
    ) -> Result<Option<SegmentEntry>, WriteError> {
        let kept: Vec<Kept> = (0u32..)
            .zip(parts)
            .flat_map(|(p, part)| (0u32..).zip(part.ids.passages()).map(move |(r, n)| (p, r, *n)))
            .filter(|(_, _, n)| keep(*n))
            .map(|(p, r, _)| (p, r))
            .collect();
        if kept.is_empty() {
            return Ok(None);
        }
        let folder = self.layout.unfinished(number);
        let passage = |k: Option<&Kept>| k.map_or(0, |(p, r)| parts[*p as usize].ids.passages()[*r as usize]);
        let whole = (kept.len() as u32, passage(kept.first()), passage(kept.last()));
        let written = self.write_files(&folder, parts, &kept).and_then(|()| self.finish(number, &folder, whole));
        if written.is_err() && folder.exists() {
            // Ours alone; failing to remove it must not hide the first error, and the next writer removes it too.
            let _ = fs_err::remove_dir_all(&folder);
        }
        written.map(Some)
    }

    fn write_files(&self, folder: &Path, parts: &[&Part], kept: &[Kept]) -> Result<(), WriteError> {
        if folder.exists() {
            fs_err::remove_dir_all(folder)?;
        }
        self.faults.at("segment.create")?;
        fs_err::create_dir_all(folder)?;
        let numbers = |of: fn(&Ids) -> &[u32]| -> Vec<u32> {
            kept.iter().map(|(p, r)| of(&parts[*p as usize].ids)[*r as usize]).collect()
        };
        let ids = Ids::new(&numbers(Ids::passages), &numbers(Ids::documents)).map_err(StoreError::from)?;
        self.faults.at("segment.ids")?;
        ids.write(&ids_path(folder)).map_err(StoreError::from)?;
        for (i, engine) in self.engines.iter().enumerate() {
            self.ctx.check()?;
            match &engine.kind {
                EngineKind::Sparse { bm25, .. } => {
                    self.faults.at("segment.postings")?;
                    let path = postings_path(folder, &engine.name);
                    match whole_sparse(parts, kept, i) {
                        Some(index) => index.write(&path).map_err(StoreError::from)?,
                        None => {
                            let mut builder = InvertedBuilder::new(*bm25);
                            merge_postings(&mut builder, parts, kept, i, self.ctx)?;
                            builder.finish()?.write(&path).map_err(StoreError::from)?;
                        }
                    }
                }
                EngineKind::Weights { .. } => {
                    self.faults.at("segment.weights")?;
                    let weights = merge_weights(parts, kept, i).map_err(StoreError::from)?;
                    weights.write(&weights_path(folder, &engine.name)).map_err(StoreError::from)?;
                }
                EngineKind::Dense { shape, .. } => {
                    self.faults.at("segment.rows")?;
                    let path = rows_path(folder, &engine.name);
                    let starts = self.write_rows(&path, shape.dim, parts, kept, i)?;
                    let vectors = starts.last().map_or(0, |s| *s as usize);
                    if let Some(starts) = Starts::new(&starts).map_err(StoreError::from)? {
                        self.faults.at("segment.starts")?;
                        starts.write(&starts_path(folder, &engine.name)).map_err(StoreError::from)?;
                    }
                    self.write_graph(folder, engine, vectors)?;
                }
            }
        }
        Ok(())
    }

    /// Writes the graph over the rows that a view has in the folder, if it is to have one.
    pub fn write_graph(&self, folder: &Path, engine: &Engine, vectors: usize) -> Result<(), WriteError> {
        let EngineKind::Dense { shape, index, .. } = &engine.kind else { return Ok(()) };
        let Some(params) = index.graph.filter(|_| self.graphs && vectors >= index.graph_from) else { return Ok(()) };
        self.faults.at("segment.graph")?;
        let rows =
            Artifact::open(&rows_path(folder, &engine.name)).and_then(|a| a.rows(TENSOR)).map_err(StoreError::from)?;
        let graph = Graph::build(rows.view(), shape.metric, &params, self.ctx)?;
        Ok(graph.save(&graph_path(folder, &engine.name)).map_err(StoreError::from)?)
    }

    /// Writes the vectors of every kept row; says where each row's begin, and where the last ends.
    fn write_rows(
        &self,
        path: &Path,
        dim: usize,
        parts: &[&Part],
        kept: &[Kept],
        view: usize,
    ) -> Result<Vec<u32>, WriteError> {
        let mut out = RowsWriter::create(path, dim)?;
        let mut starts = Vec::with_capacity(kept.len() + 1);
        let mut written = 0u32;
        for (i, (p, r)) in kept.iter().enumerate() {
            if i % 4096 == 0 {
                self.ctx.check()?;
            }
            starts.push(written);
            if let PartView::Dense(dense) = &parts[*p as usize].views[view] {
                for row in dense.of(*r).chunks_exact(dim.max(1)) {
                    out.push(row)?;
                    written = written.checked_add(1).ok_or(super::change::full("vector"))?;
                }
            }
        }
        out.finish()?;
        starts.push(written);
        Ok(starts)
    }

    /// Sums, syncs and renames. Of the segment: how many passages, the first, the last.
    pub fn finish(
        &self,
        number: u32,
        folder: &Path,
        (rows, first, last): (u32, u32, u32),
    ) -> Result<SegmentEntry, WriteError> {
        let mut sums = Sums::new(rows);
        let mut names: Vec<PathBuf> =
            fs_err::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
        names.sort();
        for path in &names {
            self.faults.at("segment.sync")?;
            sums.files.push(sum_file(path)?);
        }
        let text = sums.to_bytes()?;
        self.faults.at("segment.sums")?;
        let sums_path = folder.join(sums::NAME);
        fs_err::write(&sums_path, &text)?;
        names.push(sums_path);
        // The folder's own entries, before it gets its name.
        names.push(folder.to_owned());
        sync_together(&names)?;
        let target = self.layout.segment(number);
        self.faults.at("segment.rename")?;
        fs_err::rename(folder, &target)?;
        self.faults.at("segment.sync-folder")?;
        sync_folder(&target)?;
        Ok(SegmentEntry {
            number,
            rows,
            first,
            last,
            bytes: sums.bytes() + text.len() as u64,
            settled: self.graphs || !self.engines.iter().any(|e| e.wants_graph(rows as usize)),
            sum: crc32c::crc32c(&text),
        })
    }
}

/// Syncs all files at once: the waits of one disk overlap.
fn sync_together(paths: &[PathBuf]) -> std::io::Result<()> {
    std::thread::scope(|scope| {
        let sync = |path: &PathBuf| fs_err::File::open(path)?.sync_all();
        let waits: Vec<_> = paths.iter().map(|path| scope.spawn(move || sync(path))).collect();
        let lost = || std::io::Error::other("a thread that synced a file died");
        waits.into_iter().try_for_each(|w| w.join().unwrap_or_else(|_| Err(lost())))
    })
}

/// The postings of the only part, when all of it is kept: nothing is to be merged.
fn whole_sparse<'p>(parts: &[&'p Part], kept: &[Kept], view: usize) -> Option<&'p InvertedIndex> {
    match parts {
        [one] if one.len() == kept.len() => match &one.views[view] {
            PartView::Sparse(index) => Some(index),
            PartView::Weights(_) | PartView::Dense(_) => None,
        },
        _ => None,
    }
}

fn merge_weights(parts: &[&Part], kept: &[Kept], view: usize) -> Result<Weights, FileError> {
    let mut builder = WeightsBuilder::default();
    for (p, r) in kept {
        match &parts[*p as usize].views[view] {
            PartView::Weights(weights) => {
                let (dims, values) = weights.of_item(*r);
                builder.push(dims, values);
            }
            PartView::Sparse(_) | PartView::Dense(_) => builder.push(&[], &[]),
        }
    }
    builder.finish()
}

/// Adds the postings of every kept row, renumbered; one part's postings are held in memory at a time.
fn merge_postings(
    builder: &mut InvertedBuilder,
    parts: &[&Part],
    kept: &[Kept],
    view: usize,
    ctx: &Context,
) -> Result<(), WriteError> {
    let mut next = 0u32;
    for (p, run) in parts.iter().enumerate() {
        ctx.check()?;
        let rows = kept.iter().filter(|k| k.0 as usize == p).map(|k| k.1);
        let PartView::Sparse(index) = &run.views[view] else { continue };
        let forward = Forward::of(index, run.len());
        for row in rows {
            let terms = forward.row(row).iter().map(|(t, tf)| (index.term(*t).unwrap_or_default(), *tf as f32));
            builder.add_weighted(next, terms)?;
            next += 1;
        }
    }
    Ok(())
}

/// The terms of each row, from the rows of each term.
struct Forward {
    starts: Vec<usize>,
    terms: Vec<(u32, u32)>,
}

impl Forward {
    fn of(index: &InvertedIndex, rows: usize) -> Self {
        let each = |visit: &mut dyn FnMut(u32, u32, u32)| {
            for term in 0..index.term_count() as u32 {
                if let Some(text) = index.term(term) {
                    index.for_each_posting(text, |row, tf| visit(term, row, tf as u32));
                }
            }
        };
        let mut starts = vec![0usize; rows + 1];
        each(&mut |_, row, _| starts[row as usize + 1] += 1);
        for i in 0..rows {
            starts[i + 1] += starts[i];
        }
        let mut at = starts.clone();
        let mut terms = vec![(0, 0); starts[rows]];
        each(&mut |term, row, tf| {
            terms[at[row as usize]] = (term, tf);
            at[row as usize] += 1;
        });
        Self { starts, terms }
    }

    fn row(&self, row: u32) -> &[(u32, u32)] {
        &self.terms[self.starts[row as usize]..self.starts[row as usize + 1]]
    }
}
