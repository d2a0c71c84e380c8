//! Exact MaxSim over every document of a store.

use rayon::prelude::*;
use vectory_core::repr::MultiRef;
use vectory_core::{Context, Hit, TopK, VectorsRef};

use super::query::{Scratch, TokenQuery};
use super::store::{StoreError, TokenStore};

/// Bytes of records that are scored for several queries while they are in the cache.
const PIECE: u64 = 512 << 10;
/// Queries that are made ready together.
pub(super) const TOGETHER: usize = 32;

/// Which documents may be found.
pub type Filter<'a> = Option<&'a (dyn Fn(u32) -> bool + Sync)>;

impl TokenStore {
    /// Makes a query ready for this store.
    ///
    /// # Errors
    /// [`StoreError::Dim`] for tokens of another dimension, [`StoreError::Param`] for values that are not finite.
    pub fn query(&self, tokens: VectorsRef<'_>) -> Result<TokenQuery, StoreError> {
        TokenQuery::new(tokens, self)
    }

    /// Σ over query tokens of the best product with a token of document `d`; -∞ for a document without tokens.
    #[must_use]
    pub fn score(&self, query: &TokenQuery, d: usize, scratch: &mut Scratch) -> f32 {
        query.score(&self.parts(d), scratch)
    }

    /// The `k` best documents for one query, best first, ties by number, on all threads of the context. Documents without
    /// tokens are never found; a query without tokens finds nothing.
    ///
    /// # Errors
    /// As [`TokenStore::query`], or when interrupted.
    pub fn search(
        &self,
        query: VectorsRef<'_>,
        k: usize,
        filter: Filter<'_>,
        ctx: &Context,
    ) -> Result<Vec<Hit>, StoreError> {
        let offsets = [0, query.rows() as u64];
        let mut all = self.search_all(MultiRef { offsets: &offsets, rows: query }, k, filter, ctx)?;
        Ok(all.pop().unwrap_or_default())
    }

    /// [`TokenStore::search`] for many queries: documents that are in the cache meet them all.
    ///
    /// # Errors
    /// As [`TokenStore::search`].
    pub fn search_all(
        &self,
        queries: MultiRef<'_>,
        k: usize,
        filter: Filter<'_>,
        ctx: &Context,
    ) -> Result<Vec<Vec<Hit>>, StoreError> {
        let pieces = self.pieces(if queries.len() == 1 { ctx.threads() } else { 1 });
        let mut found = Vec::with_capacity(queries.len());
        for first in (0..queries.len()).step_by(TOGETHER) {
            let some = first..(first + TOGETHER).min(queries.len());
            let ready = some.map(|q| self.query(queries.item(q))).collect::<Result<Vec<_>, _>>()?;
            let none = || ready.iter().map(|_| TopK::new(k)).collect::<Vec<_>>();
            let tops = ctx.pool().install(|| {
                let one = |mut tops: Vec<TopK>, piece: &std::ops::Range<usize>| {
                    ctx.check()?;
                    self.meet(&ready, piece.clone(), filter, &mut tops);
                    Ok::<_, StoreError>(tops)
                };
                pieces
                    .par_iter()
                    .try_fold(none, one)
                    .try_reduce(none, |a, b| Ok(a.into_iter().zip(b).map(|(a, b)| join(a, b)).collect()))
            })?;
            found.extend(tops.into_iter().map(TopK::into_sorted));
        }
        Ok(found)
    }

    /// The score of every document for each query; -∞ where it has no tokens or does not pass, and for a query without tokens.
    pub(super) fn scores(
        &self,
        queries: &[TokenQuery],
        filter: Filter<'_>,
        ctx: &Context,
    ) -> Result<Vec<Vec<f32>>, StoreError> {
        let one = |piece: &std::ops::Range<usize>| {
            ctx.check()?;
            let (mut out, mut scratch) = (vec![Vec::with_capacity(piece.len()); queries.len()], Scratch::default());
            for d in piece.clone() {
                let skipped = self.length(d) == 0 || filter.is_some_and(|f| !f(d as u32));
                let parts = self.parts(d);
                for (query, out) in queries.iter().zip(&mut out) {
                    let met = !skipped && query.tokens() > 0;
                    out.push(if met { query.score(&parts, &mut scratch) } else { f32::NEG_INFINITY });
                }
            }
            Ok::<_, StoreError>(out)
        };
        let pieces = self.pieces(if queries.len() == 1 { ctx.threads() } else { 1 });
        let found: Vec<Vec<Vec<f32>>> = ctx.pool().install(|| pieces.par_iter().map(one).collect::<Result<_, _>>())?;
        Ok((0..queries.len()).map(|q| found.iter().flat_map(|p| p[q].iter().copied()).collect()).collect())
    }

    fn meet(&self, queries: &[TokenQuery], documents: std::ops::Range<usize>, filter: Filter<'_>, tops: &mut [TopK]) {
        let mut scratch = Scratch::default();
        for d in documents {
            if self.length(d) == 0 || filter.is_some_and(|f| !f(d as u32)) {
                continue;
            }
            let parts = self.parts(d);
            for (query, top) in queries.iter().zip(tops.iter_mut()).filter(|(q, _)| q.tokens() > 0) {
                top.push(d as u32, query.score(&parts, &mut scratch));
            }
        }
    }

    /// Runs of documents of about equal size; at least four a thread where one query is alone.
    fn pieces(&self, threads: usize) -> Vec<std::ops::Range<usize>> {
        let size = PIECE.min(self.record_bytes() / (4 * threads as u64).max(1)).max(1 << 12);
        let (starts, mut pieces, mut first) = (self.places().0, Vec::new(), 0);
        for d in 1..=self.len() {
            let end = starts.get(d).copied().unwrap_or(self.record_bytes());
            if end.saturating_sub(starts[first]) >= size || d == self.len() {
                pieces.push(first..d);
                first = d;
            }
        }
        pieces
    }
}

fn join(mut a: TopK, b: TopK) -> TopK {
    b.into_sorted().into_iter().for_each(|h| {
        a.push(h.id, h.score);
    });
    a
}
