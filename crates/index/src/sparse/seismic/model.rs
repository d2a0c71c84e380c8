//! An index, opened.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::SeismicParams;
use super::search::Buffers;
use crate::file::{FileError, IndexFile, Region, Verify};
use crate::kept::Kept;

pub(crate) const KIND: &str = "seismic";
pub(super) const VERSION: u32 = 1;

/// What the header of the file says.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Described {
    pub items: usize,
    pub width: u32,
    /// What one step of an item's weight is worth.
    pub step: f32,
    pub params: SeismicParams,
}

/// An approximate index of sparse vectors; mapped when opened from a file. Searches may run on many threads at once.
pub struct Seismic {
    file: IndexFile,
    pub(super) described: Described,
    item_ends: Region<u64>,
    item_dims: Dims,
    item_weights: Region<u16>,
    ends: [Region<u64>; 4],
    steps: Region<f32>,
    items: Region<u32>,
    block_ends: Region<u32>,
    summary_dims: Region<u32>,
    summary_ends: Region<u32>,
    summary_blocks: Region<u16>,
    summary_codes: Region<u8>,
    pub(super) buffers: Kept<Buffers>,
}

/// Dimensions of items: 16 bits where they fit.
#[derive(Clone, Copy)]
enum Dims {
    Short(Region<u16>),
    Long(Region<u32>),
}

/// Dimensions of one item.
#[derive(Clone, Copy)]
pub(super) enum ItemDims<'a> {
    Short(&'a [u16]),
    Long(&'a [u32]),
}

/// One dimension's list.
#[derive(Clone, Copy)]
pub(super) struct ListRef<'a> {
    pub items: &'a [u32],
    pub ends: &'a [u32],
    pub dims: &'a [u32],
    pub dim_ends: &'a [u32],
    pub blocks: &'a [u16],
    pub codes: &'a [u8],
    pub step: f32,
}

impl Seismic {
    pub(super) fn of(file: IndexFile) -> Result<Self, FileError> {
        let described: Described = serde_json::from_value(file.params().clone())
            .map_err(|e| FileError::section(file.path(), "header", e.to_string()))?;
        let item_dims = if described.width <= 1 << 16 {
            Dims::Short(file.region("item dims")?)
        } else {
            Dims::Long(file.region("item dims")?)
        };
        let index = Self {
            item_ends: file.region("item ends")?,
            item_dims,
            item_weights: file.region("item weights")?,
            ends: [
                file.region("list items")?,
                file.region("list blocks")?,
                file.region("list dims")?,
                file.region("list entries")?,
            ],
            steps: file.region("list steps")?,
            items: file.region("items")?,
            block_ends: file.region("block ends")?,
            summary_dims: file.region("summary dims")?,
            summary_ends: file.region("summary ends")?,
            summary_blocks: file.region("summary blocks")?,
            summary_codes: file.region("summary codes")?,
            described,
            buffers: Kept::default(),
            file,
        };
        match index.inconsistent() {
            None => Ok(index),
            Some((section, why)) => Err(FileError::section(index.file.path(), section, why)),
        }
    }

    /// The first section that does not fit the others, so that searches need not look again.
    fn inconsistent(&self) -> Option<(&'static str, &'static str)> {
        let ascend = |region: Region<u64>, count: usize, last: usize| {
            let e = self.file.get(region);
            e.len() == count && e.windows(2).all(|w| w[0] <= w[1]) && e.last().copied().unwrap_or(0) == last as u64
        };
        let (items, width) = (self.described.items, self.described.width as usize);
        let dims = match self.item_dims {
            Dims::Short(r) => r.len(),
            Dims::Long(r) => r.len(),
        };
        if dims != self.item_weights.len() || !ascend(self.item_ends, items, dims) {
            return Some(("item ends", "do not divide the items"));
        }
        let below = match self.item_dims {
            Dims::Short(r) => self.file.get(r).iter().all(|d| usize::from(*d) < width),
            Dims::Long(r) => self.file.get(r).iter().all(|d| (*d as usize) < width),
        };
        if !below {
            return Some(("item dims", "are beyond the width"));
        }
        let lasts = [self.items.len(), self.block_ends.len(), self.summary_dims.len(), self.summary_codes.len()];
        if !self.ends.iter().zip(lasts).all(|(r, last)| ascend(*r, width, last)) || self.steps.len() != width {
            return Some(("list items", "do not divide the lists"));
        }
        if self.summary_blocks.len() != self.summary_codes.len() || self.summary_ends.len() != self.summary_dims.len() {
            return Some(("summary blocks", "are not as many as their codes"));
        }
        if self.file.get(self.items).iter().any(|i| *i as usize >= items) {
            return Some(("items", "are beyond the set"));
        }
        let rises =
            |e: &[u32], last: usize| e.windows(2).all(|w| w[0] <= w[1]) && e.last().is_none_or(|l| *l as usize == last);
        let fits = |d: usize| {
            let l = self.list(d);
            rises(l.ends, l.items.len())
                && rises(l.dim_ends, l.codes.len())
                && l.blocks.iter().all(|b| usize::from(*b) < l.ends.len())
        };
        (!(0..width).all(fits)).then_some(("block ends", "do not divide the lists"))
    }

    /// Opens a saved index, mapped, and checks every byte of it.
    ///
    /// # Errors
    /// [`FileError`] when it is missing, foreign, cut or corrupted; the corrupted block is named.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        Self::of(IndexFile::open(path, KIND, VERSION, Verify::All)?)
    }

    /// Writes it to a file: all or nothing, synced.
    ///
    /// # Errors
    /// When the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        self.file.save(path)
    }

    /// How many items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.described.items
    }

    /// Whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How it was built.
    #[must_use]
    pub fn params(&self) -> &SeismicParams {
        &self.described.params
    }

    /// Bytes of its file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.file.size()
    }

    /// Dimensions and weights of an item.
    #[inline]
    pub(super) fn item(&self, i: usize) -> (ItemDims<'_>, &[u16]) {
        let ends = self.file.get(self.item_ends);
        let range = if i == 0 { 0 } else { ends[i - 1] as usize }..ends[i] as usize;
        let dims = match self.item_dims {
            Dims::Short(r) => ItemDims::Short(&self.file.get(r)[range.clone()]),
            Dims::Long(r) => ItemDims::Long(&self.file.get(r)[range.clone()]),
        };
        (dims, &self.file.get(self.item_weights)[range])
    }

    /// The list of dimension `d`.
    pub(super) fn list(&self, d: usize) -> ListRef<'_> {
        let range = |r: Region<u64>| {
            let ends = self.file.get(r);
            let first = if d == 0 { 0 } else { ends[d - 1] as usize };
            first..ends[d] as usize
        };
        let [items, blocks, dims, entries] = self.ends.map(range);
        ListRef {
            items: &self.file.get(self.items)[items],
            ends: &self.file.get(self.block_ends)[blocks],
            dims: &self.file.get(self.summary_dims)[dims.clone()],
            dim_ends: &self.file.get(self.summary_ends)[dims],
            blocks: &self.file.get(self.summary_blocks)[entries.clone()],
            codes: &self.file.get(self.summary_codes)[entries],
            step: self.file.get(self.steps)[d],
        }
    }
}
