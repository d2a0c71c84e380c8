//! What a codec costs and what it keeps: bytes, error, recall of the codes alone and after the second look.

use rayon::prelude::*;
use serde::Serialize;
use vectory_core::neighbors::{self, NeighborsError};
use vectory_core::{Context, Hit, Metric, TopK, Vectors, VectorsRef, simd};

use crate::rows::{sample_ids, unit_row};
use crate::{AnyCodec, AnyQuery, Codec, CodecError, CodesRef};

/// Neighbours that recall is counted on.
const K: usize = 10;
/// Candidates of the first level that the second one ranks.
const DEPTH: usize = 100;
/// Rows that stand for queries where none are given.
const QUERIES: usize = 200;
/// Rows scored together.
const BLOCK: usize = 512;

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Coded rows.
    pub rows: usize,
    /// Values a row has.
    pub dim: usize,
    /// Bytes a row takes, both levels, padding counted.
    pub bytes_per_row: f64,
    /// Bytes of the primary record, which a scan or a walk reads.
    pub primary_bytes: f64,
    /// Mean squared distance of rows and decoded rows (of unit length under cosine).
    pub squared_error: f64,
    /// The same over the mean squared distance of rows from their mean: 0 is perfect, 1 is what the mean alone does.
    pub relative_error: f64,
    /// Share of the true best 10 among the best 10 by primary records.
    pub recall_at_10: f64,
    /// The same after both levels ranked the best 100; none for one level.
    pub recall_at_10_reranked: Option<f64>,
    /// Queries it was counted on.
    pub queries: usize,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// Rows and codes do not fit.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The exact neighbours could not be found.
    #[error(transparent)]
    Neighbors(#[from] NeighborsError),
}

/// Measures codes of `rows` on queries of their own, or on 200 of the rows, each without itself. An exact search and a decoding
/// of all rows.
///
/// # Errors
/// [`MeasureError`]: other dimensions, interrupted.
pub fn measure(
    codec: &AnyCodec,
    codes: CodesRef<'_>,
    rows: VectorsRef<'_>,
    queries: Option<VectorsRef<'_>>,
    ctx: &Context,
) -> Result<Measured, MeasureError> {
    let own = sample_ids(rows.rows(), QUERIES, ctx.seed, "measured rows");
    let asked = match queries {
        Some(q) => copy(q, 0..q.rows()),
        None => copy(rows, own.iter().copied()),
    };
    let itself = |q: usize| if queries.is_some() { None } else { own.get(q).map(|id| *id as u32) };
    let truth = neighbors::exact(rows, asked.view(), codec.metric(), K + 1, ctx)?;
    let truth: Vec<Vec<Hit>> = truth.into_iter().enumerate().map(|(q, hits)| without(hits, itself(q))).collect();
    let two = codec.layout().secondary > 0;
    let found: Vec<(f64, f64)> = ctx.pool().install(|| {
        let one = |q: usize| {
            let (first, both) = scan(codec, codes, asked.row(q), itself(q), two);
            (shared(&first, &truth[q]), shared(&both, &truth[q]))
        };
        (0..asked.rows()).into_par_iter().map(one).collect()
    });
    let mean = |f: fn(&(f64, f64)) -> f64| found.iter().map(f).sum::<f64>() / found.len().max(1) as f64;
    let (squared_error, spread) = errors(codec, codes, rows, ctx);
    let layout = codec.layout();
    let primary_bytes = codes.primary().len() as f64 / rows.rows().max(1) as f64;
    Ok(Measured {
        rows: rows.rows(),
        dim: rows.dim(),
        bytes_per_row: primary_bytes + layout.secondary as f64,
        primary_bytes,
        squared_error,
        relative_error: if spread > 0.0 { squared_error / spread } else { 0.0 },
        recall_at_10: mean(|f| f.0),
        recall_at_10_reranked: two.then(|| mean(|f| f.1)),
        queries: asked.rows(),
    })
}

/// The best 10 by primary records, and of the best 100 the best 10 by both levels.
fn scan(codec: &AnyCodec, codes: CodesRef<'_>, query: &[f32], itself: Option<u32>, two: bool) -> (Vec<Hit>, Vec<Hit>) {
    let ready = codec.query(query);
    let mut first = best(codec, codes, &ready, DEPTH + 1);
    first.retain(|h| Some(h.id) != itself);
    let mut both = Vec::new();
    if two {
        let ids: Vec<u32> = first.iter().map(|h| h.id).collect();
        let mut again = vec![0.0; ids.len()];
        codec.rerank(&ready, codes, &ids, &mut again);
        both = ids.iter().zip(again).map(|(id, score)| Hit { id: *id, score }).collect();
        both.sort_unstable_by(Hit::best_first);
        both.truncate(K);
    }
    first.truncate(K);
    (first, both)
}

