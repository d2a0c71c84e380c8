//! Strings that are attached to an object.

use super::bytes::Bytes;
use super::header::{kind, messages};
use super::number::{self, Type};

/// The string of that name at the object at an address.
pub fn string(file: Bytes<'_>, at: u64, name: &str) -> Result<Option<String>, String> {
    for message in messages(file, at)?.iter().filter(|m| m.kind == kind::ATTRIBUTE && !m.shared) {
        let mut body = message.body;
        let version = body.version("an attribute", 1..=3)?;
        body.skip(1)?;
        let sizes = [body.u16()?, body.u16()?, body.u16()?];
        body.skip(usize::from(version == 3))?;
        let parts = sizes.map(|size| {
            let filled = if version == 1 { usize::from(size).next_multiple_of(8) } else { size.into() };
            body.take(filled).map(Bytes::new)
        });
        let [found, datatype, _space] = parts;
        let found = found?.rest();
        if found.split(|b| *b == 0).next().unwrap_or_default() != name.as_bytes() {
            continue;
        }
        return match number::read(datatype?)? {
            Type::Fixed(size) => Ok(Some(text(body.take(size)?))),
            Type::Variable => {
                let (length, heap, index) = (body.u32()?, body.u64()?, body.u32()?);
                let value = global(file, heap, index)?;
                Ok(Some(text(value.get(..length as usize).ok_or("has a string longer than its place")?)))
            }
            Type::Number { .. } => Err("is a number, expected a string".into()),
        };
    }
    Ok(None)
}

fn text(bytes: &[u8]) -> String {
    let bytes = bytes.split(|b| *b == 0).next().unwrap_or_default();
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

/// An object of a collection of the global heap.
fn global(file: Bytes<'_>, at: u64, want: u32) -> Result<&[u8], String> {
    let mut head = file.from(at)?;
    head.signature(b"GCOL")?;
    head.skip(4)?;
    let size = head.u64()?;
    let mut rest = file.at(at, size)?;
    rest.skip(16)?;
    while rest.len() >= 16 {
        let index = u32::from(rest.u16()?);
        rest.skip(6)?;
        let size = usize::try_from(rest.u64()?).map_err(|_| "has a string without end")?;
        if index == 0 {
            break;
        }
        let value = rest.take(size)?;
        if index == want {
            return Ok(value);
        }
        rest.skip((size.next_multiple_of(8) - size).min(rest.len()))?;
    }
    Err(format!("has no object {want} where its string should be"))
}
