//! A dataset of two dimensions: its shape, and its rows in bands.

use super::super::Element;
use super::super::fixed::Shape;
use super::bytes::{Bytes, UNDEFINED};
use super::chunks::{Chunks, Whole, of_index, of_tree};
use super::filters::{self, Filter};
use super::header::{kind, messages, one};
use super::number::{self, Type};

/// Packed values are at most so many times larger than in the file: what deflate can reach.
const MOST_PACKED: u128 = 1100;

/// What a dataset is.
#[derive(Debug)]
pub struct Dataset {
    pub shape: Shape,
    layout: Layout,
    filters: Vec<Filter>,
}

#[derive(Debug)]
enum Layout {
    /// From this byte on: in the file, or within the object header.
    Run(u64),
    Within(Vec<u8>),
    Chunks(Chunks),
}

impl Dataset {
    /// Describes the dataset whose object header is at an address.
    pub fn read(file: Bytes<'_>, at: u64) -> Result<Self, String> {
        let all = messages(file, at)?;
        if !all.iter().any(|m| m.kind == kind::DATASPACE) {
            return Err("is a group, expected a dataset".into());
        }
        let sizes = number::dimensions(one(&all, kind::DATASPACE, "dataspace")?)?;
        let [rows, dim] = sizes[..] else {
            return Err(format!("has the shape {sizes:?}, expected two dimensions (rows, values)"));
        };
        let Type::Number { element, big } = number::read(one(&all, kind::DATATYPE, "datatype")?)? else {
            return Err("holds text, expected numbers".into());
        };
        let filters = match all.iter().find(|m| m.kind == kind::FILTERS) {
            Some(message) => filters::read(message.body)?,
            None => Vec::new(),
        };
        let bytes = u128::from(rows) * u128::from(dim) * element.bytes() as u128;
        let whole = Whole { rows, dim, width: element.bytes(), filtered: !filters.is_empty() };
        let layout = Layout::read(file, one(&all, kind::LAYOUT, "layout")?, whole, bytes)?;
        let dim = usize::try_from(dim).map_err(|_| format!("has rows of {dim} values"))?;
        Ok(Self { shape: Shape { rows, dim, element, big }, layout, filters })
    }

    /// How many rows a band has at most: those of a chunk, or as many as make about a mebibyte.
    pub fn band(&self) -> usize {
        match &self.layout {
            Layout::Chunks(chunks) => chunks.shape[0],
            _ => ((1 << 20) / self.shape.row_bytes().max(1)).max(1),
        }
    }

    /// The bytes of band `i`: the rows from `i · band` on.
    pub fn bytes(&self, file: Bytes<'_>, i: usize) -> Result<Vec<u8>, String> {
        let (row_bytes, band) = (self.shape.row_bytes(), self.band() as u64);
        let first = i as u64 * band;
        let rows = band.min(self.shape.rows.saturating_sub(first)) as usize;
        let offset = first.checked_mul(row_bytes as u64).ok_or("has rows outside of the file")?;
        match &self.layout {
            Layout::Run(start) => {
                let at = start.checked_add(offset).ok_or("has rows outside of the file")?;
                Ok(file.at(at, (rows * row_bytes) as u64)?.rest().to_vec())
            }
            Layout::Within(all) => Ok(Bytes::new(all).at(offset, (rows * row_bytes) as u64)?.rest().to_vec()),
            Layout::Chunks(chunks) => self.of_chunks(file, chunks, first, rows),
        }
    }

    fn of_chunks(&self, file: Bytes<'_>, chunks: &Chunks, first: u64, rows: usize) -> Result<Vec<u8>, String> {
        let (width, row_bytes, [height, across]) = (self.shape.element.bytes(), self.shape.row_bytes(), chunks.shape);
        let mut out = vec![0; rows * row_bytes];
        for column in (0..self.shape.dim).step_by(across) {
            let stored = chunks.stored.get(&(first, column as u64)).filter(|s| s.at != UNDEFINED);
            let stored = stored.ok_or_else(|| format!("has no chunk for row {first}, column {column}"))?;
            let raw = file.at(stored.at, stored.size)?;
            let data = filters::undo(&self.filters, stored.skipped, raw.rest(), height * across * width)?;
            let used = across.min(self.shape.dim - column) * width;
            for (row, values) in data.chunks_exact(across * width).take(rows).enumerate() {
                out[row * row_bytes + column * width..][..used].copy_from_slice(&values[..used]);
            }
        }
        Ok(out)
    }
}

impl Layout {
    fn read(file: Bytes<'_>, mut body: Bytes<'_>, whole: Whole, bytes: u128) -> Result<Self, String> {
        let version = body.version("a layout", 3..=5)?;
        let known = |have: u64| match u128::from(have) >= bytes {
            true => Ok(()),
            false => Err(format!("has {have} bytes for values of {bytes}")),
        };
        match body.u8()? {
            0 => {
                let size = body.u16()?;
                known(size.into())?;
                Ok(Self::Within(body.take(size.into())?.to_vec()))
            }
            1 => {
                let (at, size) = (body.u64()?, body.u64()?);
                known(size)?;
                if bytes > 0 {
                    file.at(at, size)?;
                }
                Ok(Self::Run(at))
            }
            2 if bytes > MOST_PACKED * file.len() as u128 => {
                Err(format!("has values of {bytes} bytes in a file of {}", file.len()))
            }
            2 if version == 3 => Ok(Self::Chunks(of_tree(file, body, whole)?)),
            2 => Ok(Self::Chunks(of_index(file, body, whole)?)),
            other => Err(format!("has a layout of class {other}, expected compact, contiguous or chunked")),
        }
    }
}

/// A value that f32 cannot hold, by row and column.
pub fn place(shape: &Shape, done: u64, i: usize) -> (u64, usize) {
    (done + (i / shape.dim.max(1)) as u64, i % shape.dim.max(1))
}

/// Turns bytes of either order into values.
pub fn decode(shape: &Shape, raw: &mut [u8], out: &mut Vec<f32>) -> Result<(), usize> {
    let Shape { element, big, .. } = *shape;
    if big && element != Element::Bool {
        raw.chunks_exact_mut(element.bytes()).for_each(<[u8]>::reverse);
    }
    element.decode(raw, out)
}
