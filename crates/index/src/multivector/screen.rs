//! The exact answers of a scan of f32 tokens, without most of it.
//!
//! Beside the tokens lies a copy in bytes, which is scanned first: four times less to read, and four products a lane. How far a
//! score by bytes may be from the true one is known (a token is at most so far from its bytes, and products err by no more than
//! length times distance, Cauchy and Schwarz), so a document that cannot reach the k-th best any more is not scored again. What
//! is left, a few in a hundred, gets its score from the f32 tokens. Nothing is lost: the answers are those of the whole scan.

use std::sync::Arc;

use rayon::prelude::*;
use vectory_core::repr::MultiRef;
use vectory_core::{Context, Hit, TopK, VectorsRef, simd};

use super::exact::{Filter, TOGETHER};
use super::query::Scratch;
use super::{StoreError, StoreParams, TokenCodec, TokenStore};
use crate::file::{FileError, FileWriter, IndexFile, Region};

/// Numbers a document: how far a token is from its bytes at most, and how long the bytes are at most.
const NUMBERS: usize = 2;
/// What sums in f32 may err by, for a product of lengths of 1.
const ROUNDING: f32 = 4e-6;

/// Bytes of the tokens of a store, and how far off they are.
pub(super) struct Screen {
    file: Arc<IndexFile>,
    bytes: TokenStore,
    gaps: Region<f32>,
}

/// How far any score of a query may be off: `far · gap + near · length`.
struct Error {
    far: f32,
    near: f32,
}

impl Screen {
    /// Writes its sections beside those of the store of f32 tokens.
    pub fn write(documents: MultiRef<'_>, file: &mut FileWriter, ctx: &Context) -> Result<(), StoreError> {
        let params = StoreParams { codec: TokenCodec::Int8, ..StoreParams::default() };
        let bytes = TokenStore::build(documents, &params, ctx)?;
        let gap = |d: usize| {
            let (rows, back) = (documents.item(d), bytes.decode(d));
            let far = rows.iter().zip(back.iter()).map(|(a, b)| simd::l2_sq(a, b).sqrt()).fold(0.0, f32::max);
            [far, back.iter().map(|b| simd::dot(b, b).sqrt()).fold(0.0, f32::max)]
        };
        let gaps: Vec<[f32; NUMBERS]> = ctx.pool().install(|| (0..documents.len()).into_par_iter().map(gap).collect());
        file.section("screen", bytes.as_bytes()).section("screen.gaps", gaps.as_flattened());
        Ok(())
    }

    /// Finds it in a file; files of before have none.
    pub fn of(file: &Arc<IndexFile>, store: &TokenStore) -> Result<Option<Self>, StoreError> {
        let Ok(region) = file.region::<u8>("screen") else { return Ok(None) };
        let (bytes, gaps) = (TokenStore::nested(file, region)?, file.region::<f32>("screen.gaps")?);
        let same =
            bytes.places().1 == store.places().1 && bytes.dim() == store.dim() && bytes.codec() == TokenCodec::Int8;
        if !same || gaps.len() != NUMBERS * store.len() || store.codec() != TokenCodec::F32 {
            return Err(FileError::section(file.path(), "screen", "is of other documents").into());
        }
        Ok(Some(Self { file: Arc::clone(file), bytes, gaps }))
    }

