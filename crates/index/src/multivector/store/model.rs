//! A store, opened.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vectory_core::{Vectors, VectorsRef};

use super::StoreError;
use super::codec::{Layout, TokenCodec};
use super::residual;
use crate::file::{FileError, FileWriter, IndexFile, Region, Verify};

pub(super) const KIND: &str = "tokens";
pub(super) const VERSION: u32 = 1;

/// What the header of the file says.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Described {
    pub documents: usize,
    pub tokens: usize,
    pub layout: Layout,
}

/// Token matrices of many documents; mapped when opened from a file. Searches may run on many threads at once.
pub struct TokenStore {
    pub(super) file: Arc<IndexFile>,
    described: Described,
    bytes: Region<u8>,
    starts: Region<u64>,
    lengths: Region<u32>,
    centroids: Region<f32>,
}

impl TokenStore {
    /// Reads the sections of a file; `described`: what [`TokenStore::write`] returned, where the file is of another kind.
    pub(in crate::multivector) fn of(
        file: Arc<IndexFile>,
        described: Option<serde_json::Value>,
    ) -> Result<Self, StoreError> {
        let header = described.unwrap_or_else(|| file.params().clone());
        let store = Self::of_unread(file, header)?;
        store.records_fit().map_err(|why| FileError::section(store.file.path(), "tokens", why))?;
        Ok(store)
    }

    /// As [`TokenStore::of`], without looking into the records.
    pub(in crate::multivector) fn of_unread(
        file: Arc<IndexFile>,
        header: serde_json::Value,
    ) -> Result<Self, StoreError> {
        let described: Described =
            serde_json::from_value(header).map_err(|e| FileError::section(file.path(), "header", e.to_string()))?;
        let store = Self {
            bytes: file.region("tokens")?,
            starts: file.region("starts")?,
            lengths: file.region("lengths")?,
            centroids: file.region("centroids")?,
            described,
            file,
        };
        store.consistent().map_err(|(section, why)| FileError::section(store.file.path(), section, why))?;
        Ok(store)
    }

    /// Whether every record lies in the file.
    fn consistent(&self) -> Result<(), (&'static str, String)> {
        let Described { documents, tokens, layout } = self.described;
        if !layout.align.is_power_of_two()
            || layout.align < 64
            || layout.dim > 1 << 20
            || (layout.dim == 0 && tokens > 0)
        {
            return Err(("header", format!("has records of {} values at multiples of {}", layout.dim, layout.align)));
        }
        if let TokenCodec::Residual { bits } = layout.codec
            && !matches!(bits, 1 | 2 | 4)
        {
            return Err(("header", format!("has codes of {bits} bits")));
        }
        let (starts, lengths) = (self.file.get(self.starts), self.file.get(self.lengths));
        if starts.len() != documents || lengths.len() != documents {
            return Err((
                "starts",
                format!("has {} and {} entries, the header {documents}", starts.len(), lengths.len()),
            ));
        }
        if lengths.iter().map(|l| u64::from(*l)).sum::<u64>() != tokens as u64 {
            return Err(("lengths", format!("do not add up to {tokens} tokens")));
        }
        let size = self.bytes.len() as u64;
        let inside = |(s, l): (&u64, &u32)| {
            s.is_multiple_of(layout.align as u64)
                && s.checked_add(layout.record(*l as usize) as u64).is_some_and(|e| e <= size)
        };
        if let Some(d) = starts.iter().zip(lengths).position(|p| !inside(p)) {
            return Err(("starts", format!("document {d} is outside the tokens")));
        }
        if VectorsRef::new(self.file.get(self.centroids), layout.dim).is_err() {
            return Err(("centroids", format!("are not rows of {} values", layout.dim)));
        }
        Ok(())
    }

    /// Whether every centroid that is named exists.
    fn records_fit(&self) -> Result<(), String> {
        let known = self.centroids().rows() as u32;
        match (0..self.len()).find(|d| self.parts(*d).ids.iter().any(|id| *id >= known)) {
            Some(d) => Err(format!("document {d} names a centroid beyond the {known}")),
            None => Ok(()),
        }
    }

