//! Types of numbers and strings.

use super::super::Element;
use super::bytes::Bytes;

/// What the values of a dataset or an attribute are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Number {
        element: Element,
        big: bool,
    },
    /// A string of so many bytes.
    Fixed(usize),
    /// A string elsewhere in the file.
    Variable,
}

/// Reads a datatype message.
pub fn read(mut body: Bytes<'_>) -> Result<Type, String> {
    let head = body.u8()?;
    let bits = [body.u8()?, body.u8()?, body.u8()?];
    let size = body.u32()?;
    let big = bits[0] & 1 == 1;
    match head & 15 {
        0 => {
            let (offset, precision) = (body.u16()?, body.u16()?);
            let signed = bits[0] & 8 != 0;
            let element = match (size, signed, offset == 0 && u32::from(precision) == 8 * size) {
                (1, true, true) => Element::I8,
                (1, false, true) => Element::U8,
                (2, true, true) => Element::I16,
                (2, false, true) => Element::U16,
                (4, true, true) => Element::I32,
                (4, false, true) => Element::U32,
                (8, true, true) => Element::I64,
                (8, false, true) => Element::U64,
                _ => {
                    return Err(format!("holds integers of {precision} bits in {size} bytes, which are not read here"));
                }
            };
            Ok(Type::Number { element, big })
        }
        1 => {
            body.skip(5)?;
            let (exponent, _, mantissa) = (body.u8()?, body.u8()?, body.u8()?);
            let element = match (size, exponent, mantissa) {
                (2, 5, 10) => Element::F16,
                (2, 8, 7) => Element::Bf16,
                (4, 8, 23) => Element::F32,
                (8, 11, 52) => Element::F64,
                _ => {
                    return Err(format!(
                        "holds floats of {size} bytes with a mantissa of {mantissa} bits, which are not read here"
                    ));
                }
            };
            Ok(Type::Number { element, big })
        }
        3 => Ok(Type::Fixed(size as usize)),
        // h5py's bool is an enumeration of one byte.
        8 if size == 1 => Ok(Type::Number { element: Element::Bool, big: false }),
        9 if bits[0] & 15 == 1 => Ok(Type::Variable),
        other => Err(format!("holds values of class {other} ({}), expected numbers", class(other))),
    }
}

fn class(class: u8) -> &'static str {
    match class {
        2 => "time",
        4 => "bits",
        5 => "opaque",
        6 => "compound",
        7 => "reference",
        8 => "enumeration",
        9 => "variable length",
        10 => "array",
        _ => "unknown",
    }
}

/// The sizes of a dataspace message.
pub fn dimensions(mut body: Bytes<'_>) -> Result<Vec<u64>, String> {
    let version = body.version("a dataspace", 1..=2)?;
    let (rank, _flags) = (body.u8()?, body.u8()?);
    body.skip(if version == 1 { 5 } else { 1 })?;
    (0..rank).map(|_| body.u64()).collect()
}
