//! The finished graph: what is in it, and where.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vectory_core::{Metric, VectorsRef};

use super::beam::{Links, NONE, Start};
use super::build::GraphError;
use super::params::GraphParams;
use super::space::Rows;
use crate::file::{FileError, FileWriter, IndexFile, Region, Verify};

const KIND: &str = "graph";
const VERSION: u32 = 1;

/// What the header of the file says.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Described {
    metric: Metric,
    params: GraphParams,
    rows: usize,
    dim: usize,
}

/// Chains of equal rows: the first is a node of the graph, the others hang on it.
#[derive(Clone, Debug, Default)]
pub(super) struct Twins {
    /// The next equal row, or [`NONE`].
    pub next: Vec<u32>,
    pub is_twin: Vec<bool>,
}

/// A graph while it is changed.
pub(super) struct Parts {
    pub metric: Metric,
    pub params: GraphParams,
    pub rows: usize,
    pub dim: usize,
    pub entries: Vec<u32>,
    pub links: Vec<u32>,
    pub numbers: Vec<f32>,
    pub twins: Twins,
}

impl Parts {
    pub fn empty(metric: Metric, params: GraphParams, dim: usize) -> Self {
        Self { metric, params, rows: 0, dim, entries: Vec::new(), links: Vec::new(), numbers: Vec::new(), twins: Twins::default() }
    }
}

/// A graph over rows that the caller keeps: in memory after [`Graph::build`], mapped after [`Graph::open`].
pub struct Graph {
    file: Arc<IndexFile>,
    described: Described,
    entries: Region<u32>,
    links: Region<u32>,
    numbers: Region<f32>,
    twins: Region<u32>,
}

impl Graph {
    pub(super) fn of_parts(parts: Parts) -> Result<Self, FileError> {
        let Parts { metric, params, rows, dim, entries, links, numbers, twins } = parts;
        let described = Described { metric, params, rows, dim };
        let header = serde_json::to_value(described).map_err(|e| FileError::section(Path::new("(memory)"), "header", e.to_string()))?;
        let mut file = FileWriter::new(KIND, VERSION, header);
        let chains: &[u32] = if twins.is_twin.contains(&true) { &twins.next } else { &[] };
        file.section("entries", &entries).section("links", &links).section("numbers", &numbers).section("twins", chains);
        let file = file.finish()?;
        let header = file.params().clone();
        Self::of(Arc::new(file), header)
    }

    /// The graph whose sections are in `file` and that `header` describes.
    pub(crate) fn of(file: Arc<IndexFile>, header: serde_json::Value) -> Result<Self, FileError> {
        let described: Described =
            serde_json::from_value(header).map_err(|e| FileError::section(file.path(), "header", e.to_string()))?;
        let graph = Self {
            entries: file.region("entries")?,
            links: file.region("links")?,
            numbers: file.region("numbers")?,
            twins: file.region("twins")?,
            described,
            file,
        };
        graph.check_form()?;
        Ok(graph)
    }

    /// Whether the sections have the lengths that the header asks for, and no link leads out of the rows.
    fn check_form(&self) -> Result<(), FileError> {
        let Described { rows, params, metric, .. } = self.described;
        let bad = |section: &str, why: String| Err(FileError::section(self.file.path(), section, why));
        if params.check().is_err() || rows.checked_mul(params.degree()) != Some(self.links.len()) {
            return bad("links", format!("has {} links, not {} rows × {}", self.links.len(), rows, 2 * params.m));
        }
        if self.numbers.len() != if metric == Metric::L2 { 0 } else { rows } {
            return bad("numbers", format!("has {} values for {rows} rows", self.numbers.len()));
        }
        if !self.twins.is_empty() && self.twins.len() != rows {
            return bad("twins", format!("has {} values for {rows} rows", self.twins.len()));
        }
        let outside = |ids: &[u32]| ids.iter().any(|id| *id != NONE && *id as usize >= rows);
        if outside(self.file.get(self.links)) || outside(self.file.get(self.twins)) {
            return bad("links", "leads to rows that are not there".to_owned());
        }
        let entries = self.file.get(self.entries);
        if (rows > 0) == entries.is_empty() || entries.iter().any(|id| *id as usize >= rows) {
            return bad("entries", "starts at rows that are not there".to_owned());
        }
        Ok(())
    }

    /// Opens a saved graph, mapped, and checks every byte of it.
    ///
    /// # Errors
    /// [`FileError`] when it is missing, foreign, cut or corrupted; the corrupted block is named.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let file = IndexFile::open(path, KIND, VERSION, Verify::All)?;
        let header = file.params().clone();
        Self::of(Arc::new(file), header)
    }

    /// Writes it to a file: all or nothing, synced. The rows are not in it.
    ///
    /// # Errors
    /// When the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        self.file.save(path)
    }

    /// Writes its sections into another file; gives the header by which [`Graph::of`] finds them.
    pub(crate) fn write(&self, file: &mut FileWriter) -> serde_json::Value {
        file.section("entries", self.file.get(self.entries)).section("links", self.file.get(self.links));
        file.section("numbers", self.file.get(self.numbers)).section("twins", self.file.get(self.twins));
        serde_json::to_value(self.described).unwrap_or_default()
    }

    pub(super) fn to_parts(&self) -> Parts {
        let Described { metric, params, rows, dim } = self.described;
        let next: Vec<u32> = if self.twins.is_empty() { vec![NONE; rows] } else { self.file.get(self.twins).to_vec() };
        let mut is_twin = vec![false; rows];
        next.iter().filter(|id| **id != NONE).for_each(|id| is_twin[*id as usize] = true);
        Parts {
            metric,
            params,
            rows,
            dim,
            entries: self.file.get(self.entries).to_vec(),
            links: self.file.get(self.links).to_vec(),
            numbers: self.file.get(self.numbers).to_vec(),
            twins: Twins { next, is_twin },
        }
    }

    /// How many rows it links.
    #[must_use]
    pub fn len(&self) -> usize {
        self.described.rows
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.described.rows == 0
    }

    /// Values a row has.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.described.dim
    }

    /// How rows are compared.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.described.metric
    }

    /// What it was built with.
    #[must_use]
    pub fn params(&self) -> GraphParams {
        self.described.params
    }

    /// Bytes of its file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.file.size()
    }

    /// How many links a row has on average.
    #[must_use]
    pub fn mean_degree(&self) -> f64 {
        let links = self.file.get(self.links);
        links.iter().filter(|id| **id != NONE).count() as f64 / self.len().max(1) as f64
    }

    pub(super) fn start(&self) -> Start<'_> {
        let links = Links { links: self.file.get(self.links), degree: self.described.params.degree() };
        Start { links, entries: self.file.get(self.entries) }
    }

    /// The next row equal to `id`.
    pub(super) fn twin(&self, id: u32) -> Option<u32> {
        self.file.get(self.twins).get(id as usize).copied().filter(|next| *next != NONE)
    }

    pub(super) fn seen<'a>(&'a self, rows: VectorsRef<'a>) -> Result<Rows<'a>, GraphError> {
        if rows.rows() != self.described.rows || (rows.dim() != self.described.dim && rows.rows() > 0) {
            return Err(GraphError::Rows {
                expected: format!("{} × {}", self.described.rows, self.described.dim),
                found: format!("{} × {}", rows.rows(), rows.dim()),
            });
        }
        Ok(Rows { rows, metric: self.described.metric, numbers: self.file.get(self.numbers) })
    }
}
