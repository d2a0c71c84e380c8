//! Where the chunks of a dataset are.

use std::collections::BTreeMap;

use super::bytes::{Bytes, UNDEFINED};
use super::group::Nodes;

/// Bytes of a chunk in the file, and the filters that it did not go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    pub at: u64,
    pub size: u64,
    pub skipped: u32,
}

/// Chunks of a dataset of two dimensions.
#[derive(Debug)]
pub struct Chunks {
    /// Rows and columns of a chunk.
    pub shape: [usize; 2],
    /// By first row and first column.
    pub stored: BTreeMap<(u64, u64), Stored>,
}

/// The dataset that the chunks are of.
#[derive(Clone, Copy)]
pub struct Whole {
    pub rows: u64,
    pub dim: u64,
    /// Bytes of a value.
    pub width: usize,
    pub filtered: bool,
}

/// Chunks as layout version 3 has them: a B-tree of version 1.
pub fn of_tree(file: Bytes<'_>, mut body: Bytes<'_>, whole: Whole) -> Result<Chunks, String> {
    let ranks = body.u8()?;
    let tree = body.u64()?;
    let sizes: Vec<u64> = (0..ranks).map(|_| body.u32().map(u64::from)).collect::<Result<_, _>>()?;
    let shape = shape(&sizes, whole)?;
    let mut stored = BTreeMap::new();
    let mut nodes = Nodes::new(tree);
    while let Some(at) = nodes.next().filter(|at| *at != UNDEFINED) {
        let mut node = file.from(at)?;
        node.signature(b"TREE")?;
        if node.u8()? != 1 {
            return Err("has a tree of names in the place of chunks".into());
        }
        let (level, used) = (node.u8()?, node.u16()?);
        node.skip(16)?;
        for _ in 0..used {
            let (size, skipped, row, column) = (node.u32()?, node.u32()?, node.u64()?, node.u64()?);
            node.skip(8)?;
            let child = node.u64()?;
            match level {
                0 => _ = stored.insert((row, column), Stored { at: child, size: size.into(), skipped }),
                _ => nodes.push(child)?,
            }
        }
    }
    Ok(Chunks { shape, stored })
}

/// Chunks as layout versions 4 and 5 have them (5: wider sizes of packed chunks), of the kinds whose places are fixed.
pub fn of_index(file: Bytes<'_>, mut body: Bytes<'_>, whole: Whole) -> Result<Chunks, String> {
    let (flags, ranks, width) = (body.u8()?, body.u8()?, body.u8()?);
    let sizes: Vec<u64> = (0..ranks).map(|_| body.uint(width.into())).collect::<Result<_, _>>()?;
    let shape = shape(&sizes, whole)?;
    let plain = shape[0] as u64 * shape[1] as u64 * whole.width as u64;
    let across = whole.dim.div_ceil(shape[1] as u64);
    let count = whole.rows.div_ceil(shape[0] as u64).saturating_mul(across);
    if count > file.len() as u64 {
        return Err(format!("has {count} chunks in a file of {} bytes", file.len()));
    }
    let place = |i: u64| (i / across * shape[0] as u64, i % across * shape[1] as u64);
    let list: Vec<Stored> = match body.u8()? {
        1 => {
            let (size, skipped) = if flags & 2 != 0 { (body.u64()?, body.u32()?) } else { (plain, 0) };
            vec![Stored { at: body.u64()?, size, skipped }]
        }
        2 => {
            let first = body.u64()?;
            let at = |i: u64| first.checked_add(i.checked_mul(plain)?);
            let all = (0..count).map(|i| Some(Stored { at: at(i)?, size: plain, skipped: 0 })).collect::<Option<_>>();
            all.ok_or("has chunks outside of the file")?
        }
        3 => {
            body.skip(1)?;
            fixed_array(file, body.u64()?, (count, plain, whole.filtered))?
        }
        other => {
            let name = if other == 4 { "an extensible array" } else { "a B-tree of version 2" };
            return Err(format!(
                "finds its chunks by {name}, which is not read here (write it with h5py's default `libver`)"
            ));
        }
    };
    Ok(Chunks { shape, stored: (0..).map(place).zip(list).collect() })
}

/// Chunk sizes of a dataset of two dimensions; the last size is that of a value.
fn shape(sizes: &[u64], whole: Whole) -> Result<[usize; 2], String> {
    let [rows, columns, width] = sizes[..] else {
        return Err(format!("has chunks of {} dimensions, expected two", sizes.len().saturating_sub(1)));
    };
    let bytes = rows.checked_mul(columns).and_then(|n| n.checked_mul(width));
    if rows == 0 || columns == 0 || width != whole.width as u64 || bytes.is_none_or(|b| b > 1 << 32) {
        return Err(format!("has chunks of {rows} × {columns} values of {width} bytes"));
    }
    Ok([rows as usize, columns as usize])
}

/// The entries of a fixed array: `count` of them, in pages where they are many.
fn fixed_array(file: Bytes<'_>, at: u64, (count, plain, filtered): (u64, u64, bool)) -> Result<Vec<Stored>, String> {
    let mut head = file.from(at)?;
    head.signature(b"FAHD")?;
    head.version("a fixed array", 0..=0)?;
    let (client, entry, bits) = (head.u8()?, usize::from(head.u8()?), head.u8()?);
    let (entries, data) = (head.u64()?, head.u64()?);
    let legal = if filtered { (13..=20).contains(&entry) && client == 1 } else { entry == 8 && client == 0 };
    if !legal || bits > 32 || entries < count {
        return Err(format!("has a fixed array of {entries} entries of {entry} bytes for {count} chunks"));
    }
    let mut block = file.from(data)?;
    block.signature(b"FADB")?;
    block.skip(10)?;
    let page = 1u64 << bits;
    let paged = entries > page;
    if paged {
        block.skip(entries.div_ceil(page).div_ceil(8) as usize)?;
        block.skip(4)?;
    }
    let mut out = Vec::new();
    for i in 0..count {
        if paged && i > 0 && i % page == 0 {
            block.skip(4)?;
        }
        let at = block.u64()?;
        let (size, skipped) = if filtered { (block.uint(entry - 12)?, block.u32()?) } else { (plain, 0) };
        out.push(Stored { at, size, skipped });
    }
    Ok(out)
}
