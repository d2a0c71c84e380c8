//! The k nearest rows that are known so far of each row, nearest first.

/// For each of n rows: k ids, squared distances, and whether an entry has not been joined yet.
pub(super) struct Lists {
    k: usize,
    ids: Vec<u32>,
    distances: Vec<f32>,
    fresh: Vec<bool>,
}

/// The lists of some consecutive rows, to be changed.
pub(super) struct ListsMut<'a> {
    k: usize,
    ids: &'a mut [u32],
    distances: &'a mut [f32],
    fresh: &'a mut [bool],
}

/// Stands for no row.
const NONE: u32 = u32::MAX;

impl Lists {
    pub fn new(rows: usize, k: usize) -> Self {
        Self { k, ids: vec![NONE; rows * k], distances: vec![f32::INFINITY; rows * k], fresh: vec![false; rows * k] }
    }

    /// How many rows have a list.
    pub fn rows(&self) -> usize {
        self.ids.len().checked_div(self.k).unwrap_or(0)
    }

    /// (id, squared distance) of what row `i` knows.
    pub fn of(&self, i: usize) -> impl Iterator<Item = (u32, f32)> + '_ {
        let at = i * self.k..(i + 1) * self.k;
        self.ids[at.clone()].iter().copied().zip(self.distances[at].iter().copied()).filter(|(id, _)| *id != NONE)
    }

    /// (id, still to be joined) of what row `i` knows.
    pub fn marked(&self, i: usize) -> impl Iterator<Item = (u32, bool)> + '_ {
        let at = i * self.k..(i + 1) * self.k;
        self.ids[at.clone()].iter().copied().zip(self.fresh[at].iter().copied()).filter(|(id, _)| *id != NONE)
    }

    /// The distance that a new entry of row `i` must not exceed.
    pub fn worst(&self, i: usize) -> f32 {
        self.distances[(i + 1) * self.k - 1]
    }

    /// Entry `id` of row `i` has been joined.
    pub fn joined(&mut self, i: usize, id: u32) {
        let at = i * self.k..(i + 1) * self.k;
        if let Some(p) = self.ids[at.clone()].iter().position(|j| *j == id) {
            self.fresh[at.start + p] = false;
        }
    }

    /// Cuts the lists into groups of `rows` consecutive rows.
    pub fn groups(&mut self, rows: usize) -> Vec<ListsMut<'_>> {
        let size = (rows * self.k).max(1);
        let parts = self.ids.chunks_mut(size).zip(self.distances.chunks_mut(size)).zip(self.fresh.chunks_mut(size));
        parts.map(|((ids, distances), fresh)| ListsMut { k: self.k, ids, distances, fresh }).collect()
    }
}

impl ListsMut<'_> {
    /// Offers an entry to the list of the group's row `i`; says whether it was kept. What is kept in the end does not
    /// depend on the order of offers.
    pub fn offer(&mut self, i: usize, id: u32, distance: f32) -> bool {
        let at = i * self.k..(i + 1) * self.k;
        let (ids, distances, fresh) = (&mut self.ids[at.clone()], &mut self.distances[at.clone()], &mut self.fresh[at]);
        let before = |d: f32, j: u32| d.total_cmp(&distance).then(j.cmp(&id)).is_lt();
        let last = ids.len() - 1;
        if before(distances[last], ids[last]) || ids.contains(&id) {
            return false;
        }
        let mut place = last;
        while place > 0 && !before(distances[place - 1], ids[place - 1]) {
            place -= 1;
        }
        ids[place..].rotate_right(1);
        distances[place..].rotate_right(1);
        fresh[place..].rotate_right(1);
        (ids[place], distances[place], fresh[place]) = (id, distance, true);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_nearest_once_each_with_ties_by_id() {
        let mut lists = Lists::new(2, 2);
        for (id, d) in [(7, 3.0), (5, 1.0), (7, 3.0), (4, 1.0), (9, 2.0)] {
            lists.groups(1)[1].offer(0, id, d);
        }
        assert_eq!(lists.of(1).collect::<Vec<_>>(), [(4, 1.0), (5, 1.0)]);
        assert_eq!((lists.of(0).count(), lists.worst(0), lists.worst(1)), (0, f32::INFINITY, 1.0));
        lists.joined(1, 5);
        assert_eq!(lists.marked(1).collect::<Vec<_>>(), [(4, true), (5, false)]);
    }
}