    /// Opens a saved store, mapped, and checks every byte of it.
    ///
    /// # Errors
    /// [`StoreError::File`] when it is missing, foreign, cut or corrupted; the corrupted block is named.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::of(Arc::new(IndexFile::open(path, KIND, VERSION, Verify::All)?), None)
    }

    /// Writes it to a file: all or nothing, synced.
    ///
    /// # Errors
    /// When the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), StoreError> {
        Ok(self.file.save(path)?)
    }

    /// The whole file, to be a section of another.
    pub(in crate::multivector) fn as_bytes(&self) -> &[u8] {
        self.file.as_bytes()
    }

    /// Opens a store that is a section of another file.
    pub(in crate::multivector) fn nested(outer: &Arc<IndexFile>, region: Region<u8>) -> Result<Self, StoreError> {
        Self::of(Arc::new(IndexFile::nested(Arc::clone(outer), region, KIND, VERSION)?), None)
    }

    /// How many documents.
    #[must_use]
    pub fn len(&self) -> usize {
        self.described.documents
    }

    /// Whether there is no document.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many tokens all documents have.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.described.tokens
    }

    /// How many tokens document `d` has.
    #[must_use]
    pub fn length(&self, d: usize) -> usize {
        self.file.get(self.lengths)[d] as usize
    }

    /// Values a token has.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.described.layout.dim
    }

    /// How tokens are stored.
    #[must_use]
    pub fn codec(&self) -> TokenCodec {
        self.described.layout.codec
    }

    /// Bytes of its file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.file.size()
    }

    /// Bytes of the records.
    #[must_use]
    pub fn record_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(in crate::multivector) fn layout(&self) -> &Layout {
        &self.described.layout
    }

    /// Where the records start in the file.
    pub(in crate::multivector) fn first_byte(&self) -> u64 {
        self.bytes.start() as u64
    }

    /// Where each record starts after that, and how many tokens it has.
    pub(in crate::multivector) fn places(&self) -> (&[u64], &[u32]) {
        (self.file.get(self.starts), self.file.get(self.lengths))
    }

    /// The centroids of residual codes; no rows for the other forms.
    pub(in crate::multivector) fn centroids(&self) -> VectorsRef<'_> {
        VectorsRef::new(self.file.get(self.centroids), self.dim())
            .unwrap_or_else(|_| unreachable!("compared when it was opened"))
    }

    /// Copies its sections into a file of another kind; returns what [`TokenStore::of`] needs to read them there.
    pub(in crate::multivector) fn copy_to(&self, file: &mut FileWriter) -> serde_json::Value {
        file.section_at("tokens", self.file.get(self.bytes), self.layout().align);
        file.section("starts", self.file.get(self.starts));
        file.section("lengths", self.file.get(self.lengths));
        file.section("centroids", self.file.get(self.centroids));
        serde_json::json!(self.described)
    }

    /// The record of document `d`.
    pub(in crate::multivector) fn record(&self, d: usize) -> &[u8] {
        let (starts, lengths) = self.places();
        let start = starts[d] as usize;
        &self.file.get(self.bytes)[start..start + self.described.layout.record(lengths[d] as usize)]
    }

    pub(in crate::multivector) fn parts(&self, d: usize) -> super::Record<'_> {
        self.described.layout.parts(self.record(d), self.length(d))
    }

    /// The tokens of document `d` as f32: what is left of them in the stored form.
    #[must_use]
    pub fn decode(&self, d: usize) -> Vectors {
        let (layout, record) = (self.layout(), self.parts(d));
        let mut out = Vectors::zeros(self.length(d), self.dim());
        let mut unpacked = vec![0; layout.form().stride(layout.dim)];
        for (i, codes) in record.codes.chunks_exact(layout.row().max(1)).enumerate() {
            let row = out.row_mut(i);
            let two = |k: usize| [codes[2 * k], codes[2 * k + 1]];
            match layout.codec {
                TokenCodec::F32 => row.copy_from_slice(&bytemuck::pod_collect_to_vec(codes)),
                TokenCodec::F16 => {
                    row.iter_mut().enumerate().for_each(|(k, v)| *v = half::f16::from_le_bytes(two(k)).to_f32());
                }
                TokenCodec::Bf16 => {
                    row.iter_mut().enumerate().for_each(|(k, v)| *v = half::bf16::from_le_bytes(two(k)).to_f32());
                }
                TokenCodec::Int8 => {
                    row.iter_mut().zip(codes).for_each(|(v, c)| *v = (f32::from(*c) - 128.0) * record.scales[i]);
                }
                TokenCodec::Residual { bits } => {
                    residual::unpack(codes, bits, &mut unpacked);
                    row.copy_from_slice(self.centroids().row(record.ids[i] as usize));
                    row.iter_mut().zip(&unpacked).for_each(|(v, c)| *v += (f32::from(*c) - 128.0) * record.scales[i]);
                }
            }
        }
        out
    }
}
