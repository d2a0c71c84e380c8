//! Linking a batch of rows: each to what lies around it, and what lies around it back.

use rayon::prelude::*;
use vectory_core::VectorsRef;

use super::beam::{NONE, Scratch};
use super::cover::{Judge, Ready};
use super::model::Parts;
use super::prune::{by_score, prune, replace};
use crate::pool::Near;

/// A link that a new row wants back.
struct Back {
    from: u32,
    to: Near,
}

/// Buffers of one thread.
#[derive(Default)]
struct Work {
    scratch: Scratch,
    ready: Ready,
}

/// Links rows that all see the graph as it was before them.
pub fn insert_batch(parts: &mut Parts, rows: VectorsRef<'_>, batch: &[u32]) {
    let judge = parts.judge(rows);
    let found: Vec<Vec<Near>> =
        batch.par_iter().map_init(Work::default, |work, id| neighbours(parts, &judge, *id, work)).collect();
    let mut back: Vec<Back> = Vec::with_capacity(batch.len() * parts.params.m);
    for (&id, list) in batch.iter().zip(&found) {
        back.extend(list.iter().map(|near| Back { from: near.id, to: Near { score: near.score, id } }));
    }
    back.sort_unstable_by_key(|b| (b.from, b.to.id));
    let groups: Vec<&[Back]> = back.chunk_by(|a, b| a.from == b.from).collect();
    let merged: Vec<Vec<Near>> =
        groups.par_iter().map_init(Ready::default, |ready, group| merge(parts, &judge, group, ready)).collect();
    batch.iter().zip(&found).for_each(|(id, list)| parts.set_links(*id, list));
    groups.iter().zip(&merged).for_each(|(group, list)| parts.set_links(group[0].from, list));
}

/// The links of a new row.
fn neighbours(parts: &Parts, judge: &Judge<'_>, id: u32, work: &mut Work) -> Vec<Near> {
    let Work { scratch, ready } = work;
    parts.walk(&judge.rows, id, scratch);
    let candidates = &mut scratch.second.near;
    candidates.sort_unstable_by(by_score);
    let mut kept = Vec::with_capacity(parts.params.degree());
    prune(judge, candidates, parts.params.degree(), parts.params.alpha, ready, &mut kept);
    kept
}

/// The links of a row with those that new rows want back from it.
fn merge(parts: &Parts, judge: &Judge<'_>, group: &[Back], ready: &mut Ready) -> Vec<Near> {
    let (from, degree) = (group[0].from, parts.params.degree());
    let mut near = parts.scored_links(judge, from);
    for Back { to, .. } in group {
        if near.len() < degree {
            near.insert(near.partition_point(|n| by_score(n, to).is_lt()), *to);
        } else {
            replace(judge, &mut near, *to, parts.params.alpha, ready);
        }
    }
    near
}

pub fn write_links(links: &mut [u32], degree: usize, id: u32, list: &[u32]) {
    let place = &mut links[id as usize * degree..(id as usize + 1) * degree];
    place[..list.len()].copy_from_slice(list);
    place[list.len()..].fill(NONE);
}

impl Parts {
    /// Makes room for what is known of links while rows are inserted.
    pub(super) fn know_scores(&mut self) {
        self.scores.resize(self.links.len(), f32::NAN);
    }

    fn set_links(&mut self, id: u32, list: &[Near]) {
        let degree = self.params.degree();
        let places = id as usize * degree..(id as usize + 1) * degree;
        let (links, scores) = (&mut self.links[places.clone()], &mut self.scores[places]);
        links.fill(NONE);
        for ((link, score), near) in links.iter_mut().zip(scores).zip(list) {
            (*link, *score) = (near.id, near.score);
        }
    }

    /// The links of a row with their scores, best first: those that are not known are asked for.
    fn scored_links(&self, judge: &Judge<'_>, id: u32) -> Vec<Near> {
        let degree = self.params.degree();
        let mut near = Vec::with_capacity(degree + 1);
        let known = &self.scores[id as usize * degree..];
        near.extend(self.links().of(id).zip(known).map(|(id, score)| Near { score: *score, id }));
        let query = judge.rows.row_query(id);
        for n in near.iter_mut().filter(|n| n.score.is_nan()) {
            n.score = judge.rows.score(&query, n.id);
        }
        near.sort_unstable_by(by_score);
        near
    }
}
