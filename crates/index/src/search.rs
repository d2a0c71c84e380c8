//! What every dense index answers to.

use vectory_core::{Hit, RowSet};

/// How many of the best a range search asks for first.
const FIRST_LOOK: usize = 128;

/// Rows tried to learn how many a test lets through.
const SAMPLE: usize = 256;

/// Which rows may be found.
#[derive(Clone, Copy)]
pub enum Filter<'a> {
    /// Those of a set: asked without a call, and it is known how many they are. The quicker form.
    Rows(&'a RowSet),
    /// Those that pass a test.
    Test(&'a (dyn Fn(u32) -> bool + Sync)),
}

impl Filter<'_> {
    /// Whether a row may be found.
    #[inline]
    #[must_use]
    pub fn passes(self, row: u32) -> bool {
        match self {
            Self::Rows(set) => set.has(row),
            Self::Test(test) => test(row),
        }
    }

    /// How many of so many rows pass; of a test an estimate, from evenly spread rows.
    #[must_use]
    pub fn count(self, rows: usize) -> usize {
        match self {
            Self::Rows(set) => set.len().min(rows),
            Self::Test(test) => {
                let tries = SAMPLE.min(rows);
                let passing = (0..tries).filter(|i| test((i * rows / tries) as u32)).count();
                (passing * rows).checked_div(tries).unwrap_or(0)
            }
        }
    }

    /// The rows below `rows` that pass, ascending.
    pub fn each(self, rows: usize, mut visit: impl FnMut(u32)) {
        match self {
            Self::Rows(set) => set.iter().take_while(|row| (*row as usize) < rows).for_each(visit),
            Self::Test(test) => (0..rows as u32).filter(|row| test(*row)).for_each(&mut visit),
        }
    }
}

/// So few rows that pass a filter are always scored one by one: any other way costs more.
pub(crate) const FEW_PASS: usize = 256;

/// How far an index looks for `k` rows that pass where it would look so far for any: the fewer pass, the farther away is the `k`-th.
pub(crate) fn wider(width: usize, passing: usize, rows: usize) -> usize {
    (width as f64 * (rows as f64 / passing.max(1) as f64).sqrt().max(1.0)) as usize
}

/// How to search.
#[derive(Clone, Copy)]
pub struct SearchParams<'a> {
    /// How many hits at most; fewer only when fewer rows (that pass the filter) exist.
    pub k: usize,
    /// Graph indexes: how many of the best candidates are looked around from; more finds more and takes longer.
    pub ef: usize,
    /// Inverted files: how many lists are looked into, more where few rows pass a filter; 0: a sixteenth of them.
    pub nprobe: usize,
    /// Graphs and indexes over codes: how many of the candidates are looked at again, by both levels of the codes or by full
    /// rows; 0 chooses by `k`.
    pub rerank: usize,
    /// Which rows may be found. Never makes an index return fewer than `k` while that many rows pass.
    pub filter: Option<Filter<'a>>,
}

impl SearchParams<'_> {
    /// Whether a row may be found.
    #[inline]
    pub(crate) fn passes(&self, row: u32) -> bool {
        self.filter.is_none_or(|f| f.passes(row))
    }
}

impl Default for SearchParams<'_> {
    fn default() -> Self {
        Self { k: 10, ef: 64, nprobe: 0, rerank: 0, filter: None }
    }
}

/// An index of dense rows that answers queries.
pub trait Search: Send + Sync {
    /// How many rows it searches.
    fn len(&self) -> usize;

    /// Values a query must have.
    fn dim(&self) -> usize;

    /// The best rows, best first, ties by row number. A query with another number of values, or with a value that is
    /// not finite, finds nothing: check the input where it comes in.
    fn search(&self, query: &[f32], params: &SearchParams<'_>) -> Vec<Hit>;

    /// All rows that score at least `floor` (and pass the filter), best first, ties by row number; [`SearchParams::k`] does not
    /// matter, the other settings say how thoroughly an index looks. Exact where [`Search::search`] is.
    ///
    /// An index that has no way of its own asks for more and more of the best until they reach below the floor.
    fn range(&self, query: &[f32], floor: f32, params: &SearchParams<'_>) -> Vec<Hit> {
        let mut k = FIRST_LOOK.min(self.len());
        loop {
            let wider = SearchParams { k, ef: params.ef.max(k), rerank: params.rerank.max(k), ..*params };
            let mut hits = self.search(query, &wider);
            let inside = hits.partition_point(|h| h.score >= floor);
            if inside < hits.len() || hits.len() < k || k == self.len() {
                hits.truncate(inside);
                return hits;
            }
            k = (4 * k).min(self.len());
        }
    }

    /// Whether there is no row.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
