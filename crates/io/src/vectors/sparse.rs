//! Weighted sparse vectors in files.
//!
//! | form | what |
//! |---|---|
//! | `.npz` | a CSR matrix as `scipy.sparse.save_npz` writes it: `data`, `indices`, `indptr`, `shape` |
//! | `.jsonl` (`.gz`, `.zst`) | a line an item: `{"indices": [3, 17], "values": [0.5, 1.25]}` |

use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use vectory_core::repr::SparseSet;

use super::arrays::{self, Archive};
use super::error::form;
use super::{Element, VectorError, multi};
use crate::stream::{self, Compression, Lines, Output};

/// The longest line of a `.jsonl` file.
const LINE: usize = 64 << 20;

#[derive(Serialize, Deserialize)]
struct Line {
    indices: Vec<u32>,
    values: Vec<f32>,
}

/// Whether a file looks like sparse vectors: by its name, an archive by its arrays.
#[must_use]
pub fn is_sparse(path: &Path) -> bool {
    match kind(path) {
        Some(Kind::Jsonl) => true,
        Some(Kind::Npz) => Archive::open(path).and_then(|mut a| a.find(path, "indptr")).is_ok_and(|p| p.is_some()),
        None => false,
    }
}

enum Kind {
    Npz,
    Jsonl,
}

fn kind(path: &Path) -> Option<Kind> {
    let name = Compression::of(path).1;
    match name.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "npz" => Some(Kind::Npz),
        "jsonl" | "ndjson" => Some(Kind::Jsonl),
        _ => None,
    }
}

/// Reads all items. Dimensions may stand in any order; one that comes twice counts with the sum of its weights.
///
/// # Errors
/// [`VectorError`] naming the file, the line or array, and what would be right.
pub fn read(path: &Path) -> Result<SparseSet, VectorError> {
    match kind(path) {
        Some(Kind::Npz) => read_csr(path),
        Some(Kind::Jsonl) => read_lines(path),
        None => Err(form(path, "form", "holds no sparse vectors; give .npz (CSR) or .jsonl")),
    }
}

fn read_csr(path: &Path) -> Result<SparseSet, VectorError> {
    let mut archive = Archive::open(path)?;
    let shape = archive.get(path, "shape")?.whole(path, "shape", 1 << 53)?;
    let [rows, width] = shape[..] else { return Err(form(path, "`shape`", "expected two numbers: rows and columns")) };
    let data = archive.get(path, "data")?.values;
    let indices =
        archive.get(path, "indices")?.whole(path, "indices", width.saturating_sub(1).min(u64::from(u32::MAX) - 1))?;
    let places = archive.get(path, "indptr")?.whole(path, "indptr", data.len() as u64)?;
    if data.len() != indices.len() {
        return Err(form(path, "`indices`", format!("{} of them for {} values", indices.len(), data.len())));
    }
    if places.len() as u64 != rows + 1 || places.first() != Some(&0) || places.last() != Some(&(data.len() as u64)) {
        let why =
            format!("expected {rows} + 1 places from 0 to {} (is it a CSR matrix? convert with .tocsr())", data.len());
        return Err(form(path, "`indptr`", why));
    }
    let (mut set, mut entries) = (SparseSet::new(), Vec::new());
    for (row, ends) in places.windows(2).enumerate() {
        if ends[0] > ends[1] {
            return Err(form(path, format!("`indptr`, place {row}"), "must not fall"));
        }
        let range = ends[0] as usize..ends[1] as usize;
        entries.extend(indices[range.clone()].iter().zip(&data[range]).map(|(d, w)| (*d as u32, *w as f32)));
        finite(path, row, &entries)?;
        set.push(&mut entries);
    }
    Ok(set)
}

fn read_lines(path: &Path) -> Result<SparseSet, VectorError> {
    let mut lines = Lines::new(stream::open(path, None)?, LINE);
    let (mut set, mut entries) = (SparseSet::new(), Vec::new());
    while let Some(line) = lines.next_line()? {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let parsed: Result<Line, _> = serde_json::from_slice(line);
        let bad = |why: String| form(path, format!("line {}", lines.line()), why);
        let item =
            parsed.map_err(|e| bad(format!("{e}; expected {{\"indices\": [3, 17], \"values\": [0.5, 1.25]}}")))?;
        if item.indices.len() != item.values.len() {
            return Err(bad(format!("{} indices for {} values", item.indices.len(), item.values.len())));
        }
        entries.extend(item.indices.into_iter().zip(item.values));
        finite(path, set.len(), &entries)?;
        set.push(&mut entries);
    }
    Ok(set)
}

