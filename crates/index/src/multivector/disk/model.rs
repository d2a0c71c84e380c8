//! A file, opened: what memory holds of it.

use std::path::Path;
use std::sync::Arc;

use vectory_core::VectorsRef;

use super::build::Described;
use super::pool::{Place, Pool, Source};
use crate::file::{FileError, IndexFile, Region, Verify};
use crate::multivector::{StoreError, TokenStore};

/// The kind of its files.
pub const KIND: &str = "tokens on disk";
pub(super) const VERSION: u32 = 1;

/// Documents whose tokens stay on disk. Searches may run on several threads at once.
pub struct DiskIndex {
    file: Arc<IndexFile>,
    /// Its records are never touched through the map.
    store: TokenStore,
    means: Region<f32>,
    order: Region<u32>,
    ends: Region<u64>,
    coarse: Region<f32>,
    pub(super) pool: Pool,
}

impl DiskIndex {
    /// Opens a saved file with so many threads that read (a queue depth). With `direct`, reads go past the page cache where the
    /// system allows it. The records are not checked: that would read them all; [`IndexFile::verify`] can.
    ///
    /// # Errors
    /// [`StoreError::File`] when it is missing, foreign or cut, or when its header or a block of its tables is corrupted.
    pub fn open(path: &Path, threads: usize, direct: bool) -> Result<Self, StoreError> {
        let file = Arc::new(IndexFile::open(path, KIND, VERSION, Verify::Header)?);
        let bad = |section: &str, why: String| FileError::section(path, section, why);
        let described: Described =
            serde_json::from_value(file.params().clone()).map_err(|e| bad("header", e.to_string()))?;
        let store = TokenStore::of_unread(Arc::clone(&file), described.store)?;
        let first = usize::try_from(store.first_byte()).unwrap_or(usize::MAX);
        file.verify_outside(first..first.saturating_add(usize::try_from(store.record_bytes()).unwrap_or(usize::MAX)))?;
        let (means, order, ends, coarse) = (
            file.region::<f32>("means")?,
            file.region::<u32>("order")?,
            file.region::<u64>("list ends")?,
            file.region::<f32>("coarse")?,
        );
        let (n, dim) = (store.len(), store.dim());
        let list_ends = file.get(ends);
        let fits = means.len() == n * dim
            && (order.len() == n || (dim == 0 && order.is_empty()))
            && coarse.len() == described.lists * dim
            && (list_ends.len() == described.lists || dim == 0)
            && list_ends.windows(2).all(|w| w[0] <= w[1])
            && list_ends.last().is_none_or(|e| *e == n as u64)
            && file.get(order).iter().all(|d| (*d as usize) < n);
        if !fits {
            return Err(bad("order", format!("is not of {n} documents in {} lists", described.lists)).into());
        }
        let source = Source::open(path, direct, *store.layout(), store.first_byte(), store.centroids().rows())
            .map_err(FileError::from)?;
        let pool = Pool::new(source, threads).map_err(FileError::from)?;
        Ok(Self { file, store, means, order, ends, coarse, pool })
    }

    /// How many documents.
    #[must_use]
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Whether there is no document.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values a token has.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.store.dim()
    }

    /// How many lists the inverted file has.
    #[must_use]
    pub fn lists(&self) -> usize {
        self.ends.len()
    }

    /// Whether reads go past the page cache.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.pool.source().direct
    }

    /// Bytes of the token records, on disk.
    #[must_use]
    pub fn disk_bytes(&self) -> u64 {
        self.store.record_bytes()
    }

    /// Bytes that searches keep in memory: means, lists, places, centroids.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        let tables = 4 * (self.means.len() + self.order.len() + self.coarse.len()) + 8 * self.ends.len();
        (tables + 12 * self.len() + 4 * self.store.centroids().as_slice().len()) as u64
    }

    pub(super) fn store(&self) -> &TokenStore {
        &self.store
    }

    pub(super) fn coarse(&self) -> VectorsRef<'_> {
        self.rows(self.coarse)
    }

    /// The means and the documents of list `l`.
    pub(super) fn list(&self, l: usize) -> (&[f32], &[u32]) {
        let ends = self.file.get(self.ends);
        let range = if l == 0 { 0 } else { ends[l - 1] as usize }..ends[l] as usize;
        let dim = self.dim();
        (&self.file.get(self.means)[range.start * dim..range.end * dim], &self.file.get(self.order)[range])
    }

    /// Where the record of document `d` lies.
    pub(super) fn place(&self, d: u32) -> Place {
        let (starts, lengths) = self.store.places();
        Place { document: d, start: starts[d as usize], tokens: lengths[d as usize] as usize }
    }

    fn rows(&self, region: Region<f32>) -> VectorsRef<'_> {
        VectorsRef::new(self.file.get(region), self.dim())
            .unwrap_or_else(|_| unreachable!("compared when it was opened"))
    }
}
