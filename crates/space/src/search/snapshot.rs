//! One commit, opened: everything that a search looks at.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use roaring::RoaringBitmap;
use serde::Serialize;
use vectory_core::{RowSet, Vectors};
use vectory_index::inverted::InvertedIndex;

use super::allowed::{Allowed, cell_of};
use crate::engine::{Engine, segment_views};
use crate::filter::Column;
use crate::point::Given;
use crate::store::{DenseRows, ItemsReader, Layout, Manifest, Part, PartView, ReadTables, StoreError, open_segment};

/// How often a reader begins again because a segment was merged away under it.
const TRIES: usize = 20;

/// One commit.
pub(crate) struct Snapshot {
    pub manifest: Manifest,
    pub dead: RoaringBitmap,
    pub tables: ReadTables,
    pub parts: Vec<OpenPart>,
    /// The names of the views.
    pub views: Vec<String>,
    /// Payload fields that filters have asked for.
    pub columns: Mutex<HashMap<String, Arc<Column>>>,
    /// Every document that can be found; filled by the first filter.
    pub documents: OnceLock<RoaringBitmap>,
    /// What recent filters let through.
    pub allowed: Mutex<Vec<(String, Arc<Allowed>)>>,
    /// Rows of each view on which scores are sampled; filled by the first search.
    pub samples: Vec<OnceLock<Vectors>>,
}

/// A segment and which of its rows can be found.
pub(crate) struct OpenPart {
    pub number: u32,
    pub part: Arc<Part>,
    /// Rows that can be found; `None`: all.
    pub alive: Option<RowSet>,
}

impl Snapshot {
    /// Opens the newest commit. Segments that `before` has open are shared.
    pub fn open(
        layout: &Layout,
        items: &ItemsReader,
        engines: &[Engine],
        before: Option<&Self>,
    ) -> Result<Self, StoreError> {
        let mut tries = 0;
        loop {
            let (manifest, dead, tables) = items.snapshot()?;
            if before.is_some_and(|b| b.manifest.recipe != manifest.recipe) {
                return Err(StoreError::Reembedded { path: layout.root().to_owned() });
            }
            match open_parts(layout, &manifest, &dead, engines, before) {
                Ok(parts) => {
                    let samples = engines.iter().map(|_| OnceLock::new()).collect();
                    let views = engines.iter().map(|e| e.name.clone()).collect();
                    let fresh = Self {
                        manifest,
                        dead,
                        tables,
                        parts,
                        views,
                        columns: Mutex::default(),
                        documents: OnceLock::new(),
                        allowed: Mutex::default(),
                        samples,
                    };
                    fresh.carry_over(before)?;
                    return Ok(fresh);
                }
                // A merge may have removed a segment since the manifest was read.
                Err(e) if e.is_missing() && tries < TRIES && items.generation()? != manifest.generation => tries += 1,
                Err(e) => return Err(e),
            }
        }
    }

    /// Takes over what the commit before knew of payloads, but for the documents that this one changed.
    fn carry_over(&self, before: Option<&Self>) -> Result<(), StoreError> {
        let Some(before) = before.filter(|b| b.manifest.generation + 1 == self.manifest.generation) else {
            return Ok(());
        };
        let Some(changed) = &self.tables.changed else { return Ok(()) };
        let old = before.columns.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if old.is_empty() && before.documents.get().is_none() {
            return Ok(());
        }
        let records =
            changed.iter().map(|d| Ok((d, self.tables.known_document(d)?))).collect::<Result<Vec<_>, StoreError>>()?;
        if let Some(documents) = before.documents.get() {
            let mut documents = documents - changed;
            documents.extend(records.iter().filter(|r| r.1.is_some()).map(|r| r.0));
            let _ = self.documents.set(documents);
        }
        let mut columns = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        for (field, column) in old {
            let changes = records.iter().map(|(d, r)| (*d, r.as_ref().and_then(|r| cell_of(r, &field))));
            let column = if records.is_empty() { column } else { Arc::new(column.after(changes)) };
            columns.insert(field, column);
        }
        Ok(())
    }

    /// How many rows all parts have, dead ones counted.
    pub fn rows(&self) -> usize {
        self.parts.iter().map(|p| p.part.len()).sum()
    }

    /// The part and the row of a passage.
    pub fn locate(&self, passage: u32) -> Option<(usize, u32)> {
        let at = self.parts.partition_point(|p| p.part.ids.passages().last().is_some_and(|l| *l < passage));
        Some((at, self.parts.get(at)?.part.ids.row(passage)?))
    }

