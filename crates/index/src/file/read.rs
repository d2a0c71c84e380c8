//! Reading an index file from memory or from a map.

use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytemuck::Pod;
use memmap2::Mmap;

use super::{BLOCK, FORM_VERSION, FileError, Header, Line, MAGIC, PRELUDE, Prelude};

/// How much of a file is checked when it is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// Every byte: reads the whole file once (several GB/s from the page cache).
    #[default]
    All,
    /// Only the prelude, the header and the checksum table; [`IndexFile::verify`] can follow later. For files whose
    /// blocks were checked before.
    Header,
}

/// An index file: kind, parameters, sections. Mapped when opened from disk.
pub struct IndexFile {
    path: PathBuf,
    bytes: Store,
    len: usize,
    header: Header,
}

enum Store {
    Memory(Vec<Line>),
    Mapped(Mmap),
    /// A whole file that is a section of another.
    Nested(Arc<IndexFile>, Region<u8>),
}

/// Where a section's values lie; read them with [`IndexFile::get`].
pub struct Region<T> {
    start: usize,
    bytes: usize,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Region<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Region<T> {}

impl<T> Region<T> {
    /// How many values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes / size_of::<T>()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Its first byte in the file.
    #[must_use]
    pub fn start(&self) -> usize {
        self.start
    }
}

impl IndexFile {
    pub(super) fn from_memory(header: Header, lines: Vec<Line>, len: usize) -> Self {
        Self { path: PathBuf::from("(memory)"), bytes: Store::Memory(lines), len, header }
    }

    /// Opens a file of the given kind, up to the given version of that kind.
    ///
    /// # Errors
    /// [`FileError`] when it is missing, foreign, cut, corrupted (the block is named) or of another kind.
    pub fn open(path: &Path, kind: &str, version: u32, verify: Verify) -> Result<Self, FileError> {
        let file = Self::open_any(path, verify)?;
        if file.kind() == kind && file.header.version <= version {
            return Ok(file);
        }
        Err(FileError::Kind {
            path: path.to_owned(),
            found: format!("`{}` version {}", file.kind(), file.header.version),
            expected: format!("`{kind}` up to version {version}"),
        })
    }

    /// Opens a file of any kind: ask [`IndexFile::kind`].
    ///
    /// # Errors
    /// As [`IndexFile::open`].
    pub fn open_any(path: &Path, verify: Verify) -> Result<Self, FileError> {
        let handle = fs_err::File::open(path)?;
        // SAFETY: index files are replaced by rename, never changed in place, so the mapped bytes do not change under
        // us. (A file cut by another program would raise SIGBUS, as with every map.) Mapping is what lets an index be
        // larger than memory and opened in no time.
        let map = unsafe { Mmap::map(&handle)? };
        let header = read_header(path, &map)?;
        let file = Self { path: path.to_owned(), len: map.len(), bytes: Store::Mapped(map), header };
        if verify == Verify::All {
            file.verify()?;
        }
        Ok(file)
    }

    /// Opens a whole index file that is a section of another. Its blocks are those of the outer file and are checked with them.
    ///
    /// # Errors
    /// As [`IndexFile::open`]; the outer file is named.
    pub fn nested(outer: Arc<Self>, region: Region<u8>, kind: &str, version: u32) -> Result<Self, FileError> {
        let (path, bytes) = (outer.path.clone(), outer.get(region));
        let header = read_header(&path, bytes)?;
        if header.kind != kind || header.version > version {
            let found = format!("an inner `{}` version {}", header.kind, header.version);
            return Err(FileError::Kind { path, found, expected: format!("`{kind}` up to version {version}") });
        }
        Ok(Self { path, len: bytes.len(), bytes: Store::Nested(outer, region), header })
    }

    /// The whole file, as it lies on disk.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.raw()
    }

    /// Checks every block. Of a file made in memory, nothing is to be checked.
    ///
    /// # Errors
    /// [`FileError::Checksum`] names the first corrupted block.
    pub fn verify(&self) -> Result<(), FileError> {
        self.verify_outside(0..0)
    }

    /// Checks every block that does not lie within these bytes as a whole: for files whose largest section is not read when they
    /// are opened.
    ///
    /// # Errors
    /// As [`IndexFile::verify`].
    pub(crate) fn verify_outside(&self, unread: std::ops::Range<usize>) -> Result<(), FileError> {
        let Store::Mapped(map) = &self.bytes else { return Ok(()) };
        let prelude = bytemuck::pod_read_unaligned::<Prelude>(&map[..PRELUDE]);
        let sums: Vec<u32> = bytemuck::pod_collect_to_vec(&map[prelude.table_start as usize..]);
        for (i, (block, sum)) in map[PRELUDE..prelude.header_start as usize].chunks(BLOCK).zip(sums).enumerate() {
            let start = PRELUDE + i * BLOCK;
            if start < unread.start || start + block.len() > unread.end {
                check_sum(&self.path, &format!("block {i}"), start, block, sum)?;
            }
        }
        Ok(())
    }

