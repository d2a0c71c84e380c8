//! First lists: rows that fall into the same leaf of a random projection tree are compared.

use rand::RngExt;
use rayon::prelude::*;

use super::lists::Lists;
use crate::rng::{self, Rng};
use crate::simd::{self, Op};
use crate::{Cancelled, Context, VectorsRef};

/// Leaves that are compared before their findings are offered: bounds memory.
const BATCH: usize = 2048;
/// Rows whose lists one task changes.
const GROUP: usize = 4096;

/// Offers every row the nearest rows of its leaf in the tree of this number.
pub(super) fn start(
    rows: VectorsRef<'_>,
    lists: &mut Lists,
    leaf: usize,
    tree: u64,
    ctx: &Context,
) -> Result<(), Cancelled> {
    let n = lists.rows();
    let mut order: Vec<u32> = (0..n as u32).collect();
    let mut ends = Vec::new();
    split(rows, &mut order, leaf, Node { tree, path: 1 }, ctx)?.into_iter().fold(0, |end, size| {
        ends.push((end, end + size));
        end + size
    });
    for batch in ends.chunks(BATCH) {
        ctx.check()?;
        let found: Vec<Vec<(u32, u32, f32)>> =
            batch.par_iter().map(|(from, to)| compare(rows, lists, &order[*from..*to])).collect();
        let mut groups = lists.groups(GROUP);
        for (row, id, distance) in found.into_iter().flatten() {
            groups[row as usize / GROUP].offer(row as usize % GROUP, id, distance);
        }
    }
    Ok(())
}

/// A node of a tree: its path from the root, in bits.
#[derive(Clone, Copy)]
struct Node {
    tree: u64,
    path: u64,
}

/// Orders ids so that leaves are consecutive; returns their sizes. Each node halves its rows along the line through two of
/// them, so that depth is bounded whatever the data.
fn split(
    rows: VectorsRef<'_>,
    ids: &mut [u32],
    leaf: usize,
    node: Node,
    ctx: &Context,
) -> Result<Vec<usize>, Cancelled> {
    ctx.check()?;
    if ids.len() <= leaf {
        return Ok(vec![ids.len()]);
    }
    let mut r = rng::item(ctx.seed, "projection tree", rng::mix(node.tree) ^ node.path);
    let line = direction(rows, ids, &mut r);
    let mut placed: Vec<(f32, u32)> = ids.iter().map(|i| (simd::dot(rows.row(*i as usize), &line), *i)).collect();
    let middle = placed.len() / 2;
    placed.select_nth_unstable_by(middle, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    placed[..middle].sort_unstable_by_key(|p| p.1);
    placed[middle..].sort_unstable_by_key(|p| p.1);
    ids.iter_mut().zip(&placed).for_each(|(i, p)| *i = p.1);
    let (low, high) = ids.split_at_mut(middle);
    let child = |bit| Node { path: node.path << 1 | bit, ..node };
    let (a, b) = rayon::join(|| split(rows, low, leaf, child(0), ctx), || split(rows, high, leaf, child(1), ctx));
    let mut sizes = a?;
    sizes.extend(b?);
    Ok(sizes)
}

/// From one random row of the node to another; a few tries to find two that differ.
fn direction(rows: VectorsRef<'_>, ids: &[u32], r: &mut Rng) -> Vec<f32> {
    let mut line = Vec::new();
    for _ in 0..4 {
        let [a, b] = [(); 2].map(|()| rows.row(ids[r.random_range(0..ids.len())] as usize));
        line = a.iter().zip(b).map(|(x, y)| x - y).collect();
        if line.iter().any(|v| *v != 0.0) {
            break;
        }
    }
    line
}

/// (row, other row, squared distance) of what could enter a list.
fn compare(rows: VectorsRef<'_>, lists: &Lists, leaf: &[u32]) -> Vec<(u32, u32, f32)> {
    let mut found = Vec::new();
    let mut distances = vec![0.0; leaf.len()];
    for (at, i) in leaf.iter().enumerate() {
        let later = &leaf[at + 1..];
        let out = &mut distances[..later.len()];
        simd::rows_at(Op::L2, rows.row(*i as usize), rows.as_slice(), later, out);
        let own = lists.worst(*i as usize);
        for (j, d) in later.iter().zip(out.iter()) {
            if *d <= own {
                found.push((*i, *j, *d));
            }
            if *d <= lists.worst(*j as usize) {
                found.push((*j, *i, *d));
            }
        }
    }
    found
}
