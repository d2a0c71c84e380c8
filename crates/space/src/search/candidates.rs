//! The passages that any view found, scored by every view.

use vectory_core::Hit;

use super::snapshot::Snapshot;
use super::view::{Reach, ViewQuery};
use crate::fusion::{FusionParams, Statistics, ViewScores, fuse};

/// What one view gives by itself.
pub(crate) struct ViewList {
    /// Its best passages.
    pub hits: Vec<Hit>,
    /// Its scores over the collection.
    pub statistics: Statistics,
}

impl ViewList {
    pub fn of(query: &ViewQuery, snapshot: &Snapshot, reach: &Reach<'_>, fusion: &FusionParams) -> Self {
        if !fusion.calibrates() {
            return Self { hits: query.search(snapshot, reach), statistics: Statistics::default() };
        }
        let (hits, statistics) = query.search_calibrated(snapshot, reach, fusion.sample);
        Self { hits, statistics }
    }
}

/// Candidates in the order of their fused scores.
pub(crate) struct Candidates {
    /// Passage numbers and fused scores, best first.
    pub ranked: Vec<Hit>,
    /// What each view said, over [`Candidates::passages`].
    pub views: Vec<ViewScores>,
    /// Passage numbers, ascending: what `views` runs over.
    pub passages: Vec<u32>,
}

/// Joins the best `depth` of every list, has every view score all of them, and fuses.
pub(crate) fn candidates(
    snapshot: &Snapshot,
    queries: &[ViewQuery],
    lists: &[ViewList],
    depth: usize,
    fusion: &FusionParams,
) -> Candidates {
    let best = |l: &ViewList| l.hits.len().min(depth);
    let mut passages: Vec<u32> = lists.iter().flat_map(|l| &l.hits[..best(l)]).map(|h| h.id).collect();
    passages.sort_unstable();
    passages.dedup();
    let view = |(query, list): (&ViewQuery, &ViewList)| view_scores(snapshot, query, list, &passages);
    let views: Vec<ViewScores> = queries.iter().zip(lists).map(view).collect();
    let fused = fuse(&views, fusion);
    let mut ranked: Vec<Hit> = passages.iter().zip(&fused).map(|(id, score)| Hit { id: *id, score: *score }).collect();
    ranked.sort_unstable_by(Hit::best_first);
    Candidates { ranked, views, passages }
}

fn view_scores(snapshot: &Snapshot, query: &ViewQuery, list: &ViewList, passages: &[u32]) -> ViewScores {
    let mut scores = vec![f32::NAN; passages.len()];
    let mut ranks = vec![None; passages.len()];
    for (rank, hit) in (0u32..).zip(&list.hits) {
        if let Ok(at) = passages.binary_search(&hit.id) {
            (scores[at], ranks[at]) = (hit.score, Some(rank));
        }
    }
    let unseen: Vec<usize> = (0..passages.len()).filter(|i| ranks[*i].is_none()).collect();
    let numbers: Vec<u32> = unseen.iter().map(|i| passages[*i]).collect();
    for (i, score) in unseen.iter().zip(query.score(snapshot, &numbers)) {
        scores[*i] = score;
    }
    ViewScores { view: query.name.clone(), scores, ranks, statistics: list.statistics }
}