    /// What the file holds: `inverted`, `graph`, …
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.header.kind
    }

    /// The parameters it was made with.
    #[must_use]
    pub fn params(&self) -> &serde_json::Value {
        &self.header.params
    }

    /// The file, or `(memory)`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.len as u64
    }

    /// Whether it is a map of a file rather than memory of our own.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        match &self.bytes {
            Store::Mapped(_) => true,
            Store::Memory(_) => false,
            Store::Nested(outer, _) => outer.is_mapped(),
        }
    }

    /// Finds a section of values of type `T`.
    ///
    /// # Errors
    /// [`FileError::Section`] when it is missing, outside the file or not a whole number of values.
    pub fn region<T: Pod>(&self, name: &str) -> Result<Region<T>, FileError> {
        let bad = |why: &str| FileError::section(&self.path, name, why);
        let entry = self.header.sections.iter().find(|s| s.name == name).ok_or_else(|| bad("is missing"))?;
        let start = usize::try_from(entry.start).ok();
        let end = start.and_then(|s| s.checked_add(usize::try_from(entry.len).ok()?));
        let (Some(start), Some(end)) = (start, end) else { return Err(bad("is outside the file")) };
        if end > self.len {
            return Err(bad("is outside the file"));
        }
        if bytemuck::try_cast_slice::<u8, T>(&self.raw()[start..end]).is_err() {
            return Err(bad(&format!("is not a whole number of {}-byte values", size_of::<T>())));
        }
        Ok(Region { start, bytes: end - start, of: PhantomData })
    }

    /// The values of a section found by [`IndexFile::region`] of this file.
    #[inline]
    #[must_use]
    pub fn get<T: Pod>(&self, region: Region<T>) -> &[T] {
        bytemuck::cast_slice(&self.raw()[region.start..region.start + region.bytes])
    }

    /// The same sections under other parameters, in memory.
    ///
    /// # Errors
    /// As [`FileWriter::finish`](super::FileWriter::finish).
    pub fn with_params(&self, params: serde_json::Value) -> Result<Self, FileError> {
        let mut copy = super::FileWriter::new(&self.header.kind, self.header.version, params);
        for s in &self.header.sections {
            copy.section(&s.name, self.get(self.region::<u8>(&s.name)?));
        }
        copy.finish()
    }

    /// Writes the file: to a temporary file beside it, synced, then renamed.
    ///
    /// # Errors
    /// When it cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        Ok(vectory_core::artifact::write_atomic(path, self.raw())?)
    }

    /// Writes the file as it is, without syncing: for files of a folder that is synced as a whole before it gets its name.
    ///
    /// # Errors
    /// When it cannot be written; what is at `path` then is no file to be read.
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        Ok(fs_err::write(path, self.raw())?)
    }

    #[inline]
    fn raw(&self) -> &[u8] {
        match &self.bytes {
            Store::Memory(lines) => &bytemuck::cast_slice::<Line, u8>(lines)[..self.len],
            Store::Mapped(map) => map,
            Store::Nested(outer, region) => outer.get(*region),
        }
    }
}

/// Checks the parts of a file that say what is in it.
fn read_header(path: &Path, map: &[u8]) -> Result<Header, FileError> {
    let prelude = read_prelude(path, map)?;
    let (header_start, table_start) = (prelude.header_start as usize, prelude.table_start as usize);
    let fits = PRELUDE <= header_start
        && header_start <= table_start
        && table_start <= map.len()
        && table_start - header_start == prelude.header_len as usize
        && (header_start - PRELUDE).div_ceil(BLOCK) * 4 == map.len() - table_start;
    if !fits {
        return Err(FileError::section(path, "prelude", "places its parts wrongly"));
    }
    let json = &map[header_start..table_start];
    check_sum(path, "header", header_start, json, prelude.header_crc)?;
    check_sum(path, "checksum table", table_start, &map[table_start..], prelude.table_crc)?;
    serde_json::from_slice(json).map_err(|e| FileError::section(path, "header", e.to_string()))
}

fn read_prelude(path: &Path, map: &[u8]) -> Result<Prelude, FileError> {
    if map.len() < PRELUDE || map[..MAGIC.len()] != MAGIC {
        let found = map[..map.len().min(MAGIC.len())].to_vec();
        if found == MAGIC {
            return Err(FileError::Length { path: path.to_owned(), found: map.len() as u64, expected: PRELUDE as u64 });
        }
        return Err(FileError::Magic { path: path.to_owned(), found });
    }
    let prelude: Prelude = bytemuck::pod_read_unaligned(&map[..PRELUDE]);
    if prelude.version > FORM_VERSION {
        return Err(FileError::Kind {
            path: path.to_owned(),
            found: format!("form version {}", prelude.version),
            expected: format!("form version up to {FORM_VERSION} (a newer Vectory wrote it)"),
        });
    }
    check_sum(path, "prelude", 0, &map[..PRELUDE - 4], prelude.prelude_crc)?;
    if prelude.file_len != map.len() as u64 {
        return Err(FileError::Length { path: path.to_owned(), found: map.len() as u64, expected: prelude.file_len });
    }
    Ok(prelude)
}

fn check_sum(path: &Path, part: &str, start: usize, bytes: &[u8], sum: u32) -> Result<(), FileError> {
    if crc32c::crc32c(bytes) == sum {
        return Ok(());
    }
    Err(FileError::Checksum {
        path: path.to_owned(),
        part: part.to_owned(),
        start: start as u64,
        end: (start + bytes.len()) as u64,
    })
}
