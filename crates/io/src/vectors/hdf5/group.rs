//! Groups: names and where their objects are.

use std::collections::HashSet;

use super::bytes::{Bytes, UNDEFINED};
use super::header::{kind, messages};

/// Nodes of a tree that are still to be looked at. A damaged tree may go in circles: no node is taken twice.
pub struct Nodes {
    open: Vec<u64>,
    met: HashSet<u64>,
}

impl Nodes {
    pub fn new(root: u64) -> Self {
        Self { open: vec![root], met: HashSet::from([root]) }
    }

    pub fn next(&mut self) -> Option<u64> {
        self.open.pop()
    }

    pub fn push(&mut self, at: u64) -> Result<(), String> {
        match self.met.insert(at) {
            true => self.open.push(at),
            false => return Err(format!("has a tree that leads to byte {at} twice")),
        }
        Ok(())
    }
}

/// Names and addresses of what is in the group at an address.
pub fn links(file: Bytes<'_>, at: u64) -> Result<Vec<(String, u64)>, String> {
    let mut out = Vec::new();
    for message in messages(file, at)? {
        let mut body = message.body;
        match message.kind {
            kind::LINK => out.extend(link(body)?),
            kind::SYMBOL_TABLE => {
                let (tree, heap) = (body.u64()?, body.u64()?);
                symbols(file, tree, heap, &mut out)?;
            }
            kind::LINK_INFO => {
                body.version("link information", 0..=0)?;
                let flags = body.u8()?;
                body.skip(8 * usize::from(flags & 1))?;
                if body.u64()? != UNDEFINED {
                    return Err(
                        "keeps its links in dense form, which is not read here (write it with h5py's default `libver`)"
                            .into(),
                    );
                }
            }
            _ => {}
        }
    }
    Ok(out)
}

/// A hard link; none for other links.
fn link(mut body: Bytes<'_>) -> Result<Option<(String, u64)>, String> {
    body.version("a link", 1..=1)?;
    let flags = body.u8()?;
    let kind = if flags & 8 != 0 { body.u8()? } else { 0 };
    body.skip(8 * usize::from(flags & 4 != 0) + usize::from(flags & 16 != 0))?;
    let size = body.uint(1 << (flags & 3))?;
    let name = body.take(usize::try_from(size).map_err(|_| "has a name without end")?)?;
    let name = String::from_utf8_lossy(name).into_owned();
    if kind == 0 { Ok(Some((name, body.u64()?))) } else { Ok(None) }
}

/// The entries of a symbol table: a tree of nodes over a heap of names.
fn symbols(file: Bytes<'_>, tree: u64, heap: u64, out: &mut Vec<(String, u64)>) -> Result<(), String> {
    let mut head = file.from(heap)?;
    head.signature(b"HEAP")?;
    head.skip(4)?;
    let (size, _free, data) = (head.u64()?, head.u64()?, head.u64()?);
    let names = file.at(data, size)?;
    let mut nodes = Nodes::new(tree);
    while let Some(at) = nodes.next() {
        let mut node = file.from(at)?;
        if node.rest().starts_with(b"SNOD") {
            entries(&mut node, names, out)?;
            continue;
        }
        node.signature(b"TREE")?;
        if node.u8()? != 0 {
            return Err("has a tree of chunks in the place of names".into());
        }
        node.skip(1)?;
        let used = node.u16()?;
        node.skip(16)?;
        for _ in 0..used {
            node.skip(8)?;
            nodes.push(node.u64()?)?;
        }
    }
    out.sort();
    Ok(())
}

fn entries(node: &mut Bytes<'_>, names: Bytes<'_>, out: &mut Vec<(String, u64)>) -> Result<(), String> {
    node.signature(b"SNOD")?;
    node.skip(2)?;
    for _ in 0..node.u16()? {
        let (name, at, cache) = (node.u64()?, node.u64()?, node.u32()?);
        node.skip(20)?;
        // 2 stands for a symbolic link, which has no object of its own.
        if cache != 2 {
            let text = names.from(name)?.rest();
            let text = text.split(|b| *b == 0).next().unwrap_or_default();
            out.push((String::from_utf8_lossy(text).into_owned(), at));
        }
    }
    Ok(())
}
