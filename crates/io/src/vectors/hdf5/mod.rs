//! HDF5, as far as sets of vectors need it (ann-benchmarks' files, and what h5py writes unless told otherwise).
//!
//! | part of the format | read |
//! |---|---|
//! | superblock | versions 0 to 3, at 0 or behind a user block; 8-byte offsets and lengths |
//! | object headers | versions 1 and 2, with continuations |
//! | groups | symbol tables (B-tree version 1), link messages; of nested groups by path `a/b` |
//! | numbers | integers of 1 to 8 bytes, floats of 2, 4, 8, either byte order, h5py's bool |
//! | layout | compact, contiguous, chunked by B-tree version 1, single chunk, implicit, fixed array |
//! | filters | deflate (gzip), shuffle, fletcher32 |
//! | attributes | strings, fixed and of variable length |
//!
//! What else the format has (dense groups, extensible arrays, lzf, compound types, …) is refused by name. A file is mapped; rows
//! come in bands of one chunk's height. Nothing in a file is trusted: every address is checked, every chain is bounded.
//! Source: HDF5 File Format Specification 3.0, The HDF Group.

mod attribute;
mod bytes;
mod chunks;
mod dataset;
mod filters;
mod group;
mod header;
mod number;
mod reader;

use std::path::{Path, PathBuf};

use memmap2::Mmap;

use super::error::form;
use super::{VectorError, mapped};
use bytes::Bytes;
pub(super) use reader::open;

/// Names that a file of vectors gives them, the first that is there is meant where none is named.
const USUAL: [&str; 4] = ["train", "vectors", "embeddings", "base"];

/// An open file: what is in it, and the strings that are attached to its root.
pub struct Hdf5 {
    path: PathBuf,
    map: Mmap,
    root: u64,
    base: usize,
}

impl Hdf5 {
    /// Maps a file and finds its root.
    ///
    /// # Errors
    /// [`VectorError`] when it cannot be read or is no HDF5 file that we know.
    pub fn open(path: &Path) -> Result<Self, VectorError> {
        let map = mapped::map(path)?;
        let (base, root) = superblock(&map).map_err(|why| form(path, "superblock", why))?;
        Ok(Self { path: path.to_owned(), map, root, base })
    }

    /// Names of the datasets and groups at the root.
    ///
    /// # Errors
    /// [`VectorError`] when the root is damaged.
    pub fn names(&self) -> Result<Vec<String>, VectorError> {
        let links = group::links(self.bytes(), self.root).map_err(|why| form(&self.path, "root group", why))?;
        Ok(links.into_iter().map(|l| l.0).collect())
    }

    /// A string that is attached to the root; `None` where there is none of that name.
    ///
    /// # Errors
    /// [`VectorError`] when it is there and no string, or damaged.
    pub fn attribute(&self, name: &str) -> Result<Option<String>, VectorError> {
        attribute::string(self.bytes(), self.root, name)
            .map_err(|why| form(&self.path, format!("attribute `{name}`"), why))
    }

    fn bytes(&self) -> Bytes<'_> {
        Bytes::new(self.map.get(self.base..).unwrap_or_default())
    }

    /// The object header of a dataset by its path.
    fn find(&self, name: &str) -> Result<u64, VectorError> {
        let mut at = self.root;
        for part in name.split('/').filter(|p| !p.is_empty()) {
            let links = group::links(self.bytes(), at).map_err(|why| form(&self.path, "group", why))?;
            let found = links.iter().find(|l| l.0 == part);
            let all = || links.iter().map(|l| format!("`{}`", l.0)).collect::<Vec<_>>().join(", ");
            at =
                found.ok_or_else(|| form(&self.path, "group", format!("there is no `{part}`; there are {}", all())))?.1;
        }
        Ok(at)
    }

    /// The name of the dataset that is meant where none is named.
    fn usual(&self) -> Result<String, VectorError> {
        let names = self.names()?;
        let usual = USUAL.iter().find(|u| names.iter().any(|n| n == *u)).map(|u| (*u).to_owned());
        if let (None, [only]) = (&usual, &names[..]) {
            return Ok(only.clone());
        }
        let listed = names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
        usual.ok_or_else(|| form(&self.path, "root group", format!("name a dataset, there are: {listed}")))
    }
}

/// Where addresses count from, and the address of the root's object header.
fn superblock(map: &[u8]) -> Result<(usize, u64), String> {
    const MAGIC: &[u8] = b"\x89HDF\r\n\x1a\n";
    // Behind a user block, the superblock lies at 512, 1024, 2048, ….
    let places = std::iter::once(0).chain((9..usize::BITS - 1).map(|p| 1 << p)).take_while(|at| *at < map.len());
    let base = places.into_iter().find(|at| map[*at..].starts_with(MAGIC));
    let base = base.ok_or_else(|| "not an HDF5 file: it does not begin with \\x89HDF".to_owned())?;
    let all = Bytes::new(&map[base..]);
    let version = all.at(8, 1)?.u8()?;
    let (sizes, root) = match version {
        0 => (13, 64),
        1 => (13, 68),
        2 | 3 => (9, 36),
        other => return Err(format!("version {other}, expected 0 to 3")),
    };
    let mut sizes = all.at(sizes, 2)?;
    let (offset, length) = (sizes.u8()?, sizes.u8()?);
    if (offset, length) != (8, 8) {
        return Err(format!("has offsets of {offset} and lengths of {length} bytes, expected 8"));
    }
    Ok((base, all.at(root, 8)?.u64()?))
}

#[cfg(test)]
mod tests;
