//! Files as memory: rows that need no reading.

use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;
use vectory_core::Vectors;

use super::{Element, Format, ReadOptions, VectorError, npy, safetensors};
use crate::stream::Compression;

/// Maps a file for reading.
pub fn map(path: &Path) -> Result<Mmap, VectorError> {
    let file = fs_err::File::open(path)?;
    // SAFETY: the map is read only. Our writers replace files by renaming and never change them in place; a file that another
    // program cuts while it is mapped raises SIGBUS, as with every map. It pays: a 1 GB matrix opens in microseconds, not seconds.
    Ok(unsafe { Mmap::map(&file)? })
}

/// The rows of a file whose bytes are rows of little-endian f32 already; nothing where they are not.
pub fn rows(path: &Path, format: Format, options: &ReadOptions) -> Result<Option<Vectors>, VectorError> {
    if Compression::of(path).0 != Compression::None || cfg!(target_endian = "big") {
        return Ok(None);
    }
    match format {
        Format::Npy => {
            let map = map(path)?;
            let header = npy::read_header(&mut &map[..], path)?;
            let shape = header.shape;
            if header.fortran || shape.big || shape.element != Element::F32 {
                return Ok(None);
            }
            shape.check(path, Some((map.len() as u64).saturating_sub(header.start)))?;
            Ok(from_map(map, header.start as usize, shape.rows, shape.dim))
        }
        Format::Safetensors => {
            let map = map(path)?;
            let found = safetensors::find(&map, path, options.array.as_deref())?;
            if found.shape.element != Element::F32 {
                return Ok(None);
            }
            Ok(from_map(map, found.start, found.shape.rows, found.shape.dim))
        }
        _ => Ok(None),
    }
}

fn from_map(map: Mmap, start: usize, rows: u64, dim: usize) -> Option<Vectors> {
    Vectors::from_map(Arc::new(map), start, usize::try_from(rows).ok()?, dim).ok()
}
