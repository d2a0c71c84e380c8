//! Rows of bits: bytes of eight bits (`.u8bin`, `.bvecs`, `.npy` of u8, as FAISS takes binary vectors), or an array of bool, a bit each.

use std::path::Path;

use vectory_core::bits::BitRows;

use super::error::form;
use super::rows::batch_rows;
use super::{Batch, Element, ReadOptions, VectorError, open};

/// Reads a whole file of bits.
///
/// # Errors
/// As [`open`]; [`VectorError::Form`] naming row and column of a value that is no byte.
pub fn read(path: &Path) -> Result<BitRows, VectorError> {
    let mut reader = open(path, &ReadOptions::default())?;
    let each = reader.element() == Some(Element::Bool);
    let (dim, mut bytes, mut batch, mut done) = (reader.dim(), Vec::new(), Batch::default(), 0);
    if let Some(other) = reader.element().filter(|e| !matches!(e, Element::Bool | Element::U8 | Element::I8)) {
        let why = format!("holds {}, expected bytes of eight bits each (u8), or bool", other.name());
        return Err(form(path, "header", why));
    }
    loop {
        let n = reader.read(&mut batch, batch_rows(dim))?;
        if n == 0 {
            break;
        }
        for (row, values) in batch.values.chunks_exact(dim).enumerate() {
            let place = |column: usize| format!("row {}, column {column}", done + row);
            match each {
                true => pack(values, &mut bytes).map_err(|c| (c, "0 or 1")),
                false => take(values, &mut bytes).map_err(|c| (c, "a byte of eight bits, 0 to 255")),
            }
            .map_err(|(column, what)| form(path, place(column), format!("{}, expected {what}", values[column])))?;
        }
        done += n;
    }
    let per_row = if each { dim.div_ceil(8) } else { dim };
    BitRows::from_bytes(&bytes, per_row).ok_or_else(|| form(path, "header", "there is no row of bits in it"))
}

/// Appends bytes; the place of the first value that is none is the error. Signed bytes are the same bits.
fn take(values: &[f32], out: &mut Vec<u8>) -> Result<(), usize> {
    for (i, v) in values.iter().enumerate() {
        if v.fract() != 0.0 || !(-128.0..=255.0).contains(v) {
            return Err(i);
        }
        out.push((*v as i32).to_le_bytes()[0]);
    }
    Ok(())
}

/// Appends eight values to a byte, the first lowest.
fn pack(values: &[f32], out: &mut Vec<u8>) -> Result<(), usize> {
    if let Some(i) = values.iter().position(|v| *v != 0.0 && *v != 1.0) {
        return Err(i);
    }
    out.extend(values.chunks(8).map(|some| some.iter().enumerate().fold(0, |b, (j, v)| b | u8::from(*v == 1.0) << j)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::{WriteOptions, write_all};
    use vectory_core::Vectors;

    #[test]
    fn bytes_and_bools_are_bits() {
        let dir = tempfile::tempdir().unwrap();
        let rows = Vectors::from_slice(&[1.0, 0.0, 1.0, 255.0, 7.0, 0.0], 3).unwrap();
        let path = |name: &str| dir.path().join(name);
        write_all(&path("b.u8bin"), rows.view(), None, &WriteOptions::default()).unwrap();
        write_all(&path("b.bvecs"), rows.view(), None, &WriteOptions::default()).unwrap();
        let bits = read(&path("b.u8bin")).unwrap();
        assert_eq!(
            (bits.view().bits(), bits.view().row(0), bits.view().row(1)),
            (24, &[0x01_00_01][..], &[0x07ff][..])
        );
        assert_eq!(read(&path("b.bvecs")).unwrap(), bits);
        let rows = Vectors::from_slice(&[1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0], 9).unwrap();
        let options = WriteOptions { element: Some(Element::Bool), ..WriteOptions::default() };
        write_all(&path("c.npy"), rows.view(), None, &options).unwrap();
        let bits = read(&path("c.npy")).unwrap();
        assert_eq!((bits.view().bits(), bits.view().row(0)), (16, &[0b1_0000_1101][..]));
    }

    #[test]
    fn other_numbers_are_refused_with_their_place() {
        let dir = tempfile::tempdir().unwrap();
        let rows = Vectors::from_slice(&[1.0, 2.0, 0.5, 3.0], 2).unwrap();
        let (npy, tsv) = (dir.path().join("f.npy"), dir.path().join("f.tsv"));
        write_all(&npy, rows.view(), None, &WriteOptions::default()).unwrap();
        write_all(&tsv, rows.view(), None, &WriteOptions::default()).unwrap();
        assert!(read(&npy).unwrap_err().to_string().contains("holds f32, expected bytes"));
        assert!(read(&tsv).unwrap_err().to_string().contains("row 1, column 0: 0.5, expected a byte"));
    }
}
