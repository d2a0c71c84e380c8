//! Linking rows of bits, in batches.

use rand::seq::SliceRandom;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use vectory_core::bits::BitRowsRef;
use vectory_core::{Context, rng};

use super::BinaryError;
use super::space::Space;
use crate::graph::{
    GraphParams, Links, NONE, Near, Scratch, Start, Walk, by_score, prune, replace, spread, write_links,
};

/// A batch never has more than this part of the rows that are linked by then.
const BATCH_PART: usize = 50;

/// A walk starts from the best of at most so many rows. Bits are cheap to compare, and rows around one centre are all about
/// equally far from each other, so that they take each other's links: no link may lead from one group to another.
const MOST_ENTRIES: usize = 1024;
/// Rows that each entry is chosen from.
const CHOICE: usize = 16;

/// The links, and where walks start.
#[derive(Default)]
pub struct Parts {
    pub links: Vec<u32>,
    pub entries: Vec<u32>,
    /// The next row that equals a row, or [`NONE`]; only the first of equal rows is linked.
    pub twins: Vec<u32>,
}

/// Links all rows: the same for any number of threads.
pub fn build(space: Space<'_>, params: &GraphParams, ctx: &Context) -> Result<Parts, BinaryError> {
    params.check()?;
    let (twins, mut order) = twins(space.rows);
    let degree = params.degree();
    let mut parts = Parts { links: vec![NONE; space.rows.rows() * degree], entries: Vec::new(), twins };
    order.shuffle(&mut rng::stream(ctx.seed, "binary graph order"));
    let Some((first, mut rest)) = order.split_first() else { return Ok(parts) };
    parts.entries.push(*first);
    let (wanted, mut linked) = ((2 * order.len().isqrt()).clamp(1, MOST_ENTRIES), 1);
    ctx.progress().begin("linking", Some(order.len() as u64), "rows");
    let result = ctx.pool().install(|| {
        while !rest.is_empty() {
            ctx.check()?;
            let size = (linked / BATCH_PART).max(linked.min(16)).min(rest.len());
            let (batch, after) = rest.split_at(size);
            parts.insert(space, params, batch);
            let missing = wanted.saturating_sub(parts.entries.len());
            parts.entries.extend(batch.iter().take(missing));
            ctx.progress().advance(size as u64);
            (linked, rest) = (linked + size, after);
        }
        parts.entries = entries(space, &order[..order.len().min(CHOICE * wanted)], wanted);
        parts.connect(space, params, &order);
        Ok(())
    });
    ctx.progress().end();
    result.map(|()| parts)
}

/// Of some rows those that lie farthest from each other: always the one that is farthest from all before it (Gonzalez 1985).
fn entries(space: Space<'_>, some: &[u32], wanted: usize) -> Vec<u32> {
    let (mut nearest, mut scores) = (vec![f32::NEG_INFINITY; some.len()], vec![0.0; some.len()]);
    let mut chosen = vec![some[0]];
    while chosen.len() < wanted.min(some.len()) {
        space.row_query(chosen[chosen.len() - 1]).some(some, &mut scores);
        let mut far = (f32::INFINITY, 0);
        for (i, (best, score)) in nearest.iter_mut().zip(&scores).enumerate() {
            *best = best.max(*score);
            far = if *best < far.0 { (*best, i) } else { far };
        }
        chosen.push(some[far.1]);
    }
    chosen
}

/// Chains of equal rows, and the first row of each.
fn twins(rows: BitRowsRef<'_>) -> (Vec<u32>, Vec<u32>) {
    let mut last: FxHashMap<&[u64], u32> = FxHashMap::default();
    let (mut next, mut firsts) = (vec![NONE; rows.rows()], Vec::new());
    for (id, row) in (0u32..).zip(rows.iter()) {
        match last.insert(row, id) {
            Some(before) => next[before as usize] = id,
            None => firsts.push(id),
        }
    }
    (next, firsts)
}

