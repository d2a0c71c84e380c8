//! Block checksums of a segment's files, and the file that holds them.

use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::StoreError;

/// Bytes that share one checksum.
const BLOCK: usize = 1 << 20;

/// `segment.json`: every file of a segment, with its size and block checksums.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sums {
    pub format: u32,
    pub rows: u32,
    pub block: usize,
    pub files: Vec<FileSums>,
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileSums {
    pub name: String,
    pub bytes: u64,
    /// crc32c of each block.
    pub crc32c: Vec<u32>,
}

/// Name of the file that holds them.
pub(crate) const NAME: &str = "segment.json";

/// Size and block checksums of a file.
pub(crate) fn sum_file(path: &Path) -> Result<FileSums, StoreError> {
    let mut file = fs_err::File::open(path)?;
    let mut block = vec![0; BLOCK];
    let mut out =
        FileSums { name: path.file_name().unwrap_or_default().to_string_lossy().into(), ..FileSums::default() };
    loop {
        let mut len = 0;
        while len < BLOCK {
            match file.read(&mut block[len..])? {
                0 => break,
                n => len += n,
            }
        }
        if len == 0 {
            return Ok(out);
        }
        out.bytes += len as u64;
        out.crc32c.push(crc32c::crc32c(&block[..len]));
    }
}

impl Sums {
    pub fn new(rows: u32) -> Self {
        Self { format: 1, rows, block: BLOCK, files: Vec::new() }
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|f| f.bytes).sum()
    }

    pub fn to_bytes(&self) -> Result<Vec<u8>, StoreError> {
        serde_json::to_vec(self).map_err(|e| StoreError::damaged(NAME, e.to_string()))
    }

    /// Reads the sums of a segment; `sum` is what the manifest says of the file that holds them.
    pub fn read(folder: &Path, sum: u32) -> Result<Self, StoreError> {
        let path = folder.join(NAME);
        let bytes = fs_err::read(&path)?;
        if crc32c::crc32c(&bytes) != sum {
            return Err(StoreError::damaged(path, "its checksum is not the manifest's"));
        }
        serde_json::from_slice(&bytes).map_err(|e| StoreError::damaged(path, e.to_string()))
    }

    /// Checks that every file is there with its size: one look-up a file.
    pub fn check_sizes(&self, folder: &Path) -> Vec<StoreError> {
        let check = |f: &FileSums| {
            let path = folder.join(&f.name);
            match fs_err::metadata(&path) {
                Err(e) => Some(StoreError::Io(e)),
                Ok(m) if m.len() != f.bytes => {
                    Some(StoreError::damaged(path, format!("has {} bytes, expected {}", m.len(), f.bytes)))
                }
                Ok(_) => None,
            }
        };
        self.files.iter().filter_map(check).collect()
    }

    /// Checks every byte of every file.
    pub fn check_all(&self, folder: &Path) -> Vec<StoreError> {
        let check = |f: &FileSums| {
            let path = folder.join(&f.name);
            let found = match sum_file(&path) {
                Ok(found) => found,
                Err(e) => return Some(e),
            };
            if found.bytes != f.bytes {
                return Some(StoreError::damaged(path, format!("has {} bytes, expected {}", found.bytes, f.bytes)));
            }
            let block = found.crc32c.iter().zip(&f.crc32c).position(|(a, b)| a != b)?;
            let (from, to) = (block * self.block, ((block + 1) * self.block).min(f.bytes as usize));
            Some(StoreError::damaged(path, format!("bytes {from}..{to} do not match their checksum")))
        };
        self.files.iter().filter_map(check).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_is_found_with_its_block() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.bin");
        let mut bytes = vec![3u8; 2 * BLOCK + 10];
        fs_err::write(&path, &bytes).unwrap();
        let mut sums = Sums::new(1);
        sums.files.push(sum_file(&path).unwrap());
        assert!(sums.check_all(dir.path()).is_empty());
        bytes[BLOCK + 5] ^= 1;
        fs_err::write(&path, &bytes).unwrap();
        assert!(sums.check_sizes(dir.path()).is_empty());
        let found = sums.check_all(dir.path());
        assert_eq!(found.len(), 1);
        let text = found[0].to_string();
        assert!(text.contains("a.bin") && text.contains("bytes 1048576..2097152"), "{text}");
        fs_err::write(&path, &bytes[..50]).unwrap();
        assert!(sums.check_sizes(dir.path())[0].to_string().contains("has 50 bytes, expected 2097162"));
    }
}
