//! Opening a file or stdin for reading, decompressed on the way.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

/// Bytes read at once from the file and handed on at once by a decoder.
const BUFFER: usize = 1 << 18;

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// gzip; several members in a row are one stream.
    Gzip,
    /// Zstandard; several frames in a row are one stream.
    Zstd,
}

impl Compression {
    /// What the last extension of a name says (`.gz`, `.zst`), and the name without it.
    #[must_use]
    pub fn of(path: &Path) -> (Self, PathBuf) {
        let kind = match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("gz" | "gzip") => Self::Gzip,
            Some("zst" | "zstd") => Self::Zstd,
            _ => return (Self::None, path.to_owned()),
        };
        (kind, path.with_extension(""))
    }

    /// Whether a file begins as its compression asks; anything is not compressed.
    pub(crate) fn is_that_of(self, path: &Path) -> io::Result<bool> {
        if self == Self::None {
            return Ok(true);
        }
        let mut head = Vec::new();
        fs_err::File::open(path)?.take(4).read_to_end(&mut head)?;
        Ok(Self::of_magic(&head) == self)
    }

    /// What the first bytes of a stream say.
    #[must_use]
    pub fn of_magic(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// A decompressed stream. Errors of the decoder name the file and how many bytes came out before.
pub struct Input {
    path: PathBuf,
    compression: Compression,
    inner: Box<dyn BufRead + Send>,
    given: u64,
}

/// Opens a file; `.gz` and `.zst` are decompressed. `count`, if given, grows by the bytes read from disk.
///
/// # Errors
/// When the file cannot be opened; the error names it.
pub fn open(path: &Path, count: Option<Arc<AtomicU64>>) -> io::Result<Input> {
    let file = fs_err::File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other(format!("{}: is a folder, expected a file", path.display())));
    }
    let raw: Box<dyn Read + Send> = match count {
        Some(count) => Box::new(Counted { inner: file, count }),
        None => Box::new(file),
    };
    decoder(BufReader::with_capacity(BUFFER, raw), Compression::of(path).0, path)
}

/// Opens stdin; compressed input is told by its first bytes.
///
/// # Errors
/// When stdin cannot be read.
pub fn stdin() -> io::Result<Input> {
    let mut raw = BufReader::with_capacity(BUFFER, Box::new(io::stdin()) as Box<dyn Read + Send>);
    let compression = Compression::of_magic(raw.fill_buf()?);
    decoder(raw, compression, Path::new("-"))
}

fn decoder(raw: BufReader<Box<dyn Read + Send>>, compression: Compression, path: &Path) -> io::Result<Input> {
    let inner: Box<dyn BufRead + Send> = match compression {
        Compression::None => Box::new(raw),
        Compression::Gzip => Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(raw))),
        Compression::Zstd => Box::new(BufReader::with_capacity(BUFFER, zstd::Decoder::with_buffer(raw)?)),
    };
    Ok(Input { path: path.to_owned(), compression, inner, given: 0 })
}

impl Input {
    /// A stream over bytes in memory, for tests and embedded data.
    #[must_use]
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Self {
        let inner = Box::new(BufReader::new(io::Cursor::new(bytes)));
        Self { path: name.into(), compression: Compression::None, inner, given: 0 }
    }

    /// A part of a file, or what was made of it, under the file's name.
    #[must_use]
    pub(crate) fn from_reader(path: &Path, inner: Box<dyn BufRead + Send>) -> Self {
        Self { path: path.to_owned(), compression: Compression::None, inner, given: 0 }
    }

    /// The file, `-` for stdin.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it is compressed.
    #[must_use]
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// How many decompressed bytes have been consumed.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.given
    }

    fn explain(path: &Path, compression: Compression, given: u64, e: &io::Error) -> io::Error {
        let what = match compression {
            Compression::None => return io::Error::new(e.kind(), format!("{}: {e}", path.display())),
            Compression::Gzip => "gzip",
            Compression::Zstd => "Zstandard",
        };
        let text = format!("{}: broken or cut {what} stream after {given} decompressed bytes ({e})", path.display());
        io::Error::new(e.kind(), text)
    }
}

impl Read for Input {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self
            .inner
            .read(out)
            .map_err(|e| if skip(&e) { e } else { Self::explain(&self.path, self.compression, self.given, &e) })?;
        self.given += n as u64;
        Ok(n)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let Self { path, compression, inner, given } = self;
        inner.fill_buf().map_err(|e| if skip(&e) { e } else { Self::explain(path, *compression, *given, &e) })
    }

    fn consume(&mut self, amount: usize) {
        self.given += amount as u64;
        self.inner.consume(amount);
    }
}

/// Interrupted reads are tried again by the standard library and must keep their kind and cost nothing.
fn skip(e: &io::Error) -> bool {
    e.kind() == io::ErrorKind::Interrupted
}

struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs_err::write(&path, bytes).unwrap();
        (dir, path)
    }

    fn gz(text: &[u8]) -> Vec<u8> {
        let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        e.write_all(text).unwrap();
        e.finish().unwrap()
    }

    #[test]
    fn members_and_frames_in_a_row_are_one_stream() {
        for (name, one, two) in [
            ("a.gz", gz(b"one "), gz(b"two")),
            ("a.zst", zstd::encode_all(&b"one "[..], 1).unwrap(), zstd::encode_all(&b"two"[..], 1).unwrap()),
        ] {
            let (_dir, path) = file(name, &[one, two].concat());
            let mut text = String::new();
            open(&path, None).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "one two", "{name}");
        }
    }

    #[test]
    fn cut_streams_name_file_and_place() {
        let text: Vec<u8> = (0..200_000u32).flat_map(|i| vectory_core::rng::mix(u64::from(i)).to_le_bytes()).collect();
        for (name, whole) in [("a.gz", gz(&text)), ("a.zst", zstd::encode_all(&text[..], 1).unwrap())] {
            let (_dir, path) = file(name, &whole[..whole.len() / 2]);
            let err = open(&path, None).unwrap().read_to_end(&mut Vec::new()).unwrap_err().to_string();
            assert!(err.contains(name) && err.contains("decompressed bytes"), "{err}");
        }
    }

    #[test]
    fn bytes_from_disk_are_counted() {
        let (_dir, path) = file("a.txt", &[b'x'; 1000]);
        let count = Arc::new(AtomicU64::new(0));
        open(&path, Some(Arc::clone(&count))).unwrap().read_to_end(&mut Vec::new()).unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 1000);
    }
}
