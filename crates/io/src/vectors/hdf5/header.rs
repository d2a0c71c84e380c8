//! Object headers: the messages that describe a group or a dataset.

use super::bytes::Bytes;

/// Kinds of messages.
pub mod kind {
    pub const DATASPACE: u16 = 0x01;
    pub const LINK_INFO: u16 = 0x02;
    pub const DATATYPE: u16 = 0x03;
    pub const LINK: u16 = 0x06;
    pub const LAYOUT: u16 = 0x08;
    pub const FILTERS: u16 = 0x0b;
    pub const ATTRIBUTE: u16 = 0x0c;
    pub const CONTINUATION: u16 = 0x10;
    pub const SYMBOL_TABLE: u16 = 0x11;
}

/// Messages and blocks that a header may have: what its count can say.
const MOST: usize = 1 << 16;
/// Set in the flags of a message that is only a reference to one elsewhere.
const SHARED: u8 = 2;

/// A message of an object header.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    pub kind: u16,
    pub body: Bytes<'a>,
    pub shared: bool,
}

/// All messages of the header at an address.
pub fn messages(file: Bytes<'_>, at: u64) -> Result<Vec<Message<'_>>, String> {
    let mut head = file.from(at)?;
    let modern = head.rest().starts_with(b"OHDR");
    let (first, ordered) = if modern { current(&mut head)? } else { (legacy(&mut head)?, false) };
    let mut blocks = vec![first];
    let (mut out, mut done) = (Vec::new(), 0);
    while let Some(mut block) = blocks.pop() {
        done += 1;
        if done > MOST || out.len() > MOST {
            return Err(format!("has an object header of more than {MOST} messages"));
        }
        // What is left over may be too short for a message.
        let least = if modern { 4 + 2 * usize::from(ordered) } else { 8 };
        while block.len() >= least {
            let message = if modern { next(&mut block, ordered)? } else { next_legacy(&mut block)? };
            if message.kind == kind::CONTINUATION {
                blocks.push(continuation(file, message.body, modern)?);
            } else if message.kind != 0 {
                out.push(message);
            }
        }
    }
    Ok(out)
}

/// The one message of a kind that there must be.
pub fn one<'a>(all: &[Message<'a>], kind: u16, what: &str) -> Result<Bytes<'a>, String> {
    let found = all.iter().find(|m| m.kind == kind).ok_or_else(|| format!("has no {what}"))?;
    match found.shared {
        true => Err(format!("has a {what} that is stored elsewhere (a named type), which is not read here")),
        false => Ok(found.body),
    }
}

/// The first block of a header of version 1.
fn legacy<'a>(head: &mut Bytes<'a>) -> Result<Bytes<'a>, String> {
    head.version("an object header", 1..=1)?;
    head.skip(7)?;
    let size = head.u32()? as usize;
    head.skip(4)?;
    head.take(size).map(Bytes::new)
}

/// The first block of a header of version 2, and whether messages carry the order of their creation.
fn current<'a>(head: &mut Bytes<'a>) -> Result<(Bytes<'a>, bool), String> {
    head.signature(b"OHDR")?;
    head.version("an object header", 2..=2)?;
    let flags = head.u8()?;
    head.skip(16 * usize::from(flags & 0x20 != 0) + 4 * usize::from(flags & 0x10 != 0))?;
    let size = head.uint(1 << (flags & 3))?;
    let size = usize::try_from(size).map_err(|_| format!("has an object header of {size} bytes"))?;
    Ok((Bytes::new(head.take(size)?), flags & 4 != 0))
}

fn continuation<'a>(file: Bytes<'a>, mut body: Bytes<'a>, modern: bool) -> Result<Bytes<'a>, String> {
    let (at, len) = (body.u64()?, body.u64()?);
    let mut block = file.at(at, len)?;
    if !modern {
        return Ok(block);
    }
    block.signature(b"OCHK")?;
    let used = block.len().checked_sub(4).ok_or("has a header block without a checksum")?;
    block.take(used).map(Bytes::new)
}

fn next<'a>(block: &mut Bytes<'a>, ordered: bool) -> Result<Message<'a>, String> {
    let (kind, size, flags) = (u16::from(block.u8()?), block.u16()?, block.u8()?);
    block.skip(2 * usize::from(ordered))?;
    Ok(Message { kind, body: Bytes::new(block.take(size.into())?), shared: flags & SHARED != 0 })
}

fn next_legacy<'a>(block: &mut Bytes<'a>) -> Result<Message<'a>, String> {
    let (kind, size, flags) = (block.u16()?, block.u16()?, block.u8()?);
    block.skip(3)?;
    Ok(Message { kind, body: Bytes::new(block.take(size.into())?), shared: flags & SHARED != 0 })
}
