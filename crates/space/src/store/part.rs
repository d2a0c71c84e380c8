//! A part of a space: some passages with what each view made of them, in memory or mapped.

use vectory_index::file::{FileError, FileWriter, IndexFile, Region, Verify};
use vectory_index::inverted::InvertedIndex;

use super::segment::{IDS_KIND, IDS_VERSION};
use super::{DenseRows, Weights};

/// Passages in ascending order; what the views hold of passage `ids.passages()[r]` is row `r`.
pub(crate) struct Part {
    pub ids: Ids,
    /// In the recipe's order.
    pub views: Vec<PartView>,
}

/// What one view holds.
pub(crate) enum PartView {
    /// Postings.
    Sparse(InvertedIndex),
    /// Sparse vectors as they were given.
    Weights(Weights),
    /// Rows, and a graph over them where there are enough.
    Dense(DenseRows),
}

/// Which passage and which document each row is.
pub(crate) struct Ids {
    file: IndexFile,
    passages: Region<u32>,
    documents: Region<u32>,
}

impl Ids {
    pub fn new(passages: &[u32], documents: &[u32]) -> Result<Self, FileError> {
        let mut file = FileWriter::new(IDS_KIND, IDS_VERSION, serde_json::Value::Null);
        file.section("passages", passages).section("documents", documents);
        Self::of(file.finish()?)
    }

    pub fn open(path: &std::path::Path, verify: Verify) -> Result<Self, FileError> {
        Self::of(IndexFile::open(path, IDS_KIND, IDS_VERSION, verify)?)
    }

    fn of(file: IndexFile) -> Result<Self, FileError> {
        let (passages, documents) = (file.region("passages")?, file.region("documents")?);
        Ok(Self { file, passages, documents })
    }

    /// Writes it; who writes a segment syncs all its files together.
    pub fn write(&self, path: &std::path::Path) -> Result<(), FileError> {
        self.file.write(path)
    }

    /// Passage numbers, ascending.
    pub fn passages(&self) -> &[u32] {
        self.file.get(self.passages)
    }

    /// The document of each.
    pub fn documents(&self) -> &[u32] {
        self.file.get(self.documents)
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.passages.len()
    }

    /// The row of a passage, if it is here.
    pub fn row(&self, passage: u32) -> Option<u32> {
        let all = self.passages();
        let (first, last) = (*all.first()?, *all.last()?);
        if passage < first || passage > last {
            return None;
        }
        // Without gaps the row is known at once.
        let guess = (passage - first) as usize;
        if all.get(guess) == Some(&passage) {
            return Some(guess as u32);
        }
        all.binary_search(&passage).ok().map(|r| r as u32)
    }
}

impl Part {
    pub fn len(&self) -> usize {
        self.ids.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_with_and_without_gaps() {
        let ids = Ids::new(&[10, 11, 14, 20], &[1, 1, 2, 3]).unwrap();
        let rows: Vec<_> = [9, 10, 11, 12, 14, 20, 21].map(|p| ids.row(p)).into();
        assert_eq!(rows, [None, Some(0), Some(1), None, Some(2), Some(3), None]);
        assert_eq!(ids.documents(), [1, 1, 2, 3]);
        assert_eq!(Ids::new(&[], &[]).unwrap().row(0), None);
    }
}
