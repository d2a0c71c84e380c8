//! Teacher vectors kept in a file, so that an interrupted run continues and a second run with other settings costs nothing.
//!
//! Form: 64 bytes of head (magic, dimension, hash of the teacher's fingerprint), then records of one text each: its 64-bit hash
//! and `dim` half-precision values. Records are appended in blocks; a record cut by a crash is dropped when the file is opened.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use half::f16;
use thiserror::Error;
use vectory_core::{hash, rng};

const MAGIC: &[u8; 16] = b"vectory-teacher1";
const HEAD: usize = 64;

/// Why a cache could not be used.
#[derive(Debug, Error)]
pub enum CacheError {
    /// Reading or writing failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The file is another's.
    #[error("{path}: {why}; name another cache file, or remove this one")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// Vectors of texts by the text's hash; in memory alone, or backed by a file.
#[derive(Debug)]
pub struct Cache {
    file: Option<fs_err::File>,
    dim: usize,
    rows: Vec<f16>,
    places: HashMap<u64, u32>,
}

impl Cache {
    /// A cache that lives as long as the process.
    #[must_use]
    pub fn in_memory(dim: usize) -> Self {
        Self { file: None, dim, rows: Vec::new(), places: HashMap::new() }
    }

    /// Opens or begins the cache file of one teacher.
    ///
    /// # Errors
    /// [`CacheError::Foreign`] for a file that is no cache or another teacher's.
    pub fn open(path: &Path, dim: usize, fingerprint: &str) -> Result<Self, CacheError> {
        let mut file = fs_err::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut cache = Self::in_memory(dim);
        let head = head(dim, fingerprint);
        let len = file.metadata()?.len();
        if len < HEAD as u64 {
            file.set_len(0)?;
            file.write_all(&head)?;
        } else {
            let mut found = [0; HEAD];
            file.read_exact(&mut found)?;
            if found != head {
                let why =
                    if found[..16] == *MAGIC { "holds vectors of another teacher" } else { "is no teacher cache" };
                return Err(CacheError::Foreign { path: path.to_owned(), why: why.into() });
            }
            cache.read_records(&mut file, len)?;
        }
        cache.file = Some(file);
        Ok(cache)
    }

    fn read_records(&mut self, file: &mut fs_err::File, len: u64) -> Result<(), CacheError> {
        let size = 8 + 2 * self.dim;
        let records = (len as usize - HEAD) / size;
        let mut reader = std::io::BufReader::with_capacity(1 << 20, &mut *file);
        let mut record = vec![0; size];
        for _ in 0..records {
            reader.read_exact(&mut record)?;
            let (key, values) = record.split_at(8);
            let mut k = [0; 8];
            k.copy_from_slice(key);
            self.remember(u64::from_le_bytes(k), values.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]])));
        }
        // What follows the last whole record was cut by a crash.
        let end = (HEAD + records * size) as u64;
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        Ok(())
    }

    fn remember(&mut self, key: u64, values: impl Iterator<Item = f16>) {
        let place = self.places.len() as u32;
        if let std::collections::hash_map::Entry::Vacant(slot) = self.places.entry(key) {
            slot.insert(place);
            self.rows.extend(values);
        }
    }

    /// How many texts are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether no text is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The vector of a text, if it is known.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<&[f16]> {
        let place = *self.places.get(&text_hash(text))? as usize;
        self.rows.get(place * self.dim..(place + 1) * self.dim)
    }

    /// Adds a block of texts and writes it out. `rows` yields one vector a text.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn append<'a>(&mut self, texts: &[&str], rows: impl Iterator<Item = &'a [f32]>) -> Result<(), CacheError> {
        let mut block = Vec::with_capacity(texts.len() * (8 + 2 * self.dim));
        for (text, row) in texts.iter().zip(rows) {
            let key = text_hash(text);
            block.extend_from_slice(&key.to_le_bytes());
            row.iter().for_each(|v| block.extend_from_slice(&f16::from_f32(*v).to_le_bytes()));
            self.remember(key, row.iter().map(|v| f16::from_f32(*v)));
        }
        if let Some(file) = &mut self.file {
            file.write_all(&block)?;
        }
        Ok(())
    }
}

fn head(dim: usize, fingerprint: &str) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[..16].copy_from_slice(MAGIC);
    head[16..24].copy_from_slice(&(dim as u64).to_le_bytes());
    head[24..32].copy_from_slice(&hash::fnv1a(fingerprint.as_bytes()).to_le_bytes());
    head
}

fn text_hash(text: &str) -> u64 {
    rng::mix(hash::fnv1a(text.as_bytes()) ^ text.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_file_keeps_its_whole_records() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.cache");
        let mut cache = Cache::open(&path, 2, "teacher").unwrap();
        cache.append(&["a", "b"], [&[1.0, 0.5][..], &[0.25, 2.0]].into_iter()).unwrap();
        drop(cache);
        let bytes = fs_err::read(&path).unwrap();
        fs_err::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let mut cache = Cache::open(&path, 2, "teacher").unwrap();
        assert_eq!(cache.get("a").unwrap(), &[f16::from_f32(1.0), f16::from_f32(0.5)]);
        assert!(cache.get("b").is_none());
        cache.append(&["c"], [&[3.0, 4.0][..]].into_iter()).unwrap();
        drop(cache);
        let cache = Cache::open(&path, 2, "teacher").unwrap();
        assert_eq!((cache.len(), cache.get("c").unwrap()[0]), (2, f16::from_f32(3.0)));
    }

    #[test]
    fn another_teachers_cache_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.cache");
        drop(Cache::open(&path, 2, "one").unwrap());
        let err = Cache::open(&path, 2, "two").unwrap_err().to_string();
        assert!(err.contains("another teacher") && err.contains("t.cache"), "{err}");
        fs_err::write(&path, [7; 100]).unwrap();
        assert!(Cache::open(&path, 2, "one").is_err());
    }
}
