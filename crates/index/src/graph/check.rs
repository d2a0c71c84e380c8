//! What must hold of every graph, and making it hold.

use thiserror::Error;
use vectory_core::VectorsRef;

use super::beam::{Links, NONE, Scratch};
use super::model::{Graph, Parts};

/// What is wrong with a graph.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Invalid {
    /// A link to itself, twice to the same row, or to a row that is not a node.
    #[error("row {from} links to row {to}, which is {why}")]
    Link {
        /// Where the link starts.
        from: u32,
        /// Where it leads.
        to: u32,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Rows that no search can reach.
    #[error("{count} rows cannot be reached, the first is {first}")]
    Unreachable {
        /// How many.
        count: usize,
        /// The first.
        first: u32,
    },
}

impl Graph {
    /// Whether every link leads to another node, none twice, and every row can be reached. O(rows × links).
    ///
    /// # Errors
    /// [`Invalid`] says what is wrong first.
    pub fn assert_validity(&self) -> Result<(), Invalid> {
        let parts = self.to_parts();
        let mut seen = vec![NONE; parts.rows];
        for from in 0..parts.rows as u32 {
            for to in parts.links().of(from) {
                let bad = |why| Err(Invalid::Link { from, to, why });
                match seen.get_mut(to as usize) {
                    None => return bad("not there"),
                    Some(_) if to == from => return bad("itself"),
                    Some(_) if parts.twins.is_twin[to as usize] => return bad("a twin of another"),
                    Some(_) if parts.gone[to as usize] => return bad("taken out"),
                    Some(mark) if *mark == from => return bad("linked twice"),
                    Some(mark) => *mark = from,
                }
            }
        }
        let lost = unreachable(&parts);
        match lost.first() {
            None => Ok(()),
            Some(first) => Err(Invalid::Unreachable { count: lost.len(), first: *first }),
        }
    }
}

/// What is no node: twins of others, and rows that were taken out.
fn no_nodes(parts: &Parts) -> Vec<bool> {
    parts.twins.is_twin.iter().zip(&parts.gone).map(|(twin, gone)| *twin || *gone).collect()
}

/// Nodes that a walk from the entries over all links does not meet.
fn unreachable(parts: &Parts) -> Vec<u32> {
    let mut met = no_nodes(parts);
    spread(parts.links(), &parts.entries, &mut met);
    (0..parts.rows as u32).filter(|id| !met[*id as usize]).collect()
}

/// Marks all rows that links lead to from these.
pub fn spread(links: Links<'_>, from: &[u32], met: &mut [bool]) {
    from.iter().for_each(|id| met[*id as usize] = true);
    let mut open = from.to_vec();
    while let Some(id) = open.pop() {
        for near in links.of(id) {
            if !std::mem::replace(&mut met[near as usize], true) {
                open.push(near);
            }
        }
    }
}

/// Links every node that cannot be reached from the nearest one that can be and has room.
pub(super) fn connect(parts: &mut Parts, rows: VectorsRef<'_>) {
    let degree = parts.params.degree();
    let other = no_nodes(parts);
    let mut met = other.clone();
    spread(parts.links(), &parts.entries, &mut met);
    let mut scratch = Scratch::default();
    for lost in 0..parts.rows as u32 {
        if met[lost as usize] {
            continue;
        }
        let seen = parts.seen(rows);
        parts.walk(&seen, lost, &mut scratch);
        let room = |id: u32| parts.links().of(id).count() < degree;
        let near = scratch.second.near.iter().map(|n| n.id).find(|id| room(*id));
        // Every reachable node has a full list only if each link of the tree is used up: there is always one with room.
        let from =
            near.or_else(|| (0..parts.rows as u32).find(|id| met[*id as usize] && !other[*id as usize] && room(*id)));
        let Some(from) = from else { return };
        let used = parts.links().of(from).count();
        parts.links[from as usize * degree + used] = lost;
        spread(parts.links(), &[lost], &mut met);
    }
}
