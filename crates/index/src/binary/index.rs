//! A file that holds rows of bits and an index of them.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vectory_core::bits::BitRowsRef;
use vectory_core::{Context, Metric};

use super::build::{Parts, build};
use super::space::{Space, ones};
use super::{BinaryError, BinaryFactory};
use crate::file::{FileError, FileWriter, IndexFile, Region, Verify};
use crate::graph::{GraphParams, Links, NONE, Scratch, Start};
use crate::kept::Kept;

/// The kind of its files.
pub const KIND: &str = "binary";
const VERSION: u32 = 1;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Described {
    rows: usize,
    bits: usize,
    metric: Metric,
    /// Of the graph, where there is one.
    graph: Option<GraphParams>,
}

/// Where the graph lies in the file.
struct Graph {
    params: GraphParams,
    links: Region<u32>,
    entries: Region<u32>,
    twins: Region<u32>,
}

/// Rows of bits with an index over them; mapped when opened from a file.
pub struct BinaryIndex {
    file: Arc<IndexFile>,
    described: Described,
    words: Region<u64>,
    ones: Vec<u32>,
    graph: Option<Graph>,
    pub(super) scratch: Kept<Scratch>,
}

impl BinaryIndex {
    /// Copies the rows and builds the named index over them.
    ///
    /// # Errors
    /// [`BinaryError`] for a metric of other rows, a parameter outside its range, or when interrupted.
    pub fn build(
        rows: BitRowsRef<'_>,
        metric: Metric,
        factory: &BinaryFactory,
        ctx: &Context,
    ) -> Result<Self, BinaryError> {
        if !matches!(metric, Metric::Hamming | Metric::Jaccard) {
            return Err(BinaryError::Metric(metric));
        }
        if rows.rows() > i32::MAX as usize {
            return Err(BinaryError::TooLarge(rows.rows()));
        }
        let mut described = Described { rows: rows.rows(), bits: rows.bits(), metric, graph: None };
        let mut parts = Parts::default();
        if let BinaryFactory::Graph(params) = factory {
            parts = build(Space { rows, metric, ones: &ones(rows, metric) }, params, ctx)?;
            described.graph = Some(*params);
        }
        let mut file = FileWriter::new(KIND, VERSION, serde_json::json!(described));
        file.section("bits", rows.as_slice());
        if described.graph.is_some() {
            let chains: &[u32] = if parts.twins.iter().any(|t| *t != NONE) { &parts.twins } else { &[] };
            file.section("links", &parts.links).section("entries", &parts.entries).section("twins", chains);
        }
        Self::of(file.finish()?)
    }

    fn of(file: IndexFile) -> Result<Self, BinaryError> {
        let bad = |section: &str, why: String| FileError::section(file.path(), section, why);
        let described: Described =
            serde_json::from_value(file.params().clone()).map_err(|e| bad("header", e.to_string()))?;
        let words: Region<u64> = file.region("bits")?;
        let fits = described.bits > 0 && described.rows.checked_mul(described.bits.div_ceil(64)) == Some(words.len());
        if !fits {
            let why = format!("has {} words, not {} rows of {} bits", words.len(), described.rows, described.bits);
            return Err(bad("bits", why).into());
        }
        if !matches!(described.metric, Metric::Hamming | Metric::Jaccard) {
            return Err(bad("header", format!("names the metric {}", described.metric)).into());
        }
        let graph = described.graph.map(|params| Graph::of(&file, params, described.rows)).transpose()?;
        let mut index =
            Self { file: Arc::new(file), described, words, ones: Vec::new(), graph, scratch: Kept::default() };
        index.ones = ones(index.rows(), described.metric);
        Ok(index)
    }

    /// Opens a saved index, mapped, and checks every byte of it.
    ///
    /// # Errors
    /// [`BinaryError::File`] when it is missing, foreign, cut or corrupted; the corrupted block is named.
    pub fn open(path: &Path) -> Result<Self, BinaryError> {
        Self::of(IndexFile::open(path, KIND, VERSION, Verify::All)?)
    }

    /// Writes it to a file: all or nothing, synced.
    ///
    /// # Errors
    /// When the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), BinaryError> {
        Ok(self.file.save(path)?)
    }

    /// How many rows it searches.
    #[must_use]
    pub fn len(&self) -> usize {
        self.described.rows
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.described.rows == 0
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> BitRowsRef<'_> {
        match BitRowsRef::new(self.file.get(self.words), self.described.bits) {
            Some(rows) => rows,
            None => unreachable!("the number of words was compared with rows × bits when the index was made"),
        }
    }

    /// How rows are compared.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.described.metric
    }

    /// Whether it has a graph.
    #[must_use]
    pub fn has_graph(&self) -> bool {
        self.graph.is_some()
    }

    /// Bytes of its file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.file.size()
    }

    pub(super) fn space(&self) -> Space<'_> {
        Space { rows: self.rows(), metric: self.described.metric, ones: &self.ones }
    }

    /// Where walks start.
    pub(super) fn start(&self) -> Option<Start<'_>> {
        let graph = self.graph.as_ref()?;
        let links = Links { links: self.file.get(graph.links), degree: graph.params.degree() };
        Some(Start { links, entries: self.file.get(graph.entries) })
    }

    /// The next row equal to `id`.
    pub(super) fn twin(&self, id: u32) -> Option<u32> {
        let twins = self.file.get(self.graph.as_ref()?.twins);
        twins.get(id as usize).copied().filter(|next| *next != NONE)
    }
}

impl Graph {
    /// Finds the graph's sections; no link may lead out of the rows, and chains of equal rows only go up.
    fn of(file: &IndexFile, params: GraphParams, rows: usize) -> Result<Self, FileError> {
        let bad = |section: &str, why: String| Err(FileError::section(file.path(), section, why));
        let (links, entries, twins) = (file.region("links")?, file.region("entries")?, file.region("twins")?);
        if params.check().is_err() || rows.checked_mul(params.degree()) != Some(links.len()) {
            return bad("links", format!("has {} links, not {rows} rows × {}", links.len(), 2 * params.m));
        }
        if file.get(links).iter().any(|id| *id != NONE && *id as usize >= rows) {
            return bad("links", "leads to rows that are not there".to_owned());
        }
        let starts = file.get(entries);
        if starts.is_empty() != (rows == 0) || starts.iter().any(|id| *id as usize >= rows) {
            return bad("entries", "starts at rows that are not there".to_owned());
        }
        let up = |(id, next): (usize, &u32)| *next == NONE || ((id as u32) < *next && (*next as usize) < rows);
        let chains = file.get(twins);
        if !(chains.is_empty() || chains.len() == rows) || !chains.iter().enumerate().all(up) {
            return bad("twins", format!("is not of {rows} rows"));
        }
        Ok(Self { params, links, entries, twins })
    }
}
