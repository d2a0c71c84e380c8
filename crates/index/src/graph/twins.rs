//! Equal rows: one node and a chain of twins.

use vectory_core::VectorsRef;

use super::beam::NONE;
use super::model::Parts;

impl Parts {
    /// Takes in rows `new` (in order): those that equal an earlier one join its chain; gives the others, which become nodes.
    pub(super) fn twins_of(&mut self, rows: VectorsRef<'_>, new: &[u32]) -> Vec<u32> {
        let hash = |id: u32| crate::hash::bytes(bytemuck::cast_slice(rows.row(id as usize)));
        let mut is_new = vec![false; self.rows];
        new.iter().for_each(|id| is_new[*id as usize] = true);
        // Of each hash the first row that is a node, and the last of its chain.
        let mut last: rustc_hash::FxHashMap<u64, (u32, u32)> = rustc_hash::FxHashMap::default();
        for first in (0..self.rows as u32).filter(|id| !is_new[*id as usize] && !self.gone[*id as usize]) {
            if !self.twins.is_twin[first as usize] {
                let mut end = first;
                while self.twins.next[end as usize] != NONE {
                    end = self.twins.next[end as usize];
                }
                last.insert(hash(first), (first, end));
            }
        }
        let mut nodes = Vec::new();
        for &id in new {
            match last.get_mut(&hash(id)) {
                Some((first, end)) if rows.row(*first as usize) == rows.row(id as usize) => {
                    self.twins.next[*end as usize] = id;
                    self.twins.is_twin[id as usize] = true;
                    *end = id;
                }
                _ => {
                    last.insert(hash(id), (id, id));
                    nodes.push(id);
                }
            }
        }
        nodes
    }

    /// How many rows are nodes.
    pub(super) fn nodes(&self) -> usize {
        self.twins.is_twin.iter().zip(&self.gone).filter(|(twin, gone)| !**twin && !**gone).count()
    }
}
