//! `.npy`: NumPy's array file (NEP 1), versions 1 to 3.

use std::io::Read;
use std::path::Path;

use super::error::{fill, form};
use super::fixed::{FixedRows, Shape};
use super::fortran::FortranRows;
use super::{Element, RowReader, VectorError};
use crate::stream::{self, Compression, Input};

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// The length of the headers that we write: a multiple of 64, and room for any row count.
const WRITTEN: usize = 128;

/// What the header says, and where the numbers begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NpyHeader {
    pub shape: Shape,
    pub fortran: bool,
    pub start: u64,
}

pub fn open(path: &Path) -> Result<Box<dyn RowReader>, VectorError> {
    let mut input = stream::open(path, None)?;
    let plain = input.compression() == Compression::None;
    let size = if plain { Some(fs_err::metadata(path)?.len()) } else { None };
    let header = read_header(&mut input, path)?;
    rows(input, path, header, size)
}

/// Rows behind a header that was read; `size` is that of the whole, if it is known.
pub fn rows(
    input: Input,
    path: &Path,
    header: NpyHeader,
    size: Option<u64>,
) -> Result<Box<dyn RowReader>, VectorError> {
    header.shape.check(path, size.map(|s| s.saturating_sub(header.start)))?;
    Ok(if header.fortran {
        Box::new(FortranRows::new(input, path, header)?)
    } else {
        Box::new(FixedRows::new(input, path, header.shape, Vec::new()))
    })
}

/// Reads the header; the stream then stands at the first number.
pub fn read_header(input: &mut impl Read, path: &Path) -> Result<NpyHeader, VectorError> {
    let (text, start) = header_text(input, path)?;
    let (shape, fortran) = describe(&text).map_err(|why| form(path, "header", why))?;
    Ok(NpyHeader { shape, fortran, start })
}

/// Reads the header's text; the stream then stands at the first number, whose place is returned too.
pub fn header_text(input: &mut impl Read, path: &Path) -> Result<(String, u64), VectorError> {
    let bad = |why: String| form(path, "header", why);
    let mut fixed = [0; 8];
    let mut read = |out: &mut [u8]| {
        fill(input, out, path, || "header".into(), "not a NumPy file, or cut: it ends within its header")
    };
    read(&mut fixed)?;
    if !fixed.starts_with(MAGIC) {
        return Err(bad("not a NumPy file: it does not begin with \\x93NUMPY".into()));
    }
    let (length, width) = match fixed[6] {
        1 => {
            let mut l = [0; 2];
            read(&mut l)?;
            (u32::from(u16::from_le_bytes(l)), 2)
        }
        2 | 3 => {
            let mut l = [0; 4];
            read(&mut l)?;
            (u32::from_le_bytes(l), 4)
        }
        other => return Err(bad(format!("version {other} of the form, expected 1 to 3"))),
    };
    if length > 1 << 20 {
        return Err(bad(format!("a header of {length} bytes, expected at most 1 MiB")));
    }
    let mut text = vec![0; length as usize];
    read(&mut text)?;
    Ok((String::from_utf8_lossy(&text).into_owned(), 8 + width + u64::from(length)))
}

/// Reads the header's Python dict, such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }`.
fn describe(text: &str) -> Result<(Shape, bool), String> {
    let d = dict(text)?;
    match d.sizes[..] {
        [rows, dim] => {
            let dim = usize::try_from(dim).map_err(|_| format!("rows of {dim} values"))?;
            Ok((Shape { rows, dim, element: d.element, big: d.big }, d.fortran))
        }
        [n] => Err(format!(
            "its shape is ({n},), expected two dimensions; reshape it to (1, {n}) for one vector, ({n}, 1) for {n}"
        )),
        _ => Err(format!("its shape is {:?}, expected two dimensions (rows, values)", d.sizes)),
    }
}

/// A header's dict: an array of any shape.
pub struct Dict {
    pub sizes: Vec<u64>,
    pub element: Element,
    pub big: bool,
    pub fortran: bool,
}

