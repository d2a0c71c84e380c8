//! `.fbin`, `.u8bin`, `.i8bin`, `.ibin`: row count and row length (u32 each), then the rows (big-ann-benchmarks, Simhadri et al. 2022).

use std::path::Path;

use super::error::fill;
use super::fixed::{FixedRows, Shape};
use super::{Element, Format, VectorError};
use crate::stream::{self, Compression};

/// The element of a form.
fn element(format: Format) -> Element {
    match format {
        Format::U8bin => Element::U8,
        Format::I8bin => Element::I8,
        Format::Ibin => Element::I32,
        _ => Element::F32,
    }
}

pub fn open(path: &Path, format: Format) -> Result<FixedRows, VectorError> {
    let mut input = stream::open(path, None)?;
    let size = if input.compression() == Compression::None { Some(fs_err::metadata(path)?.len()) } else { None };
    let mut head = [[0; 4]; 2];
    fill(&mut input, head.as_flattened_mut(), path, || "header".into(), "the file ends within its header of 8 bytes")?;
    let [rows, dim] = head.map(u32::from_le_bytes);
    let shape = Shape { rows: u64::from(rows), dim: dim as usize, element: element(format), big: false };
    shape.check(path, size.map(|s| s.saturating_sub(8)))?;
    Ok(FixedRows::new(input, path, shape, Vec::new()))
}
