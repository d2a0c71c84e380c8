//! Two looks: the best passages of the first move the question's vector before the second (Rocchio 1971, with rows of an
//! encoder in the place of term weights).
//!
//! The first look is the fused one, so that passages which share the question's words teach the meaning view what is meant.
//! A vector that the caller gave, and a view that is asked alone, are left as they are.

use vectory_core::Metric;
use vectory_core::vectors::normalize;

use super::candidates::{ViewList, candidates};
use super::snapshot::Snapshot;
use super::view::{Asked, Reach, ViewQuery};
use crate::fusion::FusionParams;
use crate::store::PartView;

/// How many passages of each view compete for the first look's best places.
const POOL: usize = 30;

/// Moves the vectors of the dense views and lets them search again.
pub(crate) fn feed_back(
    snapshot: &Snapshot,
    queries: &mut [ViewQuery],
    lists: &mut [ViewList],
    reach: &Reach<'_>,
    fusion: &FusionParams,
) {
    let is_dense = |q: &ViewQuery| matches!(q.asked, Asked::Vector { .. });
    if fusion.feedback == 0 || queries.len() < 2 || !queries.iter().any(is_dense) {
        return;
    }
    let best = candidates(snapshot, queries, lists, POOL.max(fusion.feedback), fusion).ranked;
    let passages: Vec<u32> = best.iter().take(fusion.feedback).map(|h| h.id).collect();
    for (query, list) in queries.iter_mut().zip(lists) {
        let Asked::Vector { vector, metric, .. } = &mut query.asked else { continue };
        if let Some(moved) = moved(snapshot, query.view, vector, &passages, fusion.feedback_weight) {
            *vector = moved;
            if *metric == Metric::Cosine {
                normalize(vector);
            }
            *list = ViewList::of(query, snapshot, reach, fusion);
        }
    }
}

/// The vector plus `weight` times the mean of the passages' rows.
fn moved(snapshot: &Snapshot, view: usize, vector: &[f32], passages: &[u32], weight: f32) -> Option<Vec<f32>> {
    let row = |passage: &u32| {
        let (part, row) = snapshot.locate(*passage)?;
        match &snapshot.parts[part].part.views[view] {
            PartView::Dense(dense) => dense.first(row),
            PartView::Sparse(_) | PartView::Weights(_) => None,
        }
    };
    let rows: Vec<&[f32]> = passages.iter().filter_map(row).collect();
    let share = weight / rows.len().max(1) as f32;
    let mut out = vector.to_vec();
    for row in &rows {
        vectory_core::simd::axpy(share, row, &mut out);
    }
    (!rows.is_empty() && out.iter().any(|x| *x != 0.0)).then_some(out)
}
