//! The finished graph: what is in it, and where.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vectory_core::{Metric, VectorsRef};

use super::beam::{Links, NONE, Start};
use super::build::GraphError;
use super::code::{Coder, CoderShape, Codes};
use super::cover::Doubt;
use super::params::GraphParams;
use super::space::Rows;
use crate::file::{FileError, FileWriter, IndexFile, Region, Verify};

const KIND: &str = "graph";
/// Version 2 added walk codes; graphs of version 1 are walked by their full rows.
const VERSION: u32 = 2;

/// What the header of the file says.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Described {
    metric: Metric,
    params: GraphParams,
    rows: usize,
    dim: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    coder: Option<CoderShape>,
    /// Rows that were taken out.
    #[serde(default, skip_serializing_if = "is_zero")]
    gone: usize,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
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
    /// Of each link its score, NaN where it is not known, while rows are inserted; else empty.
    pub scores: Vec<f32>,
    pub numbers: Vec<f32>,
    pub twins: Twins,
    pub coder: Option<Coder>,
    pub codes: Vec<u8>,
    /// How far the codes can be believed of two rows, where that was measured.
    pub doubt: Option<Doubt>,
    /// Rows that were taken out.
    pub gone: Vec<bool>,
}

impl Parts {
    pub fn empty(metric: Metric, params: GraphParams, dim: usize) -> Self {
        Self {
            metric,
            params,
            rows: 0,
            dim,
            entries: Vec::new(),
            links: Vec::new(),
            scores: Vec::new(),
            numbers: Vec::new(),
            twins: Twins::default(),
            coder: None,
            codes: Vec::new(),
            doubt: None,
            gone: Vec::new(),
        }
    }

    pub fn codes(&self) -> Option<Codes<'_>> {
        Codes::new(&self.codes, self.coder.as_ref()?.shape, self.rows)
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
    coded: Option<Coded>,
    gone: Option<Region<u8>>,
}

/// The walk codes and what makes queries ready for them.
struct Coded {
    coder: Coder,
    codes: Region<u8>,
}

impl Graph {
    pub(super) fn of_parts(parts: Parts) -> Result<Self, FileError> {
        let Parts { metric, params, rows, dim, entries, links, numbers, twins, coder, codes, gone, .. } = parts;
        let out = gone.iter().filter(|g| **g).count();
        let described = Described { metric, params, rows, dim, coder: coder.as_ref().map(|c| c.shape), gone: out };
        let header = serde_json::to_value(described)
            .map_err(|e| FileError::section(Path::new("(memory)"), "header", e.to_string()))?;
        let mut file = FileWriter::new(KIND, VERSION, header);
        let chains: &[u32] = if twins.is_twin.contains(&true) { &twins.next } else { &[] };
        file.section("entries", &entries)
            .section("links", &links)
            .section("numbers", &numbers)
            .section("twins", chains);
        if let Some(coder) = &coder {
            file.section("walk.mean", &coder.mean).section("walk.matrix", &coder.matrix).section("walk.codes", &codes);
        }
        if out > 0 {
            file.section("gone", &gone.iter().map(|g| u8::from(*g)).collect::<Vec<_>>());
        }
        // Two sets of everything are held no longer than it takes to copy them.
        drop((entries, links, numbers, twins, codes));
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
            coded: coded(&file, &described)?,
            gone: if described.gone > 0 { Some(file.region("gone")?) } else { None },
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
        if self.gone.is_some_and(|g| g.len() != rows) || self.described.gone > rows {
            return bad("gone", format!("is not of {rows} rows"));
        }
        let entries = self.file.get(self.entries);
        if (self.alive() > 0) == entries.is_empty() || entries.iter().any(|id| *id as usize >= rows) {
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
        if let Some(Coded { coder, codes }) = &self.coded {
            file.section("walk.mean", &coder.mean)
                .section("walk.matrix", &coder.matrix)
                .section("walk.codes", self.file.get(*codes));
        }
        if let Some(gone) = self.gone {
            file.section("gone", self.file.get(gone));
        }
        serde_json::to_value(self.described).unwrap_or_default()
    }

    pub(super) fn to_parts(&self) -> Parts {
        let Described { metric, params, rows, dim, .. } = self.described;
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
            scores: Vec::new(),
            numbers: self.file.get(self.numbers).to_vec(),
            twins: Twins { next, is_twin },
            coder: self.coded.as_ref().map(|c| c.coder.clone()),
            codes: self.coded.as_ref().map_or_else(Vec::new, |c| self.file.get(c.codes).to_vec()),
            doubt: None,
            gone: (0..rows as u32).map(|id| self.is_gone(id)).collect(),
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

    /// How many rows can be found: those that were not taken out.
    #[must_use]
    pub fn alive(&self) -> usize {
        self.described.rows - self.described.gone.min(self.described.rows)
    }

    /// Whether row `id` was taken out.
    #[must_use]
    pub fn is_gone(&self, id: u32) -> bool {
        self.gone.is_some_and(|gone| self.file.get(gone)[id as usize] != 0)
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

    /// The walk codes and their coder; graphs of the first version have none.
    pub(super) fn coded(&self) -> Option<(&Coder, Codes<'_>)> {
        let coded = self.coded.as_ref()?;
        let codes = Codes::new(self.file.get(coded.codes), coded.coder.shape, self.described.rows)?;
        Some((&coded.coder, codes))
    }

    pub(super) fn start(&self) -> Start<'_> {
        let links = Links { links: self.file.get(self.links), degree: self.described.params.degree() };
        Start { links, entries: self.file.get(self.entries) }
    }

    /// Whether rows equal others.
    pub(super) fn has_twins(&self) -> bool {
        !self.twins.is_empty()
    }

    /// The next row equal to `id`.
    pub(super) fn twin(&self, id: u32) -> Option<u32> {
        self.file.get(self.twins).get(id as usize).copied().filter(|next| *next != NONE)
    }

    /// What makes queries ready where there are no full rows.
    pub(super) fn queries(&self) -> Rows<'_> {
        let Ok(rows) = VectorsRef::new(&[], self.described.dim) else {
            unreachable!("no value is no row of any dimension")
        };
        Rows { rows, metric: self.described.metric, numbers: &[] }
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

/// Finds the codes in a file and checks that they are of the described rows.
fn coded(file: &IndexFile, described: &Described) -> Result<Option<Coded>, FileError> {
    let Some(shape) = described.coder else { return Ok(None) };
    let bad = |section: &str, why: String| Err(FileError::section(file.path(), section, why));
    let codes = file.region::<u8>("walk.codes")?;
    let (mean, matrix) = (file.region::<f32>("walk.mean")?, file.region::<f32>("walk.matrix")?);
    let dim = described.dim + usize::from(described.metric == Metric::Dot);
    if shape.dim != dim || mean.len() != dim {
        return bad("walk.mean", format!("has {} values for rows of {dim}", mean.len()));
    }
    if shape.dims == 0 || shape.dims.checked_mul(dim) != Some(matrix.len()) {
        return bad("walk.matrix", format!("has {} values, not {} × {dim}", matrix.len(), shape.dims));
    }
    if shape.bytes(described.rows) != Some(codes.len()) {
        return bad(
            "walk.codes",
            format!("has {} bytes for {} rows of {}", codes.len(), described.rows, shape.stride()),
        );
    }
    let coder = Coder::new(shape, described.metric, file.get(mean).to_vec(), file.get(matrix).to_vec());
    Ok(Some(Coded { coder, codes }))
}
