//! Arrays of whole files: small ones of one dimension (lengths, offsets, indices) beside the rows.

use std::io::Read;
use std::path::Path;

use super::error::form;
use super::{Element, VectorError, npy};
use crate::stream;

/// An array of numbers, as f64: integers up to 2^53 are exact.
pub struct Array {
    pub values: Vec<f64>,
}

impl Array {
    /// The values as whole numbers from 0 to `limit`.
    pub fn whole(&self, path: &Path, name: &str, limit: u64) -> Result<Vec<u64>, VectorError> {
        let one = |(i, v): (usize, &f64)| {
            if *v >= 0.0 && v.fract() == 0.0 && *v <= limit as f64 {
                return Ok(*v as u64);
            }
            Err(form(path, format!("`{name}`, place {i}"), format!("{v}, expected a whole number from 0 to {limit}")))
        };
        self.values.iter().enumerate().map(one).collect()
    }
}

/// The array in a `.npy` file (which may be compressed).
pub fn of_npy(path: &Path) -> Result<Array, VectorError> {
    read(&mut stream::open(path, None)?, path)
}

/// An `.npz` archive.
pub struct Archive(zip::ZipArchive<fs_err::File>);

impl Archive {
    pub fn open(path: &Path) -> Result<Self, VectorError> {
        let zip = zip::ZipArchive::new(fs_err::File::open(path)?);
        zip.map(Self).map_err(|e| form(path, "archive", format!("not a readable .npz archive ({e})")))
    }

    /// The array of that name; none where there is none.
    pub fn find(&mut self, path: &Path, name: &str) -> Result<Option<Array>, VectorError> {
        let Some(index) = self.0.index_for_name(&format!("{name}.npy")) else { return Ok(None) };
        let bad = |e: zip::result::ZipError| form(path, format!("array `{name}`"), e.to_string());
        read(&mut self.0.by_index(index).map_err(bad)?, path).map(Some)
    }

    /// The array of that name.
    pub fn get(&mut self, path: &Path, name: &str) -> Result<Array, VectorError> {
        self.find(path, name)?.ok_or_else(|| form(path, "archive", format!("there is no array `{name}` in it")))
    }
}

fn read(input: &mut impl Read, path: &Path) -> Result<Array, VectorError> {
    let (text, _) = npy::header_text(input, path)?;
    let dict = npy::dict(&text).map_err(|why| form(path, "header", why))?;
    if dict.fortran && dict.sizes.len() > 1 {
        return Err(form(path, "header", "is in Fortran order, expected C order here"));
    }
    let mut raw = Vec::new();
    input.read_to_end(&mut raw)?;
    let count = dict.sizes.iter().try_fold(1u64, |n, s| n.checked_mul(*s));
    let size = count.and_then(|n| n.checked_mul(dict.element.bytes() as u64));
    if size != Some(raw.len() as u64) {
        let why = format!(
            "a shape of {:?} {} does not have {} bytes: cut, or a wrong header",
            dict.sizes,
            dict.element.name(),
            raw.len()
        );
        return Err(form(path, "header", why));
    }
    if dict.big {
        raw.chunks_exact_mut(dict.element.bytes()).for_each(<[u8]>::reverse);
    }
    Ok(Array { values: numbers(dict.element, &raw, path)? })
}

/// Little-endian numbers.
pub fn numbers(element: Element, raw: &[u8], path: &Path) -> Result<Vec<f64>, VectorError> {
    macro_rules! of {
        ($t:ty) => {
            raw.as_chunks().0.iter().map(|b| <$t>::from_le_bytes(*b) as f64).collect()
        };
    }
    Ok(match element {
        Element::F64 => of!(f64),
        Element::I32 => of!(i32),
        Element::U32 => of!(u32),
        Element::I64 => of!(i64),
        Element::U64 => of!(u64),
        small => {
            let mut out = Vec::new();
            small.decode(raw, &mut out).map_err(|i| form(path, format!("place {i}"), "not a number"))?;
            out.into_iter().map(f64::from).collect()
        }
    })
}

/// A version 1 `.npy` file of one dimension.
pub fn column<const N: usize>(element: Element, values: impl ExactSizeIterator<Item = [u8; N]>) -> Vec<u8> {
    let descr = npy::descr(element).unwrap_or("<f4");
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({},), }}", values.len());
    while (text.len() + 11) % 64 != 0 {
        text.push(' ');
    }
    text.push('\n');
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend_from_slice(&(text.len() as u16).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    values.for_each(|v| out.extend_from_slice(&v));
    out
}
