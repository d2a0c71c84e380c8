//! Making an index file in memory.

use std::path::Path;

use bytemuck::{NoUninit, Zeroable};

use super::{ALIGN, BLOCK, FORM_VERSION, FileError, Header, IndexFile, Line, MAGIC, PRELUDE, Prelude, SectionEntry};

/// Collects the sections of an index file, each where it will lie: nothing is copied twice.
pub struct FileWriter {
    header: Header,
    lines: Vec<Line>,
    len: usize,
}

impl FileWriter {
    /// An empty file of this kind.
    #[must_use]
    pub fn new(kind: &str, version: u32, params: serde_json::Value) -> Self {
        Self {
            header: Header { kind: kind.to_owned(), version, params, sections: Vec::new() },
            lines: vec![Line::zeroed(); PRELUDE / ALIGN],
            len: PRELUDE,
        }
    }

    /// Sets the parameters, where they are known only after the sections.
    pub fn describe(&mut self, params: serde_json::Value) {
        self.header.params = params;
    }

    /// Appends a section of plain values.
    pub fn section<T: NoUninit>(&mut self, name: &str, values: &[T]) -> &mut Self {
        self.section_at(name, values, ALIGN)
    }

    /// Appends a section that starts at a multiple of `align` bytes (itself a multiple of [`ALIGN`]): for readers that go past
    /// the page cache.
    pub fn section_at<T: NoUninit>(&mut self, name: &str, values: &[T], align: usize) -> &mut Self {
        let bytes: &[u8] = bytemuck::cast_slice(values);
        let start = self.append(bytes, align.next_multiple_of(ALIGN));
        let entry = SectionEntry { name: name.to_owned(), start: start as u64, len: bytes.len() as u64 };
        self.header.sections.push(entry);
        self
    }

    /// Appends a section of so many zero bytes, to be filled where it lies: for what is too large to be held twice.
    pub fn section_to_fill(&mut self, name: &str, bytes: usize, align: usize) -> &mut [u8] {
        let start = self.len.next_multiple_of(align.next_multiple_of(ALIGN));
        self.len = start + bytes;
        self.lines.resize(self.len.div_ceil(ALIGN), Line::zeroed());
        self.header.sections.push(SectionEntry { name: name.to_owned(), start: start as u64, len: bytes as u64 });
        &mut self.bytes_mut()[start..start + bytes]
    }

    /// The finished file, in memory, ready to be used or [saved](IndexFile::save).
    ///
    /// # Errors
    /// [`FileError::Section`] when the sections cannot be described (a header beyond 4 GiB).
    pub fn finish(mut self) -> Result<IndexFile, FileError> {
        let bad = |why: String| FileError::section(Path::new("(memory)"), "header", why);
        let json = serde_json::to_vec(&self.header).map_err(|e| bad(e.to_string()))?;
        let header_len = u32::try_from(json.len()).map_err(|_| bad("is longer than 4 GiB".to_owned()))?;
        let table: Vec<u32> = self.bytes()[PRELUDE..self.len].chunks(BLOCK).map(crc32c::crc32c).collect();
        let table: &[u8] = bytemuck::cast_slice(&table);
        let header_start = self.append(&json, 1);
        let table_start = self.append(table, 1);
        let mut prelude = Prelude {
            magic: MAGIC,
            version: FORM_VERSION,
            header_len,
            header_start: header_start as u64,
            table_start: table_start as u64,
            file_len: self.len as u64,
            header_crc: crc32c::crc32c(&json),
            table_crc: crc32c::crc32c(table),
            zero: [0; 3],
            prelude_crc: 0,
        };
        prelude.prelude_crc = crc32c::crc32c(&bytemuck::bytes_of(&prelude)[..PRELUDE - 4]);
        self.bytes_mut()[..PRELUDE].copy_from_slice(bytemuck::bytes_of(&prelude));
        Ok(IndexFile::from_memory(self.header, self.lines, self.len))
    }

    /// Appends bytes at the next multiple of `align`; where they start.
    fn append(&mut self, bytes: &[u8], align: usize) -> usize {
        let start = self.len.next_multiple_of(align);
        self.len = start + bytes.len();
        let lines = self.len.div_ceil(ALIGN);
        self.lines.resize(lines, Line::zeroed());
        self.bytes_mut()[start..start + bytes.len()].copy_from_slice(bytes);
        start
    }

    fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.lines)
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        bytemuck::cast_slice_mut(&mut self.lines)
    }
}
