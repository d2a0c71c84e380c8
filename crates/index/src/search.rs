//! What every dense index answers to.

use vectory_core::Hit;

/// How to search.
#[derive(Clone, Copy)]
pub struct SearchParams<'a> {
    /// How many hits at most; fewer only when fewer rows (that pass the filter) exist.
    pub k: usize,
    /// Graph indexes: how many of the best candidates are looked around from; more finds more and takes longer.
    pub ef: usize,
    /// Inverted files: how many lists are looked into; 0: a sixteenth of them.
    pub nprobe: usize,
    /// Graphs and indexes over codes: how many of the candidates are looked at again, by both levels of the codes or by full
    /// rows; 0 chooses by `k`.
    pub rerank: usize,
    /// Which rows may be found. Never makes an index return fewer than `k` while that many rows pass.
    pub filter: Option<&'a (dyn Fn(u32) -> bool + Sync)>,
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

    /// Whether there is no row.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
