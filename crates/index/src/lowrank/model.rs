//! The finished index: sections of an index file.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vectory_core::{Context, Metric, VectorsRef};

use super::quick::Quick;
use super::{LowRankError, LowRankParams, LowRankSearcher, build};
use crate::bytes::{self, ByteMatrix, COLUMNS};
use crate::file::{FileError, FileWriter, IndexFile, Region, Verify};
use crate::ivf::check_places;

const KIND: &str = "lowrank";
const VERSION: u32 = 1;

/// What the header of the file says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub rows: usize,
    pub dim: usize,
    pub metric: Metric,
    pub clusters: usize,
    pub rank: usize,
    /// Values of a query that the factors take.
    pub inputs: usize,
}

/// Rows in clusters with the factors of each; mapped when opened from a file. The rows stay with the caller.
pub struct LowRank {
    file: Arc<IndexFile>,
    header: Header,
    centroids: Region<f32>,
    mean: Region<f32>,
    turns: Region<u8>,
    shifts: Region<f32>,
    /// Of the turn and of the codes, for each cluster.
    steps: Region<f32>,
    codes: Region<u8>,
    biases: Region<f32>,
    starts: Region<u32>,
    ids: Region<u32>,
    /// Made when the index is opened.
    pub(super) quick: Quick,
}

impl LowRank {
    /// Groups and factorizes rows. Same rows and seed, same index, for any number of threads. No row at all is an index, too.
    ///
    /// # Errors
    /// [`LowRankError`]: metric, parameters, values that are not finite, interrupted.
    pub fn build(
        rows: VectorsRef<'_>,
        metric: Metric,
        params: &LowRankParams,
        ctx: &Context,
    ) -> Result<Self, LowRankError> {
        let mut file = FileWriter::new(KIND, VERSION, serde_json::Value::Null);
        let header = Self::build_into(&mut file, rows, metric, params, ctx)?;
        file.describe(header);
        Ok(Self::of(Arc::new(file.finish()?))?)
    }

    /// Adds its sections to a file that holds more; what comes back is for [`LowRank::within`].
    ///
    /// # Errors
    /// As [`LowRank::build`].
    pub(crate) fn build_into(
        file: &mut FileWriter,
        rows: VectorsRef<'_>,
        metric: Metric,
        params: &LowRankParams,
        ctx: &Context,
    ) -> Result<serde_json::Value, LowRankError> {
        build::build(file, rows, metric, params, ctx)
    }

    fn of(file: Arc<IndexFile>) -> Result<Self, FileError> {
        let header = file.params().clone();
        Self::within(file, header)
    }

    /// Finds its sections in a file.
    ///
    /// # Errors
    /// [`FileError::Section`] when a part is missing or does not fit the others.
    pub(crate) fn within(file: Arc<IndexFile>, header: serde_json::Value) -> Result<Self, FileError> {
        let header: Header =
            serde_json::from_value(header).map_err(|e| FileError::section(file.path(), "header", e.to_string()))?;
        let centroids = file.region::<f32>("centroids")?;
        let mean = file.region::<f32>("mean")?;
        let axes = file.region::<f32>("axes")?;
        let quick = Quick::new(&file, &header, (centroids, mean, axes))?;
        let index = Self {
            centroids,
            mean,
            turns: file.region("turns")?,
            shifts: file.region("shifts")?,
            steps: file.region("steps")?,
            codes: file.region("codes")?,
            biases: file.region("biases")?,
            starts: file.region("starts")?,
            ids: file.region("ids")?,
            quick,
            header,
            file,
        };
        index.check_form()?;
        Ok(index)
    }

    /// Whether the sections have the lengths that the header asks for.
    fn check_form(&self) -> Result<(), FileError> {
        let Header { rows, clusters, rank, inputs, .. } = self.header;
        let bad = |section: &str, why: &str| Err(FileError::section(self.file.path(), section, why));
        let (starts, ids) = (self.file.get(self.starts), self.file.get(self.ids));
        let blocks = starts.iter().all(|s| (*s as usize).is_multiple_of(COLUMNS));
        check_places(&self.file, (starts, clusters), (ids, rows))?;
        if !blocks {
            return bad("starts", "do not divide the places");
        }
        let values = rank.next_multiple_of(COLUMNS);
        if self.turns.len() != clusters * bytes::size(inputs, rank) || self.shifts.len() != clusters * values {
            return bad("turns", "are not as many as the clusters");
        }
        if self.steps.len() != 2 * clusters {
            return bad("steps", "are not as many as the clusters");
        }
        if self.codes.len() != bytes::size(rank, ids.len()) || self.biases.len() != ids.len() {
            return bad("codes", "are not as many as the places");
        }
        Ok(())
    }

    /// Opens a saved one, mapped, and checks every byte of it.
    ///
    /// # Errors
    /// When it is missing, foreign, cut or corrupted; the corrupted block is named.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        Self::of(Arc::new(IndexFile::open(path, KIND, VERSION, Verify::All)?))
    }

    /// Writes it to a file: all or nothing, synced. The rows are not in it.
    ///
    /// # Errors
    /// When the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        self.file.save(path)
    }

    /// Bytes of its file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.file.size()
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.header.rows
    }

    /// Values a row has.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.header.dim
    }

    /// How rows compare.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.header.metric
    }

    /// How many clusters.
    #[must_use]
    pub fn clusters(&self) -> usize {
        self.header.clusters
    }

    /// Joins it with the rows it was built of. Keep the result: it reuses its buffers. `None` when they are other rows.
    #[must_use]
    pub fn on<'a>(&'a self, rows: VectorsRef<'a>) -> Option<LowRankSearcher<'a>> {
        let fits = rows.rows() == self.rows() && (rows.dim() == self.dim() || self.rows() == 0);
        fits.then(|| LowRankSearcher::new(self, rows))
    }

    pub(super) fn rank(&self) -> usize {
        self.header.rank
    }

    pub(super) fn inputs(&self) -> usize {
        self.header.inputs
    }

    pub(super) fn mean(&self) -> &[f32] {
        self.file.get(self.mean)
    }

    pub(super) fn centroid(&self, cluster: usize) -> &[f32] {
        &self.file.get(self.centroids)[cluster * self.dim()..(cluster + 1) * self.dim()]
    }

    pub(super) fn ids(&self) -> &[u32] {
        self.file.get(self.ids)
    }

    /// Where the places of a cluster start.
    pub(super) fn start(&self, cluster: usize) -> usize {
        self.file.get(self.starts)[cluster] as usize
    }

    /// What makes a query's inputs those of a cluster's codes.
    pub(super) fn turn(&self, cluster: usize) -> ByteMatrix<'_> {
        let (size, values) = (bytes::size(self.inputs(), self.rank()), self.rank().next_multiple_of(COLUMNS));
        ByteMatrix {
            bytes: &self.file.get(self.turns)[cluster * size..(cluster + 1) * size],
            biases: &self.file.get(self.shifts)[cluster * values..(cluster + 1) * values],
            step: self.file.get(self.steps)[2 * cluster],
        }
    }

    /// A cluster's codes and the numbers of its rows.
    pub(super) fn codes(&self, cluster: usize) -> ByteMatrix<'_> {
        let (from, to) = (self.start(cluster), self.start(cluster + 1));
        let line = bytes::size(self.rank(), COLUMNS) / COLUMNS;
        ByteMatrix {
            bytes: &self.file.get(self.codes)[from * line..to * line],
            biases: &self.file.get(self.biases)[from..to],
            step: self.file.get(self.steps)[2 * cluster + 1],
        }
    }
}
