//! Result lists and ground truth: rows of i32 ids in `.ivecs`, exact where vectors of f32 would not be.

use std::io::{BufRead, Write};
use std::path::Path;

use super::VectorError;
use super::error::{fill, form};
use crate::stream::{self, Output};

/// `rows × k` ids, row-major; -1 stands for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// The ids.
    pub ids: Vec<i32>,
    /// How many a row has.
    pub k: usize,
}

impl Ids {
    /// The ids of row `i`.
    #[must_use]
    pub fn row(&self, i: usize) -> &[i32] {
        &self.ids[i * self.k..(i + 1) * self.k]
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.ids.len().checked_div(self.k).unwrap_or(0)
    }
}

/// Reads an `.ivecs` file (also `.gz`, `.zst`) whole.
///
/// # Errors
/// [`VectorError`] naming the row that is cut or has another length than the first.
pub fn read_ids(path: &Path) -> Result<Ids, VectorError> {
    let mut input = stream::open(path, None)?;
    let (mut out, mut row) = (Ids::default(), 0u64);
    let mut raw = Vec::new();
    while !input.fill_buf()?.is_empty() {
        let (mut length, place) = ([0; 4], || format!("row {row}"));
        fill(&mut input, &mut length, path, place, "the file ends within the row's length")?;
        let n = i32::from_le_bytes(length);
        let k = usize::try_from(n).ok().filter(|k| *k > 0 && *k <= super::MAX_DIM);
        let k = k.ok_or_else(|| form(path, place(), format!("a length of {n}, expected 1 to {}", super::MAX_DIM)))?;
        if row > 0 && k != out.k {
            return Err(form(path, place(), format!("{k} ids, expected {} as in row 0", out.k)));
        }
        raw.resize(k * 4, 0);
        fill(&mut input, &mut raw, path, place, "the file ends within the row")?;
        out.ids.extend(raw.as_chunks::<4>().0.iter().map(|b| i32::from_le_bytes(*b)));
        out.k = k;
        row += 1;
    }
    Ok(out)
}

/// Writes rows of ids as `.ivecs`, each filled up with -1 to `k`, which the form needs. The file is replaced in one step.
///
/// # Errors
/// [`VectorError`] when a row has more than `k` ids, an id does not fit i32, or the file cannot be written.
pub fn write_ids<'a>(path: &Path, rows: impl IntoIterator<Item = &'a [u32]>, k: usize) -> Result<(), VectorError> {
    let mut out = Output::create(path)?;
    let mut raw = Vec::new();
    for (i, row) in rows.into_iter().enumerate() {
        let bad = |why: String| form(path, format!("row {i}"), why);
        if row.len() > k {
            return Err(bad(format!("{} ids, expected at most {k}", row.len())));
        }
        raw.clear();
        raw.extend_from_slice(&(k as i32).to_le_bytes());
        for id in row {
            let id = i32::try_from(*id).map_err(|_| bad(format!("the id {id} does not fit this form")))?;
            raw.extend_from_slice(&id.to_le_bytes());
        }
        raw.resize(4 + 4 * k, 0xff);
        out.write_all(&raw)?;
    }
    Ok(out.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_ids_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.ivecs");
        write_ids(&path, [&[7u32, 20_000_001][..], &[3]], 2).unwrap();
        let ids = read_ids(&path).unwrap();
        assert_eq!((ids.rows(), ids.row(0), ids.row(1)), (2, &[7, 20_000_001][..], &[3, -1][..]));
        assert!(write_ids(&path, [&[1u32, 2, 3][..]], 2).unwrap_err().to_string().contains("row 0: 3 ids"));
        assert_eq!(read_ids(&path).unwrap(), ids);
    }
}