/// Reads the header's Python dict.
pub fn dict(text: &str) -> Result<Dict, String> {
    let value = |key: &str| {
        let at = text.find(key).ok_or_else(|| format!("no {key} in it"))?;
        Ok::<_, String>(text[at + key.len()..].trim_start_matches([' ', ':']))
    };
    let descr = value("'descr'")?;
    let kind = descr.strip_prefix(['\'', '"']).and_then(|d| d.split(['\'', '"']).next());
    let kind = kind.ok_or_else(|| format!("its type is {}, expected a plain one such as '<f4'", start(descr)))?;
    let (element, big) = element(kind)?;
    let fortran = match value("'fortran_order'")? {
        v if v.starts_with("True") => true,
        v if v.starts_with("False") => false,
        other => return Err(format!("fortran_order is {}, expected True or False", start(other))),
    };
    let shape = value("'shape'")?;
    let inner = shape
        .strip_prefix('(')
        .and_then(|s| s.split(')').next())
        .ok_or_else(|| format!("its shape is {}", start(shape)))?;
    let parsed: Result<Vec<u64>, _> =
        inner.split(',').map(|n| n.trim().trim_end_matches('L')).filter(|n| !n.is_empty()).map(str::parse).collect();
    let sizes = parsed.map_err(|_| format!("its shape is ({inner}), expected whole numbers"))?;
    Ok(Dict { sizes, element, big, fortran })
}

fn start(text: &str) -> String {
    text.chars().take(40).collect()
}

fn element(kind: &str) -> Result<(Element, bool), String> {
    let (big, code) = match kind.split_at_checked(1) {
        Some(("<" | "|" | "=", code)) => (false, code),
        Some((">", code)) => (true, code),
        _ => (false, kind),
    };
    let element = match code {
        "f4" => Element::F32,
        "f8" => Element::F64,
        "f2" => Element::F16,
        "i1" => Element::I8,
        "u1" => Element::U8,
        "i2" => Element::I16,
        "u2" => Element::U16,
        "i4" => Element::I32,
        "u4" => Element::U32,
        "i8" => Element::I64,
        "u8" => Element::U64,
        "b1" => Element::Bool,
        _ => return Err(format!("its type is '{kind}', expected real numbers (f2, f4, f8, i1 to i8, u1 to u8, b1)")),
    };
    Ok((element, big))
}

/// NumPy's name of an element; none for those it has not.
pub fn descr(element: Element) -> Option<&'static str> {
    Some(match element {
        Element::F32 => "<f4",
        Element::F64 => "<f8",
        Element::F16 => "<f2",
        Element::I8 => "|i1",
        Element::U8 => "|u1",
        Element::I16 => "<i2",
        Element::U16 => "<u2",
        Element::I32 => "<i4",
        Element::U32 => "<u4",
        Element::I64 => "<i8",
        Element::U64 => "<u8",
        Element::Bool => "|b1",
        Element::Bf16 => return None,
    })
}

/// A version 1 header of [`WRITTEN`] bytes.
pub fn header(rows: u64, dim: usize, element: Element) -> Vec<u8> {
    let descr = descr(element).unwrap_or("<f4");
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({rows}, {dim}), }}");
    while text.len() < WRITTEN - 11 {
        text.push(' ');
    }
    text.push('\n');
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&[1, 0]);
    out.extend_from_slice(&(text.len() as u16).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_written() {
        for rows in [0, 7, u64::MAX] {
            let raw = header(rows, 1 << 20, Element::F16);
            assert_eq!(raw.len(), WRITTEN);
            let h = read_header(&mut &raw[..], Path::new("x")).unwrap();
            let shape = Shape { rows, dim: 1 << 20, element: Element::F16, big: false };
            assert_eq!(h, NpyHeader { shape, fortran: false, start: WRITTEN as u64 });
        }
    }

    #[test]
    fn foreign_headers_are_read() {
        let of = |text: &str| describe(text).map(|(s, f)| (s.rows, s.dim, s.element, s.big, f));
        let got = of("{\"x\": 1, 'shape': (3L, 2L), 'fortran_order': True, 'descr': '>f8'}").unwrap();
        assert_eq!(got, (3, 2, Element::F64, true, true));
        for (text, want) in [
            ("{'descr': '<c8', 'fortran_order': False, 'shape': (3, 2)}", "'<c8'"),
            ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}", "plain"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "(3,), expected two"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2, 1)}", "two dimensions"),
            ("{'descr': '<f4', 'fortran_order': 0, 'shape': (3, 2)}", "True or False"),
            ("{}", "'descr'"),
        ] {
            assert!(of(text).unwrap_err().contains(want), "{text}");
        }
    }
}
