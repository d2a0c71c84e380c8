//! Ragged sets of token vectors (late interaction): the rows of all items one after another, and how many each item has.
//!
//! | form | rows | lengths |
//! |---|---|---|
//! | `X.npz` | array `tokens` | array `lengths` |
//! | `X.npy` | the file | `X.lengths.npy` beside it |
//! | `X.safetensors` | tensor `tokens` | tensor `lengths` |

use std::io::Write;
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use vectory_core::repr::{Multi, MultiRef};

use super::arrays::{self, Archive, Array};
use super::error::form;
use super::{Element, Format, NonFinite, ReadOptions, VectorError, WriteOptions, mapped, read_all_with, write_all};
use crate::stream::Output;

/// Whether a file looks like a ragged set rather than plain rows: it says how many rows each item has.
#[must_use]
pub fn is_multi(path: &Path) -> bool {
    match Format::of_target(path) {
        Ok(Format::Npz) => Archive::open(path).and_then(|mut a| a.find(path, "lengths")).is_ok_and(|l| l.is_some()),
        Ok(Format::Npy) => lengths_path(path).exists(),
        Ok(Format::Safetensors) => lengths_tensor(path).is_ok(),
        _ => false,
    }
}

/// Reads a ragged set. Rows that are not finite are refused.
///
/// # Errors
/// [`VectorError`] naming the file and what is wrong: no lengths, lengths that are not all of the rows, a value that is not
/// finite.
pub fn read(path: &Path) -> Result<Multi, VectorError> {
    let (array, lengths) = match Format::of_target(path)? {
        Format::Npz => (Some("tokens".to_owned()), Archive::open(path)?.get(path, "lengths")?),
        Format::Npy => {
            let beside = lengths_path(path);
            if !beside.exists() {
                let why =
                    format!("token vectors need their lengths in {}: how many rows each item has", beside.display());
                return Err(form(path, "lengths", why));
            }
            (None, arrays::of_npy(&beside)?)
        }
        Format::Safetensors => (Some("tokens".to_owned()), lengths_tensor(path)?),
        other => {
            let why =
                format!("{} holds no token vectors; give .npz, .npy with .lengths.npy, or .safetensors", other.name());
            return Err(form(path, "form", why));
        }
    };
    let options = ReadOptions { array, non_finite: NonFinite::Refuse, ..ReadOptions::default() };
    let rows = read_all_with(path, &options)?.rows;
    let lengths: Vec<u32> =
        lengths.whole(path, "lengths", u64::from(u32::MAX))?.into_iter().map(|l| l as u32).collect();
    let total: u64 = lengths.iter().map(|l| u64::from(*l)).sum();
    let count = rows.rows();
    Multi::new(&lengths, rows)
        .ok_or_else(|| form(path, "lengths", format!("they add up to {total} rows, there are {count}")))
}

/// Writes a ragged set as `.npz` or as `.npy` with `.lengths.npy` beside it.
///
/// # Errors
/// [`VectorError`] when the form cannot be told or nothing can be written there.
pub fn write(path: &Path, multi: MultiRef<'_>) -> Result<(), VectorError> {
    let lengths = multi.offsets.windows(2).map(|w| (w[1] - w[0]).to_le_bytes());
    let lengths = arrays::column(Element::U64, lengths);
    match Format::of_target(path)? {
        Format::Npy => {
            write_all(path, multi.rows, None, &WriteOptions::default())?;
            let mut out = Output::create(&lengths_path(path))?;
            out.write_all(&lengths)?;
            Ok(out.commit()?)
        }
        Format::Npz => {
            let head = super::npy::header(multi.rows.rows() as u64, multi.rows.dim(), Element::F32);
            let rows: Vec<u8> = bytemuck::cast_slice(multi.rows.as_slice()).to_vec();
            archive(path, &[("tokens", &[&head, &rows]), ("lengths", &[&lengths])])
        }
        other => Err(form(path, "form", format!("{} holds no token vectors; name it .npz or .npy", other.name()))),
    }
}

/// An archive of arrays, stored; each given in parts.
pub(super) fn archive(path: &Path, arrays: &[(&str, &[&[u8]])]) -> Result<(), VectorError> {
    let bad = |e: zip::result::ZipError| form(path, "archive", e.to_string());
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored).large_file(true);
    let mut zip = zip::ZipWriter::new(Output::create_patched(path)?);
    for (name, parts) in arrays {
        zip.start_file(format!("{name}.npy"), options).map_err(bad)?;
        for part in *parts {
            zip.write_all(part)?;
        }
    }
    Ok(zip.finish().map_err(bad)?.commit()?)
}

fn lengths_path(path: &Path) -> PathBuf {
    path.with_extension("lengths.npy")
}

fn lengths_tensor(path: &Path) -> Result<Array, VectorError> {
    let map = mapped::map(path)?;
    let bad = |e: safetensors::SafeTensorError| form(path, "tensor `lengths`", e.to_string());
    let file = SafeTensors::deserialize(&map).map_err(bad)?;
    let tensor = file.tensor("lengths").map_err(bad)?;
    let element = super::safetensors::element(tensor.dtype())
        .ok_or_else(|| form(path, "tensor `lengths`", "is not of real numbers"))?;
    Ok(Array { values: arrays::numbers(element, tensor.data(), path)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vectory_core::Vectors;

    fn sample() -> Multi {
        Multi::new(&[2, 0, 1], Vectors::from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2).unwrap()).unwrap()
    }

    #[test]
    fn written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.npz", "a.npy"] {
            let path = dir.path().join(name);
            write(&path, sample().view()).unwrap();
            assert!(is_multi(&path));
            let back = read(&path).unwrap();
            assert_eq!((back.lengths(), back.rows().as_slice()), (sample().lengths(), sample().rows().as_slice()));
        }
    }

    #[test]
    fn tensors_are_read() {
        use safetensors::tensor::{Dtype, TensorView};
        let (rows, lengths) = ([1.0f32, 2.0, 3.0, 4.0], [1i64, 1]);
        let tokens = TensorView::new(Dtype::F32, vec![2, 2], bytemuck::cast_slice(&rows)).unwrap();
        let counts = TensorView::new(Dtype::I64, vec![2], bytemuck::cast_slice(&lengths)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        fs_err::write(&path, safetensors::serialize([("tokens", tokens), ("lengths", counts)], None).unwrap()).unwrap();
        assert!(is_multi(&path));
        assert_eq!(read(&path).unwrap().view().item(1).row(0), [3.0, 4.0]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.npy");
        write(&path, sample().view()).unwrap();
        let say = |p: &Path| read(p).err().unwrap().to_string();
        let lengths = |v: &[f32]| {
            let bytes = arrays::column(Element::F32, v.iter().map(|v| v.to_le_bytes()));
            fs_err::write(lengths_path(&path), bytes).unwrap();
        };
        lengths(&[2.0, 2.0]);
        assert!(say(&path).contains("add up to 4 rows, there are 3"));
        lengths(&[2.5]);
        assert!(say(&path).contains("place 0") && say(&path).contains("2.5"));
        fs_err::remove_file(lengths_path(&path)).unwrap();
        assert!(!is_multi(&path) && say(&path).contains("a.lengths.npy"));
        assert!(say(&dir.path().join("a.fvecs")).contains("no token vectors"));
    }
}
