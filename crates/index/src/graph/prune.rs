//! Thinning candidates to links that lead in different directions.

use std::cmp::Ordering;

use crate::pool::{BATCH, Near};

/// Best first, ties by row.
pub fn by_score(a: &Near, b: &Near) -> Ordering {
    b.score.total_cmp(&a.score).then(a.id.cmp(&b.id))
}

/// What links are thinned by: how near rows are to each other.
pub trait Between {
    /// A row made ready to be compared with others.
    type Ready: Default;

    /// The score of a row with itself at best: turns scores into distances.
    fn ceiling(&self) -> f32;
    /// Makes row `id` ready.
    fn ready(&self, id: u32, ready: &mut Self::Ready);
    /// A bit for each of at most [`BATCH`] rows whose score with the one that is ready is not below its floor; `lowest` is the
    /// lowest of the floors.
    fn nearer(&self, ready: &Self::Ready, others: &[u32], lowest: f32, floor: impl Fn(usize) -> f32) -> u64;

    /// Whether the score of any of at most [`BATCH`] rows with the one that is ready is not below the floor.
    fn any_nearer(&self, ready: &Self::Ready, others: &[u32], floor: f32) -> bool {
        any_by_fours(self, ready, others, floor)
    }
}

/// [`Between::any_nearer`] where each score costs: the first that is near enough is often among the first.
pub fn any_by_fours<B: Between + ?Sized>(rows: &B, ready: &B::Ready, others: &[u32], floor: f32) -> bool {
    others.chunks(4).any(|some| rows.nearer(ready, some, floor, |_| floor) != 0)
}

/// A bit for each score that is not below its floor.
pub fn at_least(scores: &[f32], floor: impl Fn(usize) -> f32) -> u64 {
    scores.iter().enumerate().fold(0, |bits, (j, s)| bits | u64::from(*s >= floor(j)) << j)
}

/// Adds `new` to a list of links (best first) that is full: it is left out when a nearer link covers it, else it takes the
/// place of those that it covers, or of the farthest.
pub fn replace<B: Between>(rows: &B, links: &mut Vec<Near>, new: Near, alpha: f32, ready: &mut B::Ready) {
    let ceiling = rows.ceiling();
    let floor = |score: f32| ceiling - (ceiling - score) / alpha;
    let place = links.partition_point(|n| by_score(n, &new) == Ordering::Less);
    let mut ids = [0; BATCH];
    let mut some = |links: &[Near]| {
        ids.iter_mut().zip(links).for_each(|(id, n)| *id = n.id);
        ids
    };
    rows.ready(new.id, ready);
    if links[..place].chunks(BATCH).any(|l| rows.any_nearer(ready, &some(l)[..l.len()], floor(new.score))) {
        return;
    }
    let before = links.len();
    // The place where those that stay go on.
    let mut end = place;
    for start in (place..before).step_by(BATCH) {
        let stop = before.min(start + BATCH);
        let part = &links[start..stop];
        let lowest = floor(part[part.len() - 1].score);
        let covered = rows.nearer(ready, &some(part)[..part.len()], lowest, |j| floor(part[j].score));
        for at in start..stop {
            links[end] = links[at];
            end += usize::from(covered >> (at - start) & 1 == 0);
        }
    }
    links.truncate(end);
    if end == before {
        if place == before {
            return;
        }
        links.pop();
    }
    links.insert(place, new);
}

/// Keeps at most `degree` of `candidates` (best first, without repetition): one that is nearer, by the factor `alpha`, to
/// a kept one than to the row itself is left out, for the walk reaches it through that one.
pub fn prune<B: Between>(
    rows: &B,
    candidates: &[Near],
    degree: usize,
    alpha: f32,
    ready: &mut B::Ready,
    kept: &mut Vec<Near>,
) {
    let ceiling = rows.ceiling();
    let mut ids = Vec::with_capacity(degree);
    kept.clear();
    for c in candidates {
        if kept.len() == degree {
            return;
        }
        rows.ready(c.id, ready);
        let floor = ceiling - (ceiling - c.score) / alpha;
        if !ids.chunks(BATCH).any(|some| rows.any_nearer(ready, some, floor)) {
            kept.push(*c);
            ids.push(c.id);
        }
    }
}
