//! `.safetensors`: one two-dimensional tensor is read; ours are named `vectors`, with the rows' names in `names` (one a line).

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use super::error::form;
use super::fixed::{FixedRows, Shape};
use super::{Element, RowReader, VectorError, mapped};
use crate::stream::{Compression, Input};

/// Tensors that are meant where several have two dimensions.
const USUAL: [&str; 5] = ["vectors", "embeddings", "embedding.weight", "embeddings.word_embeddings.weight", "weight"];
/// The length of the headers that we write: a multiple of 64, and room for any row count.
const WRITTEN: usize = 448;

/// A tensor's place in its file.
pub struct Found {
    pub shape: Shape,
    pub start: usize,
    pub names: Vec<String>,
}

pub fn open(path: &Path, tensor: Option<&str>) -> Result<Box<dyn RowReader>, VectorError> {
    if Compression::of(path).0 != Compression::None {
        return Err(form(path, "header", "a compressed .safetensors file cannot be read from; decompress it first"));
    }
    let found = find(&mapped::map(path)?, path, tensor)?;
    let mut file = fs_err::File::open(path)?;
    file.seek(SeekFrom::Start(found.start as u64))?;
    let length = found.shape.rows * found.shape.row_bytes() as u64;
    let input = Input::from_reader(path, Box::new(BufReader::with_capacity(1 << 18, file).take(length)));
    Ok(Box::new(FixedRows::new(input, path, found.shape, found.names)))
}

/// Finds the tensor named, else the one that can be meant.
pub fn find(bytes: &[u8], path: &Path, tensor: Option<&str>) -> Result<Found, VectorError> {
    let (length, head) = SafeTensors::read_metadata(bytes)
        .map_err(|e| form(path, "header", format!("not a whole safetensors file ({e})")))?;
    let tensors = head.tensors();
    let mut flat: Vec<(&str, &TensorInfo)> =
        tensors.iter().filter(|(_, t)| t.shape.len() == 2).map(|(n, t)| (n.as_str(), *t)).collect();
    flat.sort_by_key(|(n, _)| *n);
    let (name, info) = pick(&flat, tensor).map_err(|why| form(path, "header", why))?;
    let bad = |why: String| form(path, format!("tensor `{name}`"), why);
    let element =
        element(info.dtype).ok_or_else(|| bad(format!("its type is {:?}, expected real numbers", info.dtype)))?;
    let shape = Shape { rows: info.shape[0] as u64, dim: info.shape[1], element, big: false };
    let (start, end) = info.data_offsets;
    shape.check(path, Some((end - start) as u64))?;
    Ok(Found { shape, start: 8 + length + start, names: names(bytes, 8 + length, &head, shape.rows) })
}

fn pick<'a>(flat: &[(&'a str, &'a TensorInfo)], tensor: Option<&str>) -> Result<(&'a str, &'a TensorInfo), String> {
    let wanted = |want: &str| flat.iter().find(|(n, _)| *n == want).copied();
    let listed = || flat.iter().map(|(n, t)| format!("`{n}` {:?}", t.shape)).collect::<Vec<_>>().join(", ");
    match (tensor, flat) {
        (Some(want), _) => {
            wanted(want).ok_or_else(|| format!("there is no two-dimensional tensor `{want}`; there are {}", listed()))
        }
        (None, []) => Err("there is no two-dimensional tensor in it".into()),
        (None, [only]) => Ok(*only),
        _ => USUAL
            .iter()
            .find_map(|n| wanted(n))
            .ok_or_else(|| format!("there are several tensors, name one: {}", listed())),
    }
}

/// The names of the rows, if there is a tensor of that name with a line a row.
fn names(bytes: &[u8], start: usize, head: &Metadata, rows: u64) -> Vec<String> {
    let Some(info) = head.info("names").filter(|t| t.dtype == Dtype::U8 && t.shape.len() == 1) else {
        return Vec::new();
    };
    let raw = bytes.get(start + info.data_offsets.0..start + info.data_offsets.1).unwrap_or_default();
    let text = String::from_utf8_lossy(raw);
    let names: Vec<String> = if rows == 0 { Vec::new() } else { text.split('\n').map(str::to_owned).collect() };
    if names.len() as u64 == rows { names } else { Vec::new() }
}

pub(super) fn element(dtype: Dtype) -> Option<Element> {
    Some(match dtype {
        Dtype::F32 => Element::F32,
        Dtype::F64 => Element::F64,
        Dtype::F16 => Element::F16,
        Dtype::BF16 => Element::Bf16,
        Dtype::I8 => Element::I8,
        Dtype::U8 => Element::U8,
        Dtype::I16 => Element::I16,
        Dtype::U16 => Element::U16,
        Dtype::I32 => Element::I32,
        Dtype::U32 => Element::U32,
        Dtype::I64 => Element::I64,
        Dtype::U64 => Element::U64,
        Dtype::BOOL => Element::Bool,
        _ => return None,
    })
}

/// A header, padded with blanks as the form allows, so that its length does not depend on the number of rows.
pub fn header(rows: u64, dim: usize, element: Element, names: usize) -> Vec<u8> {
    let kind = element.name().to_uppercase();
    let end = rows * (dim * element.bytes()) as u64;
    let mut text = format!(
        "{{\"__metadata__\":{{\"format\":\"vectors\"}},\"vectors\":{{\"dtype\":\"{kind}\",\"shape\":[{rows},{dim}],\"data_offsets\":[0,{end}]}}"
    );
    if names > 0 {
        let last = end + names as u64;
        text += &format!(",\"names\":{{\"dtype\":\"U8\",\"shape\":[{names}],\"data_offsets\":[{end},{last}]}}");
    }
    text.push('}');
    while text.len() < WRITTEN - 8 {
        text.push(' ');
    }
    let mut out = (text.len() as u64).to_le_bytes().to_vec();
    out.extend_from_slice(text.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_have_one_length() {
        for (rows, names) in [(0, 0), (1 << 40, 1 << 40)] {
            assert_eq!(header(rows, 1 << 20, Element::Bf16, names).len(), WRITTEN);
        }
    }
}
