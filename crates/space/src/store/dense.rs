//! What a dense view holds of a part's items: none, one or several vectors each.

use std::ops::Range;
use std::path::Path;

use vectory_core::Vectors;
use vectory_index::file::{FileError, FileWriter, IndexFile, Region, Verify};
use vectory_index::graph::Graph;

use super::StoreError;

const KIND: &str = "row-starts";
const VERSION: u32 = 1;

/// The vectors of a part, end to end; a graph over them where there are enough.
pub(crate) struct DenseRows {
    pub rows: Vectors,
    /// Where each item's vectors begin; `None`: every item has exactly one.
    pub starts: Option<Starts>,
    pub graph: Option<Graph>,
}

impl DenseRows {
    /// The numbers of an item's vectors.
    pub fn range(&self, item: u32) -> Range<usize> {
        match &self.starts {
            None => item as usize..item as usize + 1,
            Some(s) => s.all()[item as usize] as usize..s.all()[item as usize + 1] as usize,
        }
    }

    /// An item's vectors, end to end; empty when it has none.
    pub fn of(&self, item: u32) -> &[f32] {
        let range = self.range(item);
        &self.rows.as_slice()[range.start * self.rows.dim()..range.end * self.rows.dim()]
    }

    /// An item's vector, or its first.
    pub fn first(&self, item: u32) -> Option<&[f32]> {
        let range = self.range(item);
        (!range.is_empty()).then(|| self.rows.row(range.start))
    }

    /// The item of a vector.
    pub fn item_of(&self, vector: u32) -> u32 {
        match &self.starts {
            None => vector,
            // The last item that begins at or before it.
            Some(s) => (s.all().partition_point(|start| *start <= vector) - 1) as u32,
        }
    }
}

/// Where each item's vectors begin, and the end of the last.
pub(crate) struct Starts {
    file: IndexFile,
    starts: Region<u32>,
}

impl Starts {
    /// From the starts and the end; `None` when every item has exactly one vector.
    pub fn new(starts: &[u32]) -> Result<Option<Self>, FileError> {
        if starts.iter().enumerate().all(|(i, s)| *s as usize == i) {
            return Ok(None);
        }
        let mut file = FileWriter::new(KIND, VERSION, serde_json::Value::Null);
        file.section("starts", starts);
        Self::of(file.finish()?).map(Some)
    }

    pub fn open(path: &Path, items: usize) -> Result<Self, StoreError> {
        let opened = Self::of(IndexFile::open(path, KIND, VERSION, Verify::All)?)?;
        let all = opened.all();
        if all.len() != items + 1 || all[0] != 0 || !all.is_sorted() {
            return Err(StoreError::damaged(path, format!("does not give the vectors of {items} items")));
        }
        Ok(opened)
    }

    fn of(file: IndexFile) -> Result<Self, FileError> {
        let starts = file.region("starts")?;
        Ok(Self { file, starts })
    }

    /// Writes it; who writes a segment syncs all its files together.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        self.file.write(path)
    }

    /// How many vectors there are.
    pub fn vectors(&self) -> usize {
        self.all().last().map_or(0, |l| *l as usize)
    }

    fn all(&self) -> &[u32] {
        self.file.get(self.starts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_with_none_one_and_three_vectors() {
        let rows = Vectors::from_slice(&[1.0, 2.0, 3.0, 4.0], 1).unwrap();
        let starts = Starts::new(&[0, 0, 1, 4, 4]).unwrap();
        let dense = DenseRows { rows, starts, graph: None };
        assert_eq!(
            (dense.of(0), dense.of(1), dense.of(2), dense.of(3)),
            (&[][..], &[1.0][..], &[2.0, 3.0, 4.0][..], &[][..])
        );
        assert_eq!((dense.first(0), dense.first(2)), (None, Some(&[2.0][..])));
        assert_eq!((0..4).map(|v| dense.item_of(v)).collect::<Vec<_>>(), [1, 2, 2, 2]);
        assert!(Starts::new(&[0, 1, 2]).unwrap().is_none());
    }

    #[test]
    fn starts_that_do_not_fit_are_damage() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.starts");
        Starts::new(&[0, 0, 3]).unwrap().unwrap().write(&path).unwrap();
        assert_eq!(Starts::open(&path, 2).unwrap().vectors(), 3);
        assert!(Starts::open(&path, 3).is_err());
    }
}