/// The best `keep` by primary records, best first.
pub(crate) fn best(codec: &AnyCodec, codes: CodesRef<'_>, query: &AnyQuery, keep: usize) -> Vec<Hit> {
    let mut best = TopK::new(keep);
    codec.above(query, codes, 0..codes.rows(), best.threshold(), &mut |id, score| {
        best.push(id, score);
        best.threshold()
    });
    best.into_sorted()
}

/// Mean squared distance of rows and decoded rows.
pub(crate) fn squared_error(codec: &AnyCodec, codes: CodesRef<'_>, rows: VectorsRef<'_>, ctx: &Context) -> f64 {
    errors(codec, codes, rows, ctx).0
}

fn without(mut hits: Vec<Hit>, id: Option<u32>) -> Vec<Hit> {
    hits.retain(|h| Some(h.id) != id);
    hits.truncate(K);
    hits
}

fn shared(found: &[Hit], truth: &[Hit]) -> f64 {
    let same = found.iter().filter(|h| truth.iter().any(|t| t.id == h.id)).count();
    if truth.is_empty() { 1.0 } else { same as f64 / truth.len() as f64 }
}

/// Mean squared error, and mean squared distance from the mean.
fn errors(codec: &AnyCodec, codes: CodesRef<'_>, rows: VectorsRef<'_>, ctx: &Context) -> (f64, f64) {
    let unit = codec.metric() == Metric::Cosine;
    let mean = if unit { mean_unit(rows) } else { crate::rows::mean(rows) };
    let parts: Vec<(f64, f64)> = ctx.pool().install(|| {
        let starts: Vec<usize> = (0..rows.rows()).step_by(BLOCK).collect();
        let one = |start: &usize| {
            let mut back = vec![0.0; rows.dim()];
            (*start..rows.rows().min(start + BLOCK)).fold((0.0, 0.0), |(e, s), i| {
                let row = unit_row(rows.row(i), codec.metric());
                codec.decode(codes, i as u32, &mut back);
                (e + f64::from(simd::l2_sq(&row, &back)), s + f64::from(simd::l2_sq(&row, &mean)))
            })
        };
        starts.par_iter().map(one).collect()
    });
    let n = rows.rows().max(1) as f64;
    let (e, s) = parts.iter().fold((0.0, 0.0), |(e, s), p| (e + p.0, s + p.1));
    (e / n, s / n)
}

fn mean_unit(rows: VectorsRef<'_>) -> Vec<f32> {
    let mut sum = vec![0.0f64; rows.dim()];
    for row in rows.iter() {
        let row = unit_row(row, Metric::Cosine);
        sum.iter_mut().zip(row.iter()).for_each(|(s, v)| *s += f64::from(*v));
    }
    sum.iter().map(|s| (s / rows.rows().max(1) as f64) as f32).collect()
}

fn copy(rows: VectorsRef<'_>, ids: impl IntoIterator<Item = usize>) -> Vectors {
    let ids: Vec<usize> = ids.into_iter().collect();
    let mut out = Vectors::zeros(ids.len(), rows.dim());
    ids.iter().enumerate().for_each(|(i, id)| out.row_mut(i).copy_from_slice(rows.row(*id)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Spec;
    use crate::testing::cloud;

    #[test]
    fn more_bytes_keep_more() {
        let ctx = Context::new(1, 2).unwrap();
        let rows = cloud(1500, 32, 1);
        let of = |codec: &str| {
            let codec = codec.parse::<Spec>().unwrap().fit(rows.view(), Metric::L2, &ctx).unwrap();
            let codes = codec.encode(rows.view(), &ctx).unwrap();
            measure(&codec, codes.view(), rows.view(), None, &ctx).unwrap()
        };
        let (half, eight, two, one) = (of("SQfp16"), of("LVQ8"), of("LVQ4x8"), of("RaBitQ"));
        assert!(half.recall_at_10 > 0.995 && eight.recall_at_10 > 0.95 && one.recall_at_10 < 0.8);
        assert!(two.recall_at_10 < eight.recall_at_10 && two.recall_at_10_reranked.unwrap() > 0.98);
        assert!(half.relative_error < eight.relative_error && eight.relative_error < one.relative_error);
        assert_eq!((half.bytes_per_row, eight.bytes_per_row, half.queries), (68.0, 64.0, 200));
        assert_eq!(eight.recall_at_10_reranked, None);
    }
}