impl Parts {
    fn links(&self, params: &GraphParams) -> Links<'_> {
        Links { links: &self.links, degree: params.degree() }
    }

    fn walk(&self, space: Space<'_>, params: &GraphParams, id: u32, scratch: &mut Scratch) {
        let walk = Walk { ef: params.ef_construct, keep: 0 };
        let start = Start { links: self.links(params), entries: &self.entries };
        scratch.walk_rows(start, &space.row_query(id), walk, ());
    }

    fn insert(&mut self, space: Space<'_>, params: &GraphParams, batch: &[u32]) {
        let degree = params.degree();
        let found: Vec<Vec<u32>> = batch
            .par_iter()
            .map_init(Scratch::default, |scratch, id| {
                self.walk(space, params, *id, scratch);
                let mut candidates: Vec<Near> = scratch.pool.near().collect();
                candidates.sort_unstable_by(by_score);
                let mut kept = Vec::with_capacity(degree);
                prune(&space, &candidates, degree, params.alpha, &mut 0, &mut kept);
                kept.iter().map(|n| n.id).collect()
            })
            .collect();
        let mut back: Vec<(u32, u32)> = Vec::with_capacity(batch.len() * params.m);
        for (id, list) in batch.iter().zip(&found) {
            write_links(&mut self.links, degree, *id, list);
            back.extend(list.iter().map(|near| (*near, *id)));
        }
        back.sort_unstable();
        let groups: Vec<&[(u32, u32)]> = back.chunk_by(|a, b| a.0 == b.0).collect();
        let merged: Vec<Vec<u32>> = groups.par_iter().map(|group| self.merge(space, params, group)).collect();
        for (group, list) in groups.iter().zip(&merged) {
            write_links(&mut self.links, degree, group[0].0, list);
        }
    }

    /// The links of a row with those that new rows want back from it.
    fn merge(&self, space: Space<'_>, params: &GraphParams, group: &[(u32, u32)]) -> Vec<u32> {
        let (target, degree) = (group[0].0, params.degree());
        let mut all: Vec<u32> = self.links(params).of(target).collect();
        all.extend(group.iter().map(|(_, id)| *id));
        if all.len() <= degree {
            return all;
        }
        let mut scores = vec![0.0; all.len()];
        space.row_query(target).some(&all, &mut scores);
        let mut near: Vec<Near> = all.iter().zip(scores).map(|(id, score)| Near { score, id: *id }).collect();
        let added = near.split_off(degree.min(near.len() - group.len()));
        near.sort_unstable_by(by_score);
        for new in added {
            if near.len() < degree {
                near.insert(near.partition_point(|n| by_score(n, &new).is_lt()), new);
            } else {
                replace(&space, &mut near, new, params.alpha, &mut 0);
            }
        }
        near.iter().map(|n| n.id).collect()
    }

    /// Links every node that no walk would reach from the nearest reachable one that has room.
    fn connect(&mut self, space: Space<'_>, params: &GraphParams, nodes: &[u32]) {
        let degree = params.degree();
        let mut met = vec![false; space.rows.rows()];
        spread(self.links(params), &self.entries, &mut met);
        let mut scratch = Scratch::default();
        let mut lost: Vec<u32> = nodes.iter().copied().filter(|id| !met[*id as usize]).collect();
        lost.sort_unstable();
        for id in lost {
            if met[id as usize] {
                continue;
            }
            self.walk(space, params, id, &mut scratch);
            let room = |id: u32| self.links(params).list(id).len() < degree;
            let near = scratch.pool.near().map(|n| n.id).find(|id| room(*id));
            let from = near.or_else(|| nodes.iter().copied().find(|id| met[*id as usize] && room(*id)));
            let Some(from) = from else { return };
            let used = self.links(params).list(from).len();
            self.links[from as usize * degree + used] = id;
            spread(self.links(params), &[id], &mut met);
        }
    }
}
