//! The passages that any view found, scored by every view.

use vectory_core::Hit;

use super::snapshot::Snapshot;
use super::view::{Reach, ViewQuery};
use crate::fusion::{FusionParams, ViewScores, fuse};

/// Candidates in the order of their fused scores.
pub(crate) struct Candidates {
    /// Passage numbers and fused scores, best first.
    pub ranked: Vec<Hit>,
    /// What each view said, over [`Candidates::passages`].
    pub views: Vec<ViewScores>,
    /// Passage numbers, ascending: what `views` runs over.
    pub passages: Vec<u32>,
    /// Whether every view gave all that it has: looking further finds nothing more.
    pub complete: bool,
}

/// Finds, scores and fuses.
pub(crate) fn candidates(
    snapshot: &Snapshot,
    queries: &[ViewQuery],
    reach: &Reach<'_>,
    fusion: &FusionParams,
) -> Candidates {
    let lists: Vec<Vec<Hit>> = queries.iter().map(|q| q.search(snapshot, reach)).collect();
    let complete = lists.iter().all(|l| l.len() < reach.depth);
    let mut passages: Vec<u32> = lists.iter().flatten().map(|h| h.id).collect();
    passages.sort_unstable();
    passages.dedup();
    let view = |(query, list): (&ViewQuery, &Vec<Hit>)| view_scores(snapshot, query, list, &passages, fusion);
    let views: Vec<ViewScores> = queries.iter().zip(&lists).map(view).collect();
    let fused = fuse(&views, fusion);
    let mut ranked: Vec<Hit> = passages.iter().zip(&fused).map(|(id, score)| Hit { id: *id, score: *score }).collect();
    ranked.sort_unstable_by(Hit::best_first);
    Candidates { ranked, views, passages, complete }
}

fn view_scores(
    snapshot: &Snapshot,
    query: &ViewQuery,
    list: &[Hit],
    passages: &[u32],
    fusion: &FusionParams,
) -> ViewScores {
    let mut scores = vec![f32::NAN; passages.len()];
    let mut ranks = vec![None; passages.len()];
    for (rank, hit) in (0u32..).zip(list) {
        if let Ok(at) = passages.binary_search(&hit.id) {
            (scores[at], ranks[at]) = (hit.score, Some(rank));
        }
    }
    let unseen: Vec<usize> = (0..passages.len()).filter(|i| ranks[*i].is_none()).collect();
    let numbers: Vec<u32> = unseen.iter().map(|i| passages[*i]).collect();
    for (i, score) in unseen.iter().zip(query.score(snapshot, &numbers)) {
        scores[*i] = score;
    }
    let statistics = query.statistics(snapshot, fusion.sample);
    ViewScores { view: query.name.clone(), scores, ranks, statistics }
}
