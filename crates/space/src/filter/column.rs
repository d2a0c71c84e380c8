//! One payload field of all documents, in memory, with what makes looking values up quick.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, OnceLock};

use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::{Bounds, Cell};

/// The documents that have a field, each with its value.
///
/// A commit changes few documents: the next commit's column shares what is settled and carries the changes beside it, until
/// they are many.
#[derive(Clone, Debug, Default)]
pub struct Column {
    settled: Arc<Settled>,
    /// What has changed since; `None`: the document no longer has the field.
    changed: BTreeMap<u32, Option<Cell>>,
}

#[derive(Debug, Default)]
struct Settled {
    /// By ascending document number.
    cells: Vec<(u32, Cell)>,
    by_value: OnceLock<FxHashMap<Key, RoaringBitmap>>,
    by_number: OnceLock<Vec<(f64, u32)>>,
}

/// A value that can be looked up.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Text(String),
    Int(i64),
    Bool(bool),
}

impl Key {
    fn of(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Text(t) => Some(Self::Text(t.clone())),
            Cell::Int(i) => Some(Self::Int(*i)),
            Cell::Bool(b) => Some(Self::Bool(*b)),
            // A whole number written as 3.0 is found as 3.
            Cell::Number(n) if n.fract() == 0.0 && n.abs() < 9e15 => Some(Self::Int(*n as i64)),
            _ => None,
        }
    }
}

/// Changes beyond this share of what is settled make a new settled column.
const SETTLE: usize = 8;

impl Column {
    /// A column from values by ascending document number.
    #[must_use]
    pub fn new(cells: Vec<(u32, Cell)>) -> Self {
        Self { settled: Arc::new(Settled { cells, ..Settled::default() }), changed: BTreeMap::new() }
    }

    /// The column after these documents have changed.
    #[must_use]
    pub fn after(&self, changes: impl Iterator<Item = (u32, Option<Cell>)>) -> Self {
        let mut next = self.clone();
        next.changed.extend(changes);
        if next.changed.len() * SETTLE > next.settled.cells.len() + 8192 {
            let mut cells: Vec<(u32, Cell)> = next.iter().map(|(d, c)| (d, c.clone())).collect();
            cells.sort_unstable_by_key(|c| c.0);
            return Self::new(cells);
        }
        next
    }

    /// Every document that has the field, with its value.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Cell)> {
        let old = self.settled.cells.iter().filter(|(d, _)| !self.changed.contains_key(d)).map(|(d, c)| (*d, c));
        old.chain(self.changed.iter().filter_map(|(d, c)| Some((*d, c.as_ref()?))))
    }

    /// The value of a document.
    #[must_use]
    pub fn get(&self, document: u32) -> Option<&Cell> {
        if let Some(changed) = self.changed.get(&document) {
            return changed.as_ref();
        }
        let cells = &self.settled.cells;
        cells.binary_search_by_key(&document, |c| c.0).ok().map(|at| &cells[at].1)
    }

    /// The documents whose value `holds` lets through.
    pub fn select(&self, holds: impl Fn(&Cell) -> bool) -> RoaringBitmap {
        self.iter().filter(|(_, c)| holds(c)).map(|(d, _)| d).collect()
    }

    /// As [`Column::select`] for values that equal one of these: by looking them up, where that can be done.
    pub(super) fn select_values(&self, values: &[Cell], holds: impl Fn(&Cell) -> bool) -> RoaringBitmap {
        let Some(keys) = values.iter().map(Key::of).collect::<Option<Vec<_>>>() else { return self.select(holds) };
        let index = self.settled.by_value();
        let mut found = RoaringBitmap::new();
        keys.iter().filter_map(|k| index.get(k)).for_each(|documents| found |= documents);
        self.with_changes(found, holds)
    }

    /// As [`Column::select`] for numbers within bounds.
    pub(super) fn select_range(&self, bounds: &Bounds<f64>, holds: impl Fn(&Cell) -> bool) -> RoaringBitmap {
        let numbers = self.settled.by_number();
        let from =
            numbers.partition_point(|(n, _)| bounds.gt.is_some_and(|b| *n <= b) || bounds.gte.is_some_and(|b| *n < b));
        let to =
            numbers.partition_point(|(n, _)| bounds.lt.is_none_or(|b| *n < b) && bounds.lte.is_none_or(|b| *n <= b));
        let found = numbers.get(from..to).unwrap_or_default().iter().map(|x| x.1).collect();
        self.with_changes(found, holds)
    }

    fn with_changes(&self, mut found: RoaringBitmap, holds: impl Fn(&Cell) -> bool) -> RoaringBitmap {
        for (document, cell) in self.changed.range((Bound::Unbounded::<u32>, Bound::Unbounded)) {
            if cell.as_ref().is_some_and(&holds) {
                found.insert(*document);
            } else {
                found.remove(*document);
            }
        }
        found
    }
}

impl Settled {
    fn by_value(&self) -> &FxHashMap<Key, RoaringBitmap> {
        self.by_value.get_or_init(|| {
            let mut index: FxHashMap<Key, RoaringBitmap> = FxHashMap::default();
            for (document, cell) in &self.cells {
                cell.each(&mut |c| {
                    if let Some(key) = Key::of(c) {
                        index.entry(key).or_default().insert(*document);
                    }
                });
            }
            index
        })
    }

    fn by_number(&self) -> &[(f64, u32)] {
        self.by_number.get_or_init(|| {
            let mut list = Vec::new();
            for (document, cell) in &self.cells {
                cell.each(&mut |c| list.extend(c.number().map(|n| (n, *document))));
            }
            list.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            list
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_lie_over_what_is_settled_until_they_are_many() {
        let column = Column::new((0..20_000).map(|i| (i, Cell::Int(i64::from(i % 10)))).collect());
        let three = |c: &Cell| *c == Cell::Int(3);
        let find = |c: &Column| c.select_values(&[Cell::Int(3)], three);
        assert_eq!(find(&column).len(), 2000);
        let next = column.after([(3, None), (4, Some(Cell::Int(3))), (30_000, Some(Cell::Int(3)))].into_iter());
        let found = find(&next);
        assert!(!found.contains(3) && found.contains(4) && found.contains(30_000));
        assert_eq!(found, next.select(three));
        assert_eq!((next.get(3), next.get(4), next.get(5)), (None, Some(&Cell::Int(3)), Some(&Cell::Int(5))));
        let many = next.after((0..10_000).map(|i| (i, Some(Cell::Int(3)))));
        assert!(many.changed.is_empty());
        assert_eq!(find(&many), many.select(three));
        let range = Bounds { gte: Some(8.0), ..Bounds::default() };
        let holds = |c: &Cell| c.number().is_some_and(|n| range.hold(n));
        assert_eq!(next.select_range(&range, holds), next.select(holds));
    }
}