fn finite(path: &Path, row: usize, entries: &[(u32, f32)]) -> Result<(), VectorError> {
    match entries.iter().find(|e| !e.1.is_finite() || e.0 == u32::MAX) {
        None => Ok(()),
        Some((dim, w)) => Err(form(
            path,
            format!("item {row}"),
            format!("dimension {dim} has weight {w}, expected finite weights and dimensions below {}", u32::MAX),
        )),
    }
}

/// Writes all items in the form that the name tells.
///
/// # Errors
/// [`VectorError`] when the form cannot be told or nothing can be written there.
pub fn write(path: &Path, set: &SparseSet) -> Result<(), VectorError> {
    match kind(path) {
        Some(Kind::Npz) => write_csr(path, set),
        Some(Kind::Jsonl) => {
            let mut out = Output::create(path)?;
            for item in set.iter() {
                let line = Line { indices: item.dims.to_vec(), values: item.weights.to_vec() };
                serde_json::to_writer(&mut out, &line).map_err(std::io::Error::from)?;
                out.write_all(b"\n")?;
            }
            Ok(out.commit()?)
        }
        None => Err(form(path, "form", "holds no sparse vectors; name it .npz (CSR) or .jsonl")),
    }
}

fn write_csr(path: &Path, set: &SparseSet) -> Result<(), VectorError> {
    let (mut dims, mut weights, mut places) = (Vec::new(), Vec::new(), vec![0u64]);
    for item in set.iter() {
        dims.extend_from_slice(item.dims);
        weights.extend_from_slice(item.weights);
        places.push(dims.len() as u64);
    }
    let shape = [set.len() as u64, u64::from(set.width())];
    let le8 = |v: &u64| v.to_le_bytes();
    let parts = [
        ("data", arrays::column(Element::F32, weights.iter().map(|v| v.to_le_bytes()))),
        ("indices", arrays::column(Element::I64, dims.iter().map(|v| i64::from(*v).to_le_bytes()))),
        ("indptr", arrays::column(Element::I64, places.iter().map(le8))),
        ("shape", arrays::column(Element::I64, shape.iter().map(le8))),
        ("format", csr_name()),
    ];
    let parts: Vec<(&str, [&[u8]; 1])> = parts.iter().map(|(n, b)| (*n, [&b[..]])).collect();
    let parts: Vec<(&str, &[&[u8]])> = parts.iter().map(|(n, b)| (*n, &b[..])).collect();
    multi::archive(path, &parts)
}

/// The array that tells scipy what it reads: the bytes `csr`, of no dimension.
fn csr_name() -> Vec<u8> {
    let mut text = "{'descr': '|S3', 'fortran_order': False, 'shape': (), }".to_owned();
    while !(text.len() + 11).is_multiple_of(64) {
        text.push(' ');
    }
    text.push('\n');
    [b"\x93NUMPY\x01\x00", &(text.len() as u16).to_le_bytes()[..], text.as_bytes(), b"csr"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> SparseSet {
        let mut set = SparseSet::new();
        set.push(&mut vec![(17, 1.25), (3, 0.5)]);
        set.push(&mut Vec::new());
        set.push(&mut vec![(70_000, -2.0)]);
        set
    }

    #[test]
    fn written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.npz", "a.jsonl", "a.jsonl.zst"] {
            let path = dir.path().join(name);
            write(&path, &sample()).unwrap();
            assert!(is_sparse(&path), "{name}");
            assert_eq!(read(&path).unwrap(), sample(), "{name}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.jsonl");
        for (text, want) in [
            ("{\"indices\": [1], \"values\": [1, 2]}", "line 1: 1 indices for 2 values"),
            ("\n{\"indices\": [-1], \"values\": [1]}", "line 2"),
            ("{\"indices\": [4294967295], \"values\": [1]}", "below 4294967295"),
            ("{\"indices\": [1], \"values\": [1e39]}", "line 1: number out of range"),
            ("[]", "expected {\"indices\""),
        ] {
            fs_err::write(&path, text).unwrap();
            let message = read(&path).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(message.contains(want), "{text}: {message}");
        }
        let npz = dir.path().join("b.npz");
        let part = |v: &[u64]| arrays::column(Element::U64, v.iter().map(|v| v.to_le_bytes()));
        for (indices, places, want) in [
            (vec![0, 9], vec![0, 1, 2], "`indices`, place 1"),
            (vec![0, 1], vec![0, 2, 1], "`indptr`"),
            (vec![0, 1], vec![0, 1], "2 + 1 places"),
            (vec![0], vec![0, 1, 2], "1 of them for 2 values"),
        ] {
            let (data, i, p, s) = (part(&[1, 1]), part(&indices), part(&places), part(&[2, 5]));
            multi::archive(&npz, &[("data", &[&data]), ("indices", &[&i]), ("indptr", &[&p]), ("shape", &[&s])])
                .unwrap();
            let message = read(&npz).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(message.contains(want), "{message}");
        }
    }
}
