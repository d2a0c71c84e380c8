//! Writing a file so that its readers see the old content or the new, never a part.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Compression;

/// A file in the making: written beside its target and renamed over it by [`Output::commit`]. Dropped before that, it goes and
/// the target stays as it was. `.gz` and `.zst` targets are compressed.
pub struct Output {
    target: PathBuf,
    temporary: PathBuf,
    encoder: Option<Encoder>,
}

enum Encoder {
    Plain(BufWriter<fs_err::File>),
    Gzip(flate2::write::GzEncoder<BufWriter<fs_err::File>>),
    Zstd(zstd::Encoder<'static, BufWriter<fs_err::File>>),
}

impl Output {
    /// Begins a file that will be at `target`.
    ///
    /// # Errors
    /// When nothing can be created in the target's folder.
    pub fn create(target: &Path) -> io::Result<Self> {
        Self::with(target, Compression::of(target).0)
    }

    /// Begins a file whose bytes can be changed before the commit ([`Output::patch`]); it is then compressed, if its name asks for
    /// that, as a whole by the commit.
    ///
    /// # Errors
    /// As [`Output::create`].
    pub fn create_patched(target: &Path) -> io::Result<Self> {
        Self::with(target, Compression::None)
    }

    fn with(target: &Path, compression: Compression) -> io::Result<Self> {
        if target.is_dir() {
            return Err(io::Error::other(format!("{}: is a folder, expected a file to write", target.display())));
        }
        let temporary = temporary(target);
        let file = BufWriter::with_capacity(1 << 18, fs_err::File::create(&temporary)?);
        let encoder = match compression {
            Compression::None => Encoder::Plain(file),
            Compression::Gzip => Encoder::Gzip(flate2::write::GzEncoder::new(file, flate2::Compression::default())),
            Compression::Zstd => Encoder::Zstd(zstd::Encoder::new(file, 3)?),
        };
        Ok(Self { target: target.to_owned(), temporary, encoder: Some(encoder) })
    }

    /// Where the file will be.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Overwrites bytes at `offset`, for headers that hold a count; the writing place is then the end again.
    ///
    /// # Errors
    /// When writing fails or the target is compressed.
    pub fn patch(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(offset))?;
        self.write_all(bytes)?;
        self.seek(SeekFrom::End(0))?;
        Ok(())
    }

    /// Ends the file, makes it durable and puts it in the target's place.
    ///
    /// # Errors
    /// When writing fails; the target is then as it was.
    pub fn commit(mut self) -> io::Result<()> {
        if matches!(self.encoder, Some(Encoder::Plain(_))) && Compression::of(&self.target).0 != Compression::None {
            return self.compress();
        }
        let Some(encoder) = self.encoder.take() else { return Ok(()) };
        let buffer = match encoder {
            Encoder::Plain(b) => b,
            Encoder::Gzip(e) => e.finish()?,
            Encoder::Zstd(e) => e.finish()?,
        };
        let file = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        drop(file);
        fs_err::rename(&self.temporary, &self.target)?;
        vectory_core::artifact::sync_folder(&self.target)
    }
}

impl Output {
    /// Writes the whole of a plain file again, compressed, and commits that.
    fn compress(mut self) -> io::Result<()> {
        self.flush()?;
        let mut plain = fs_err::File::open(&self.temporary)?;
        let mut out = Self::create(&self.target)?;
        io::copy(&mut plain, &mut out)?;
        out.commit()
    }
}

/// A hidden name beside the target, different for every process and call.
fn temporary(target: &Path) -> PathBuf {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{}-{n}.tmp", std::process::id()))
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.encoder {
            Some(Encoder::Plain(w)) => w.write(bytes),
            Some(Encoder::Gzip(w)) => w.write(bytes),
            Some(Encoder::Zstd(w)) => w.write(bytes),
            None => Err(io::Error::other("the file is already complete")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.encoder {
            Some(Encoder::Plain(w)) => w.flush(),
            Some(Encoder::Gzip(w)) => w.flush(),
            Some(Encoder::Zstd(w)) => w.flush(),
            None => Ok(()),
        }
    }
}

impl Seek for Output {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.encoder {
            Some(Encoder::Plain(file)) => file.seek(to),
            _ => {
                Err(io::Error::other(format!("{}: a compressed file is written front to back", self.target.display())))
            }
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // After a commit the name is gone and this does nothing; otherwise the half-written file is ours alone.
        self.encoder = None;
        let _ = fs_err::remove_file(&self.temporary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn uncommitted_output_leaves_the_old_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs_err::write(&path, "old").unwrap();
        let mut out = Output::create(&path).unwrap();
        out.write_all(b"half").unwrap();
        drop(out);
        assert_eq!(fs_err::read(&path).unwrap(), b"old");
        assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn committed_output_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a", "a.gz", "a.zst"] {
            let path = dir.path().join(name);
            let mut out = Output::create_patched(&path).unwrap();
            out.write_all(b"0 lines").unwrap();
            out.patch(0, b"7").unwrap();
            out.write_all(b"!").unwrap();
            out.commit().unwrap();
            let mut text = String::new();
            crate::stream::open(&path, None).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "7 lines!");
            let mut out = Output::create(&path).unwrap();
            out.write_all(b"streamed").unwrap();
            out.commit().unwrap();
            text.clear();
            crate::stream::open(&path, None).unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "streamed");
        }
        assert_eq!(fs_err::read_dir(dir.path()).unwrap().count(), 3);
    }
}
