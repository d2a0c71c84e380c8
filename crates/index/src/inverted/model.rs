//! The finished index: what is in it, and where.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::dictionary::Dictionary;
use super::pack::BLOCK;
use super::postings::{Postings, TermEntry};
use super::resident::{Prepared, SHORTEST};
use super::weight::{Values, Weighting};
use super::window::Scratch;
use crate::file::{FileError, IndexFile, Region, Verify};
use crate::kept::Kept;

/// The kind of its files.
pub(super) const KIND: &str = "inverted";
/// The version of its form.
pub(super) const VERSION: u32 = 1;

/// What the header of the file says.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Described {
    pub weighting: Weighting,
    pub documents: u32,
    pub rows: u32,
    pub total_length: u64,
}

impl Described {
    pub fn average_length(&self) -> f64 {
        if self.documents == 0 { 0.0 } else { self.total_length as f64 / f64::from(self.documents) }
    }

    /// The norm of each document where the average length is `average`; empty where lengths do not matter.
    pub fn norms(&self, lengths: &[u32], average: f64) -> Vec<f32> {
        match self.weighting {
            Weighting::Bm25(p) => lengths.iter().map(|l| p.norm(*l, average)).collect(),
            Weighting::Impacts(_) => Vec::new(),
        }
    }
}

/// An inverted index, in memory after [`InvertedBuilder::finish`](super::InvertedBuilder::finish), mapped after
/// [`InvertedIndex::open`]. Searches may run on many threads at once.
pub struct InvertedIndex {
    pub(super) file: IndexFile,
    dictionary: Dictionary,
    terms: Region<TermEntry>,
    postings: Region<u32>,
    lengths: Region<u32>,
    pub(super) described: Described,
    prepared: RwLock<Option<Arc<Prepared>>>,
    pub(super) scratch: Kept<Scratch>,
}

impl InvertedIndex {
    pub(super) fn of(file: IndexFile) -> Result<Self, FileError> {
        let described: Described = serde_json::from_value(file.params().clone())
            .map_err(|e| FileError::section(file.path(), "header", e.to_string()))?;
        let index = Self {
            dictionary: Dictionary::open(&file)?,
            terms: file.region("terms")?,
            postings: file.region("postings")?,
            lengths: file.region("lengths")?,
            described,
            prepared: RwLock::new(None),
            scratch: Kept::default(),
            file,
        };
        let bad = |section: &str, why: String| Err(FileError::section(index.file.path(), section, why));
        if index.terms.len() != index.dictionary.len() {
            return bad("terms", format!("has {} terms, the dictionary {}", index.terms.len(), index.dictionary.len()));
        }
        if index.lengths.len() != described.rows as usize {
            return bad("lengths", format!("has {} documents, the header {}", index.lengths.len(), described.rows));
        }
        Ok(index)
    }

    /// Opens a saved index, mapped, and checks every byte of it.
    ///
    /// # Errors
    /// [`FileError`] when it is missing, foreign, cut or corrupted; the corrupted block is named.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        Self::open_with(path, Verify::All)
    }

    /// Opens a saved index, mapped. With [`Verify::Header`] the blocks are not read; call [`InvertedIndex::verify`] later.
    ///
    /// # Errors
    /// As [`InvertedIndex::open`].
    pub fn open_with(path: &Path, verify: Verify) -> Result<Self, FileError> {
        Self::of(IndexFile::open(path, KIND, VERSION, verify)?)
    }

    /// Checks every block of an opened file.
    ///
    /// # Errors
    /// [`FileError::Checksum`] names the first corrupted block.
    pub fn verify(&self) -> Result<(), FileError> {
        self.file.verify()
    }

    /// Writes it to a file: all or nothing, synced.
    ///
    /// # Errors
    /// When the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        self.file.save(path)
    }

    /// As [`IndexFile::write`]: without syncing.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        self.file.write(path)
    }

    /// How the stored numbers are weighed.
    #[must_use]
    pub fn weighting(&self) -> Weighting {
        self.described.weighting
    }

    /// How many documents it holds.
    #[must_use]
    pub fn documents(&self) -> u32 {
        self.described.documents
    }

    /// The largest document number plus one.
    #[must_use]
    pub fn rows(&self) -> u32 {
        self.described.rows
    }

    /// How many distinct terms it holds.
    #[must_use]
    pub fn term_count(&self) -> usize {
        self.terms.len()
    }

    /// How many terms its documents have together, repetitions counted.
    #[must_use]
    pub fn total_length(&self) -> u64 {
        self.described.total_length
    }

    /// How many terms a document has on average.
    #[must_use]
    pub fn average_length(&self) -> f64 {
        self.described.average_length()
    }

    /// How many terms a document has; 0 for one that is not here.
    #[must_use]
    pub fn length(&self, doc: u32) -> u32 {
        self.file.get(self.lengths).get(doc as usize).copied().unwrap_or(0)
    }

    /// Bytes of its file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.file.size()
    }

    /// In how many documents a term is.
    #[must_use]
    pub fn doc_freq(&self, term: &str) -> u32 {
        self.find(term).map_or(0, |(_, list)| list.df())
    }

    /// The text of term `id` (0..[`term_count`](Self::term_count), by falling document frequency).
    #[must_use]
    pub fn term(&self, id: u32) -> Option<&str> {
        self.dictionary.on(&self.file).term(id)
    }

    /// Calls `visit` with (document, weight) for every document of a term, ascending: term frequencies under BM25.
    pub fn for_each_posting(&self, term: &str, mut visit: impl FnMut(u32, f32)) {
        let Some((_, list)) = self.find(term) else { return };
        let (mut docs, mut stored) = ([0; BLOCK], [0; BLOCK]);
        let values = match self.described.weighting {
            Weighting::Bm25(_) => Values::Linear { step: 1.0 },
            Weighting::Impacts(_) => self.described.weighting.values(&[], list.max()),
        };
        for i in 0..list.blocks() {
            let block = list.block(i);
            block.docs(&mut docs[..block.len]);
            block.stored(&mut stored[..block.len]);
            for (&doc, &number) in docs.iter().zip(&stored).take(block.len) {
                visit(doc, values.value(doc, number));
            }
        }
    }

    /// The number and the postings of a term.
    #[inline]
    pub(super) fn find(&self, term: &str) -> Option<(u32, Postings<'_>)> {
        let id = self.dictionary.on(&self.file).get(term)?;
        let entry = self.file.get(self.terms).get(id as usize)?;
        Some((id, Postings::new(self.file.get(self.postings), *entry)))
    }

    /// What depends on the average length; computed when it changes.
    pub(super) fn prepared(&self, average: f64) -> Arc<Prepared> {
        let known = self.prepared.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(p) = known.as_ref().filter(|p| p.average.to_bits() == average.to_bits()) {
            return Arc::clone(p);
        }
        drop(known);
        let norms = self.described.norms(self.file.get(self.lengths), average);
        let new =
            Arc::new(Prepared::new(average, norms, self.file.get(self.terms).partition_point(|t| t.df >= SHORTEST)));
        *self.prepared.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&new));
        new
    }
}
