//! Dense rows to a safetensors file, streamed: no more than one row is held in memory.

use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::StoreError;

/// The name of the tensor.
pub(crate) const TENSOR: &str = "rows";
/// The artifact's kind.
pub(crate) const KIND: &str = "rows";

/// Bytes for the header: enough for its few keys, and a multiple of 64, so that rows start aligned.
const HEAD: usize = 512 - 8;

/// Writes rows one after the other.
pub(crate) struct RowsWriter {
    file: BufWriter<fs_err::File>,
    path: PathBuf,
    dim: usize,
    rows: usize,
}

impl RowsWriter {
    pub fn create(path: &Path, dim: usize) -> Result<Self, StoreError> {
        let mut file = BufWriter::with_capacity(1 << 20, fs_err::File::create(path)?);
        file.write_all(&[0; HEAD + 8])?;
        Ok(Self { file, path: path.to_owned(), dim, rows: 0 })
    }

    pub fn push(&mut self, row: &[f32]) -> Result<(), StoreError> {
        if row.len() != self.dim {
            let why = format!("was given a row of {} values, expected {}", row.len(), self.dim);
            return Err(StoreError::damaged(&self.path, why));
        }
        self.file.write_all(bytemuck::cast_slice(row))?;
        self.rows += 1;
        Ok(())
    }

    /// Writes the header, now that the number of rows is known.
    pub fn finish(mut self) -> Result<usize, StoreError> {
        self.file.flush()?;
        let header = self.header();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&(HEAD as u64).to_le_bytes())?;
        self.file.write_all(header.as_bytes())?;
        self.file.flush()?;
        Ok(self.rows)
    }

    fn header(&self) -> String {
        let end = self.rows * self.dim * 4;
        let json = serde_json::json!({
            "__metadata__": {
                "vectory.kind": KIND,
                "vectory.version": "1",
                "vectory.params": "null",
                "vectory.provenance": "null",
            },
            TENSOR: {"dtype": "F32", "shape": [self.rows, self.dim], "data_offsets": [0, end]},
        });
        format!("{:<HEAD$}", json.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vectory_core::artifact::Artifact;

    #[test]
    fn streamed_rows_are_an_artifact_that_maps() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.safetensors");
        let mut out = RowsWriter::create(&path, 3).unwrap();
        for i in 0..5 {
            out.push(&[i as f32, 0.5, -1.0]).unwrap();
        }
        assert!(out.push(&[1.0]).is_err());
        assert_eq!(out.finish().unwrap(), 5);
        let rows = Artifact::open_kind(&path, KIND, 1).unwrap().rows(TENSOR).unwrap();
        assert!(rows.is_mapped());
        assert_eq!((rows.rows(), rows.dim(), rows.row(4)), (5, 3, &[4.0, 0.5, -1.0][..]));
        assert_eq!(rows.as_slice().as_ptr() as usize % 64, 0);
    }

    #[test]
    fn no_rows_are_a_file_too() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.safetensors");
        RowsWriter::create(&path, 4).unwrap().finish().unwrap();
        assert_eq!(Artifact::open(&path).unwrap().rows(TENSOR).unwrap().rows(), 0);
    }
}
