//! The form of every index file: named sections of plain values, mapped and checksummed.
//!
//! ```text
//! prelude   64 bytes  magic "VCTYIDX\n", form version, places, checksums of header and checksum table, of itself
//! sections            each starts at a multiple of 64 bytes: little-endian values, usable where they lie
//! header    JSON      kind, its version, parameters, name and place of every section
//! table               one crc32c for each block of 64 KiB of the sections
//! ```
//!
//! [`FileWriter`] makes such a file in memory, [`IndexFile`] reads one from memory or from a map. Nothing in a file is
//! trusted before its checksum is right: a damaged file is refused with the block named, it is never read wrongly.

mod read;
mod write;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use read::{IndexFile, Region, Verify};
pub use write::FileWriter;

/// First bytes of every index file.
pub const MAGIC: [u8; 8] = *b"VCTYIDX\n";
/// The version of the form that this code writes.
pub const FORM_VERSION: u32 = 1;
/// Bytes that share one checksum.
pub const BLOCK: usize = 1 << 16;
/// Sections start at multiples of this.
pub const ALIGN: usize = 64;

/// Why an index file could not be written or read.
#[derive(Debug, Error)]
pub enum FileError {
    /// Reading or writing failed; the text names the file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Other first bytes than ours.
    #[error("{path}: not a Vectory index file (its first bytes are {found:02x?})")]
    Magic {
        /// The file.
        path: PathBuf,
        /// What it starts with.
        found: Vec<u8>,
    },
    /// Another kind of index, or a newer version.
    #[error("{path}: holds {found}, expected {expected}")]
    Kind {
        /// The file.
        path: PathBuf,
        /// What is in it.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// The file ends early or goes on too long.
    #[error("{path}: has {found} bytes, expected {expected} (cut or overwritten; rebuild the index)")]
    Length {
        /// The file.
        path: PathBuf,
        /// Bytes there are.
        found: u64,
        /// Bytes its prelude promises.
        expected: u64,
    },
    /// A checksum does not match.
    #[error("{path}: {part} (bytes {start}..{end}) is corrupted: its checksum does not match (rebuild the index)")]
    Checksum {
        /// The file.
        path: PathBuf,
        /// `prelude`, `header`, `checksum table` or `block N`.
        part: String,
        /// First byte.
        start: u64,
        /// One past the last byte.
        end: u64,
    },
    /// The parts do not fit together although the checksums are right.
    #[error("{path}: section `{section}` {why}")]
    Section {
        /// The file.
        path: PathBuf,
        /// Which section.
        section: String,
        /// What is wrong with it.
        why: String,
    },
}

impl FileError {
    /// A section that cannot be what it says.
    pub(crate) fn section(path: &Path, section: &str, why: impl Into<String>) -> Self {
        Self::Section { path: path.to_owned(), section: section.to_owned(), why: why.into() }
    }
}

/// The fixed first bytes of a file.
#[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Prelude {
    magic: [u8; 8],
    version: u32,
    header_len: u32,
    /// The sections end and the header starts here.
    header_start: u64,
    table_start: u64,
    file_len: u64,
    header_crc: u32,
    table_crc: u32,
    zero: [u32; 3],
    prelude_crc: u32,
}

const PRELUDE: usize = size_of::<Prelude>();
const _: () = assert!(PRELUDE == 64);

/// What the JSON header says.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Header {
    kind: String,
    version: u32,
    params: serde_json::Value,
    sections: Vec<SectionEntry>,
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct SectionEntry {
    name: String,
    /// First byte in the file.
    start: u64,
    len: u64,
}

/// A cache line of bytes: the unit of allocation that makes a file in memory aligned like a mapped one.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
struct Line([u8; ALIGN]);

#[cfg(test)]
mod tests;