    /// The postings of a view of words, part by part.
    pub fn postings(&self, view: usize) -> impl Iterator<Item = &InvertedIndex> {
        self.parts.iter().filter_map(move |p| match &p.part.views[view] {
            PartView::Sparse(index) => Some(index),
            PartView::Weights(_) | PartView::Dense(_) => None,
        })
    }

    /// What a view of given vectors holds of a passage.
    pub fn given(&self, passage: u32, view: usize) -> Option<Given> {
        let (part, row) = self.locate(passage)?;
        match &self.parts[part].part.views[view] {
            PartView::Sparse(_) => None,
            PartView::Weights(weights) => Given::of_weights(weights.of_item(row)),
            PartView::Dense(dense) => Given::of_rows(dense.of(row)),
        }
    }

    /// The document of a passage.
    pub fn document_of(&self, passage: u32) -> Option<u32> {
        let (part, row) = self.locate(passage)?;
        self.parts[part].part.ids.documents().get(row as usize).copied()
    }
}

fn open_parts(
    layout: &Layout,
    manifest: &Manifest,
    dead: &RoaringBitmap,
    engines: &[Engine],
    before: Option<&Snapshot>,
) -> Result<Vec<OpenPart>, StoreError> {
    let views = segment_views(engines);
    let known = |number| before.and_then(|b| b.parts.iter().find(|p| p.number == number));
    let open = |s: &crate::store::SegmentEntry| {
        let part = match known(s.number) {
            Some(p) => Arc::clone(&p.part),
            None => Arc::new(open_segment(&layout.segment(s.number), s, &views)?),
        };
        let alive = alive(&part, dead, s.first, s.last);
        Ok(OpenPart { number: s.number, part, alive })
    };
    manifest.segments.iter().map(open).collect()
}

fn alive(part: &Part, dead: &RoaringBitmap, first: u32, last: u32) -> Option<RowSet> {
    if dead.range_cardinality(first..=last) == 0 {
        return None;
    }
    let mut bits = RowSet::all(part.len());
    for passage in dead.range(first..=last) {
        if let Some(row) = part.ids.row(passage) {
            bits.set(row, false);
        }
    }
    Some(bits)
}

/// What a space holds.
#[derive(Clone, Debug, Serialize)]
pub struct Info {
    /// The commit.
    pub generation: u64,
    /// Documents that can be found.
    pub documents: u64,
    /// Passages that can be found.
    pub passages: u64,
    /// Passages that are gone but still on disk.
    pub dead: u64,
    /// Segments.
    pub segments: usize,
    /// Bytes of all files.
    pub bytes: u64,
    /// The views.
    pub views: Vec<ViewInfo>,
}

/// What a view holds.
#[derive(Clone, Debug, Serialize)]
pub struct ViewInfo {
    /// Its name.
    pub name: String,
    /// `sparse` or `dense`.
    pub kind: &'static str,
    /// The encoder's name, for a dense view.
    pub encoder: Option<String>,
    /// Values of a row, for a dense view.
    pub dim: Option<usize>,
    /// Distinct terms of the largest segment, for a sparse view.
    pub terms: Option<usize>,
    /// Rows that are searched through a graph.
    pub graph_rows: usize,
}

impl Snapshot {
    pub fn info(&self, layout: &Layout, engines: &[Engine]) -> Info {
        let view = |(i, e): (usize, &Engine)| {
            let views = || self.parts.iter().map(|p| &p.part.views[i]);
            let terms = views().filter_map(|v| match v {
                PartView::Sparse(index) => Some(index.term_count()),
                PartView::Weights(_) | PartView::Dense(_) => None,
            });
            let graph_rows = views().map(|v| match v {
                PartView::Dense(DenseRows { graph: Some(g), .. }) => g.len(),
                _ => 0,
            });
            let (entry, shape) = (e.entry(), e.shape());
            ViewInfo {
                name: e.name.clone(),
                kind: if shape.is_some() { "dense" } else { "sparse" },
                encoder: entry.as_ref().map(|e| e.name.clone()),
                dim: shape.map(|s| s.dim),
                terms: if shape.is_some() { None } else { terms.max() },
                graph_rows: graph_rows.sum(),
            }
        };
        Info {
            generation: self.manifest.generation,
            documents: self.manifest.documents,
            passages: self.manifest.passages,
            dead: self.dead.len(),
            segments: self.parts.len(),
            bytes: layout.bytes(),
            views: engines.iter().enumerate().map(view).collect(),
        }
    }
}
