//! From the spanning tree to the condensed tree: groups that split, and rows that fall out of them.

use super::Edge;
use super::boruvka::Sets;

/// A row or a group that leaves its parent group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leaving {
    /// The group it leaves; 0 is all rows.
    pub parent: u32,
    pub child: Child,
    /// 1 / distance.
    pub lambda: f64,
    /// Rows.
    pub size: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Child {
    Row(u32),
    Group(u32),
}

/// A merge of the single-linkage hierarchy: its two parts (rows below n, merges from n on), distance and rows.
struct Merge {
    parts: [u32; 2],
    length: f64,
    size: u32,
}

/// The condensed tree, parents before children.
pub(super) fn condense(n: usize, edges: &[Edge], least: usize) -> Vec<Leaving> {
    let merges = merges(n, edges);
    let size = |node: u32| if (node as usize) < n { 1 } else { merges[node as usize - n].size };
    let mut out = Vec::with_capacity(n);
    let Some(root) = merges.len().checked_sub(1) else { return out };
    // (merge, the group it is in)
    let mut open = std::collections::VecDeque::from([((root + n) as u32, 0u32)]);
    let mut groups = 1;
    while let Some((node, parent)) = open.pop_front() {
        if (node as usize) < n {
            continue;
        }
        let merge = &merges[node as usize - n];
        let lambda = if merge.length > 0.0 { 1.0 / merge.length } else { f64::INFINITY };
        let large = merge.parts.map(|p| size(p) as usize >= least);
        for (part, is_large) in merge.parts.into_iter().zip(large) {
            if large == [true, true] {
                out.push(Leaving { parent, child: Child::Group(groups), lambda, size: size(part) });
                open.push_back((part, groups));
                groups += 1;
            } else if is_large {
                open.push_back((part, parent));
            } else {
                let row = |row| Leaving { parent, child: Child::Row(row), lambda, size: 1 };
                out.extend(rows_of(part, n, &merges).into_iter().map(row));
            }
        }
    }
    out
}

fn merges(n: usize, edges: &[Edge]) -> Vec<Merge> {
    let mut sets = Sets::new(n);
    // Of each set: the node that stands for it.
    let mut node: Vec<u32> = (0..n as u32).collect();
    let mut merges: Vec<Merge> = Vec::with_capacity(edges.len());
    for e in edges {
        let parts = [e.a, e.b].map(|i| node[sets.find(i) as usize]);
        let size = parts.map(|p| if (p as usize) < n { 1 } else { merges[p as usize - n].size }).iter().sum();
        sets.join(e.a, e.b);
        node[sets.find(e.a) as usize] = (n + merges.len()) as u32;
        merges.push(Merge { parts, length: e.length, size });
    }
    merges
}

fn rows_of(node: u32, n: usize, merges: &[Merge]) -> Vec<u32> {
    let (mut open, mut rows) = (vec![node], vec![]);
    while let Some(node) = open.pop() {
        if (node as usize) < n { rows.push(node) } else { open.extend(merges[node as usize - n].parts) }
    }
    rows
}