    /// As [`TokenStore::search_all`] of the store, the same answers.
    pub fn search_all(
        &self,
        store: &TokenStore,
        queries: MultiRef<'_>,
        (k, filter): (usize, Filter<'_>),
        ctx: &Context,
    ) -> Result<Vec<Vec<Hit>>, StoreError> {
        let mut found = Vec::with_capacity(queries.len());
        for first in (0..queries.len()).step_by(TOGETHER) {
            let some = first..(first + TOGETHER).min(queries.len());
            let ready = some.clone().map(|q| self.bytes.query(queries.item(q))).collect::<Result<Vec<_>, _>>()?;
            let scores = self.bytes.scores(&ready, filter, ctx)?;
            let all: Vec<_> = some.zip(scores).collect();
            let one = |(q, scores): &(usize, Vec<f32>)| self.settle(store, queries.item(*q), scores, k, ctx);
            if let [alone] = &all[..] {
                found.push(one(alone)?);
            } else {
                found.extend(ctx.pool().install(|| all.par_iter().map(one).collect::<Result<Vec<_>, _>>())?);
            }
        }
        Ok(found)
    }

    /// The best by their f32 tokens, of those whose scores by bytes leave that open.
    fn settle(
        &self,
        store: &TokenStore,
        query: VectorsRef<'_>,
        scores: &[f32],
        k: usize,
        ctx: &Context,
    ) -> Result<Vec<Hit>, StoreError> {
        ctx.check()?;
        let (error, gaps) = (Error::of(query), self.file.get(self.gaps));
        let off = |d: usize| error.far * gaps[NUMBERS * d] + error.near * gaps[NUMBERS * d + 1];
        let mut least = TopK::new(k);
        let met = || scores.iter().enumerate().filter(|s| *s.1 > f32::NEG_INFINITY);
        met().for_each(|(d, s)| _ = least.push(d as u32, s - off(d)));
        let floor = least.threshold();
        let mut open: Vec<Hit> =
            met().map(|(d, s)| Hit { id: d as u32, score: s + off(d) }).filter(|h| h.score >= floor).collect();
        open.sort_unstable_by(Hit::best_first);
        let (ready, mut best) = (store.query(query)?, TopK::new(k));
        let width = 8 * ctx.threads();
        for some in open.chunks(width) {
            // What comes after is no better than this at best.
            if some[0].score < best.threshold() {
                break;
            }
            let score = |scratch: &mut Scratch, h: &Hit| store.score(&ready, h.id as usize, scratch);
            let scores: Vec<f32> = ctx.pool().install(|| some.par_iter().map_init(Scratch::default, score).collect());
            some.iter().zip(scores).for_each(|(h, s)| _ = best.push(h.id, s));
        }
        Ok(best.into_sorted())
    }
}

impl Error {
    /// A query token `q` and its bytes `q'` with a token `x` and its bytes `x'`: qx − q'x' = q (x − x') + (q − q') x'.
    fn of(query: VectorsRef<'_>) -> Self {
        let (mut far, mut near) = (0.0, 0.0);
        for row in query.iter() {
            let largest = row.iter().fold(0.0f32, |m, v| m.max(v.abs()));
            let step = if largest > 0.0 { largest / 127.0 } else { 1.0 };
            let gap: f32 = row.iter().map(|v| (v - step * (v / step).round()).powi(2)).sum();
            let length = simd::dot(row, row).sqrt();
            far += length * (1.0 + ROUNDING);
            // A step that rounds to the other neighbour by the last bit changes next to nothing.
            near += gap.sqrt() * (1.0 + 1e-3) + length * ROUNDING;
        }
        Self { far, near }
    }
}

#[cfg(test)]
mod tests {
    use vectory_core::Vectors;
    use vectory_core::repr::Multi;

    use super::super::tests::{queries, topics};
    use super::super::{MultiIndex, MultiSearchParams};
    use super::*;

    #[test]
    fn the_answers_are_those_of_the_whole_scan() {
        let (ctx, documents) = (Context::new(5, 2).unwrap(), topics(700, 40, 1));
        let index = MultiIndex::build(documents.view(), &"MaxSim".parse().unwrap(), &ctx).unwrap();
        let store = TokenStore::build(documents.view(), &StoreParams::default(), &ctx).unwrap();
        let asked = queries(&documents, 40);
        let odd = |d: u32| d % 2 == 1;
        for (k, filter) in [(1, None), (10, None), (10, Some(&odd)), (900, None)] {
            let filter = filter.map(|f| f as _);
            let params = MultiSearchParams { k, filter, ..MultiSearchParams::default() };
            let want = store.search_all(asked.view(), k, filter, &ctx).unwrap();
            assert_eq!(index.search_all(asked.view(), &params, &ctx).unwrap(), want);
        }
    }

    #[test]
    fn scores_that_differ_by_little_are_told_apart() {
        // A thousand documents of one token, whose products with the query differ in the seventh digit.
        let ctx = Context::new(5, 1).unwrap();
        let rows: Vec<f32> = (0..1000u32).flat_map(|i| [1.0, 1e-6 * ((i * 7919) % 1000) as f32, 0.3]).collect();
        let documents = Multi::new(&[1; 1000], Vectors::from_slice(&rows, 3).unwrap()).unwrap();
        let asked = Multi::new(&[1], Vectors::from_slice(&[0.1, 1.0, 0.5], 3).unwrap()).unwrap();
        let index = MultiIndex::build(documents.view(), &"MaxSim".parse().unwrap(), &ctx).unwrap();
        let store = TokenStore::build(documents.view(), &StoreParams::default(), &ctx).unwrap();
        let found = index.search_all(asked.view(), &MultiSearchParams::default(), &ctx).unwrap();
        assert_eq!(found, store.search_all(asked.view(), 10, None, &ctx).unwrap());
    }
}
