//! Making an index file in memory.

use std::path::Path;

use bytemuck::{NoUninit, Zeroable};

use super::{ALIGN, BLOCK, FORM_VERSION, FileError, Header, IndexFile, Line, MAGIC, PRELUDE, Prelude, SectionEntry};

/// Collects the sections of an index file.
pub struct FileWriter {
    header: Header,
    data: Vec<Line>,
    len: usize,
}

impl FileWriter {
    /// An empty file of this kind.
    #[must_use]
    pub fn new(kind: &str, version: u32, params: serde_json::Value) -> Self {
        Self {
            header: Header { kind: kind.to_owned(), version, params, sections: Vec::new() },
            data: Vec::new(),
            len: 0,
        }
    }

    /// Appends a section of plain values.
    pub fn section<T: NoUninit>(&mut self, name: &str, values: &[T]) -> &mut Self {
        let bytes: &[u8] = bytemuck::cast_slice(values);
        let start = self.len.next_multiple_of(ALIGN);
        self.header.sections.push(SectionEntry {
            name: name.to_owned(),
            start: start as u64,
            len: bytes.len() as u64,
        });
        self.data.resize((start + bytes.len()).div_ceil(ALIGN), Line::zeroed());
        bytemuck::cast_slice_mut::<Line, u8>(&mut self.data)[start..start + bytes.len()].copy_from_slice(bytes);
        self.len = start + bytes.len();
        self
    }

    /// The finished file, in memory, ready to be used or [saved](IndexFile::save).
    ///
    /// # Errors
    /// [`FileError::Section`] when the sections cannot be described (a header beyond 4 GiB).
    pub fn finish(self) -> Result<IndexFile, FileError> {
        let json = serde_json::to_vec(&self.header)
            .map_err(|e| FileError::section(Path::new("(memory)"), "header", e.to_string()))?;
        let data_start = (PRELUDE + json.len()).next_multiple_of(ALIGN);
        let data: &[u8] = bytemuck::cast_slice(&self.data);
        let table: Vec<u32> = data.chunks(BLOCK).map(crc32c::crc32c).collect();
        let table_bytes: &[u8] = bytemuck::cast_slice(&table);
        let table_start = data_start + data.len();
        let file_len = table_start + table_bytes.len();
        let mut prelude = Prelude {
            magic: MAGIC,
            version: FORM_VERSION,
            header_len: u32::try_from(json.len())
                .map_err(|_| FileError::section(Path::new("(memory)"), "header", "is longer than 4 GiB"))?,
            data_start: data_start as u64,
            table_start: table_start as u64,
            file_len: file_len as u64,
            header_crc: crc32c::crc32c(&json),
            table_crc: crc32c::crc32c(table_bytes),
            zero: [0; 3],
            prelude_crc: 0,
        };
        prelude.prelude_crc = crc32c::crc32c(&bytemuck::bytes_of(&prelude)[..PRELUDE - 4]);
        let mut lines = vec![Line::zeroed(); file_len.div_ceil(ALIGN)];
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut lines);
        bytes[..PRELUDE].copy_from_slice(bytemuck::bytes_of(&prelude));
        bytes[PRELUDE..PRELUDE + json.len()].copy_from_slice(&json);
        bytes[data_start..table_start].copy_from_slice(data);
        bytes[table_start..file_len].copy_from_slice(table_bytes);
        Ok(IndexFile::from_memory(self.header, lines, file_len, data_start))
    }
}
