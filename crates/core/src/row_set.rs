//! A set of rows, one bit each: what a filter lets through, what is alive.

use std::iter::successors;

/// Rows below a fixed number; how many there are is known at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSet {
    words: Vec<u64>,
    rows: usize,
    count: usize,
}

impl RowSet {
    /// None of so many rows.
    #[must_use]
    pub fn none(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)], rows, count: 0 }
    }

    /// All of so many rows.
    #[must_use]
    pub fn all(rows: usize) -> Self {
        let mut words = vec![u64::MAX; rows.div_ceil(64)];
        if let (Some(last), used @ 1..) = (words.last_mut(), rows % 64) {
            *last = (1 << used) - 1;
        }
        Self { words, rows, count: rows }
    }

    /// Those of so many rows that pass.
    #[must_use]
    pub fn that(rows: usize, mut pass: impl FnMut(u32) -> bool) -> Self {
        let mut set = Self::none(rows);
        (0..rows as u32).filter(|row| pass(*row)).for_each(|row| set.set(row, true));
        set
    }

    /// Puts a row in or takes it out. A row that cannot be in it is left out.
    pub fn set(&mut self, row: u32, on: bool) {
        if row as usize >= self.rows {
            return;
        }
        let (word, bit) = (&mut self.words[row as usize / 64], 1u64 << (row % 64));
        match (on, *word & bit != 0) {
            (true, false) => self.count += 1,
            (false, true) => self.count -= 1,
            _ => return,
        }
        *word ^= bit;
    }

    /// Whether a row is in it.
    #[inline]
    #[must_use]
    pub fn has(&self, row: u32) -> bool {
        self.words.get(row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// How many rows are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Its rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        (0u32..).zip(&self.words).flat_map(|(at, word)| {
            let left = successors(Some(*word), |left| Some(left & (left - 1))).take_while(|left| *left != 0);
            left.map(move |left| 64 * at + left.trailing_zeros())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_what_was_put_in_and_not_taken_out(
            rows in 0usize..300,
            full in any::<bool>(),
            steps in prop::collection::vec((0u32..310, any::<bool>()), 0..200),
        ) {
            let mut set = if full { RowSet::all(rows) } else { RowSet::none(rows) };
            let mut want = vec![full; rows];
            for (row, on) in steps {
                set.set(row, on);
                if let Some(w) = want.get_mut(row as usize) {
                    *w = on;
                }
            }
            let ids: Vec<u32> = (0..rows as u32).filter(|row| want[*row as usize]).collect();
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), ids.clone());
            prop_assert_eq!((set.len(), set.is_empty()), (ids.len(), ids.is_empty()));
            prop_assert!((0..400).all(|row| set.has(row) == ids.contains(&row)));
            prop_assert_eq!(&set, &RowSet::that(rows, |row| want[row as usize]));
        }
    }
}
