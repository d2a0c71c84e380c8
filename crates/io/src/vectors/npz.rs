//! `.npz`: a zip archive of `.npy` arrays, stored or deflated.

use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::read::DeflateDecoder;
use zip::CompressionMethod;

use super::error::form;
use super::fixed::FixedWriter;
use super::{Element, Names, RowReader, RowWriter, VectorError, Written, npy};
use crate::stream::{Compression, Input, Output};

/// Opens one array of an archive: the one named, else the only one there is.
pub fn open(path: &Path, array: Option<&str>) -> Result<Box<dyn RowReader>, VectorError> {
    if Compression::of(path).0 != Compression::None {
        return Err(form(path, "header", "a compressed archive cannot be read from; decompress it first"));
    }
    let mut archive = zip::ZipArchive::new(fs_err::File::open(path)?).map_err(|e| zip_error(path, &e))?;
    let names = archive
        .file_names()
        .map(|n| n.map(std::borrow::Cow::into_owned))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| zip_error(path, &e))?;
    let index = pick(&names, array).map_err(|why| form(path, "archive", why))?;
    let entry = archive.by_index_raw(index).map_err(|e| zip_error(path, &e))?;
    let part = Part {
        start: entry.data_start().ok_or_else(|| form(path, "archive", "an entry without a place"))?,
        packed: entry.compressed_size(),
        size: entry.size(),
        crc: entry.crc32(),
        deflated: match entry.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            other => {
                return Err(form(
                    path,
                    names[index].clone(),
                    format!("packed by {other:?}, expected stored or deflated"),
                ));
            }
        },
    };
    if entry.encrypted() {
        return Err(form(path, names[index].clone(), "is encrypted"));
    }
    drop(entry);
    let mut input = part.input(path)?;
    let header = npy::read_header(&mut input, path)?;
    npy::rows(input, path, header, Some(part.size))
}

fn pick(names: &[String], array: Option<&str>) -> Result<usize, String> {
    let bare = |n: &String| n.strip_suffix(".npy").unwrap_or(n).to_owned();
    let listed = || names.iter().map(|n| format!("`{}`", bare(n))).collect::<Vec<_>>().join(", ");
    let wanted = |want: &str| names.iter().position(|n| n == want || bare(n) == want);
    match array {
        Some(want) => wanted(want).ok_or_else(|| format!("there is no array `{want}`; there are {}", listed())),
        None if names.len() == 1 => Ok(0),
        None if names.is_empty() => Err("there is no array in it".into()),
        None => ["vectors", "embeddings"]
            .iter()
            .find_map(|n| wanted(n))
            .ok_or_else(|| format!("there are several arrays, name one: {}", listed())),
    }
}

/// An entry's place in the archive.
struct Part {
    start: u64,
    packed: u64,
    size: u64,
    crc: u32,
    deflated: bool,
}

impl Part {
    fn input(&self, path: &Path) -> Result<Input, VectorError> {
        let mut file = fs_err::File::open(path)?;
        file.seek(SeekFrom::Start(self.start))?;
        let raw = BufReader::with_capacity(1 << 18, file).take(self.packed);
        let inner: Box<dyn Read + Send> =
            if self.deflated { Box::new(DeflateDecoder::new(raw)) } else { Box::new(raw) };
        let checked = Checksum { inner, crc: flate2::Crc::new(), want: self.crc, size: self.size };
        Ok(Input::from_reader(path, Box::new(BufReader::with_capacity(1 << 18, checked))))
    }
}

/// Compares the checksum at the end.
struct Checksum {
    inner: Box<dyn Read + Send>,
    crc: flate2::Crc,
    want: u32,
    size: u64,
}

impl Read for Checksum {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(out)?;
        self.crc.update(&out[..n]);
        if n == 0 && !out.is_empty() && self.crc.amount() == self.size as u32 && self.crc.sum() != self.want {
            return Err(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "the array's checksum does not match its content",
            ));
        }
        Ok(n)
    }
}

fn zip_error(path: &Path, e: &zip::result::ZipError) -> VectorError {
    form(path, "archive", format!("not a readable .npz archive ({e})"))
}

/// Writes an archive with one array, `vectors`, stored. The array is written beside the target first: its header needs the
/// number of rows.
pub struct NpzWriter {
    target: PathBuf,
    npy: PathBuf,
    inner: Option<Box<FixedWriter>>,
}

impl NpzWriter {
    pub fn create(path: &Path, dim: usize, element: Element) -> Result<Self, VectorError> {
        if Compression::of(path).0 != Compression::None {
            return Err(form(path, "name", "an archive is not compressed again; name it .npz"));
        }
        let npy = path.with_extension(format!("npz.{}.npy", std::process::id()));
        let inner = Some(Box::new(FixedWriter::npy(&npy, dim, element)?));
        Ok(Self { target: path.to_owned(), npy, inner })
    }

    fn archive(&self) -> Result<(), VectorError> {
        let mut npy = fs_err::File::open(&self.npy)?;
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(npy.metadata()?.len() >= u64::from(u32::MAX));
        let mut zip = zip::ZipWriter::new(Output::create_patched(&self.target)?);
        zip.start_file("vectors.npy", options).map_err(|e| zip_error(&self.target, &e))?;
        std::io::copy(&mut npy, &mut zip)?;
        zip.flush()?;
        let out = zip.finish().map_err(|e| zip_error(&self.target, &e))?;
        Ok(out.commit()?)
    }
}

impl RowWriter for NpzWriter {
    fn write(&mut self, values: &[f32], names: &[String]) -> Result<(), VectorError> {
        self.inner.as_mut().map_or(Ok(()), |w| w.write(values, names))
    }

    fn finish(mut self: Box<Self>) -> Result<Written, VectorError> {
        let Some(inner) = self.inner.take() else {
            return Ok(Written { rows: 0, dim: 0, names: Names::None });
        };
        let written = inner.finish()?;
        self.archive()?;
        Ok(written)
    }
}

impl Drop for NpzWriter {
    fn drop(&mut self) {
        // Ours alone, and gone already where nothing was written.
        let _ = fs_err::remove_file(&self.npy);
    }
}
