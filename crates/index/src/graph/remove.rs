//! Taking rows out, with repair of the links around them, and putting other rows into their places.

use rayon::prelude::*;
use vectory_core::{Context, VectorsRef};

use super::beam::NONE;
use super::build::{GraphError, check_rows, encode, insert_nodes};
use super::cover::{Judge, Ready};
use super::link::write_links;
use super::model::{Graph, Parts};
use super::prune::{by_score, prune};
use crate::pool::Near;

impl Graph {
    /// Takes rows out: no search finds them again, and no link leads to them. Every row that linked to one is linked to
    /// the best of its neighbours instead (FreshDiskANN, Singh et al. 2021). The places stay: numbers of other rows do
    /// not change, and [`Graph::replace`] fills a place again. Rows that are out already are passed over; gives how many
    /// were taken out. About `rows · degree` steps and the repair of the rows concerned.
    ///
    /// # Errors
    /// [`GraphError::Rows`] for other rows than the graph's or a number past the end; or when interrupted.
    pub fn remove(&mut self, ids: &[u32], rows: VectorsRef<'_>, ctx: &Context) -> Result<usize, GraphError> {
        let mut parts = self.to_parts();
        check_rows(&parts, rows)?;
        let removed = take_out(&mut parts, ids, rows, ctx)?;
        *self = Self::of_parts(parts)?;
        Ok(removed)
    }

    /// Puts other values into the places `ids` of `rows` (which has them already): what was there is taken out, then the
    /// new rows are inserted.
    ///
    /// # Errors
    /// As [`Graph::remove`], and [`GraphError::NonFinite`].
    pub fn replace(&mut self, ids: &[u32], rows: VectorsRef<'_>, ctx: &Context) -> Result<(), GraphError> {
        let mut parts = self.to_parts();
        check_rows(&parts, rows)?;
        take_out(&mut parts, ids, rows, ctx)?;
        encode(&mut parts, rows, ids, ctx)?;
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        ids.iter().for_each(|id| parts.gone[*id as usize] = false);
        let nodes = parts.twins_of(rows, &ids);
        insert_nodes(&mut parts, rows, nodes, ctx)?;
        *self = Self::of_parts(parts)?;
        Ok(())
    }
}

fn take_out(parts: &mut Parts, ids: &[u32], rows: VectorsRef<'_>, ctx: &Context) -> Result<usize, GraphError> {
    if let Some(id) = ids.iter().find(|id| **id as usize >= parts.rows) {
        return Err(GraphError::Rows { expected: format!("{} rows", parts.rows), found: format!("row {id}") });
    }
    let mut out = vec![false; parts.rows];
    ids.iter().for_each(|id| out[*id as usize] = !parts.gone[*id as usize]);
    let heirs = parts.unchain(&out);
    parts.measure_doubt(rows);
    let judge = parts.judge(rows);
    let repaired: Vec<(u32, Vec<u32>)> = ctx.pool().install(|| {
        let concerned = |id: &u32| !out[*id as usize] && parts.links().of(*id).any(|to| out[to as usize]);
        (0..parts.rows as u32)
            .into_par_iter()
            .filter(concerned)
            .map_init(Ready::default, |ready, id| (id, repair(parts, &judge, id, (&out, &heirs), ready)))
            .collect()
    });
    ctx.check()?;
    let degree = parts.params.degree();
    for (id, list) in &repaired {
        write_links(&mut parts.links, degree, *id, list);
    }
    for id in (0..parts.rows as u32).filter(|id| out[*id as usize]) {
        write_links(&mut parts.links, degree, id, &[]);
        parts.gone[id as usize] = true;
    }
    parts.renew_entries(&heirs);
    super::check::connect(parts, rows);
    Ok(out.iter().filter(|o| **o).count())
}

/// The links of a row without those that lead out: thinned from what is left, and what those that are out had linked to.
fn repair(parts: &Parts, judge: &Judge<'_>, id: u32, (out, heirs): (&[bool], &[u32]), ready: &mut Ready) -> Vec<u32> {
    let stays = |to: u32| if out[to as usize] { heirs[to as usize] } else { to };
    let mut all: Vec<u32> = Vec::new();
    for to in parts.links().of(id) {
        all.push(stays(to));
        if out[to as usize] {
            all.extend(parts.links().of(to).map(stays));
        }
    }
    all.sort_unstable();
    all.dedup();
    all.retain(|to| *to != NONE && *to != id);
    let query = judge.rows.row_query(id);
    let mut near: Vec<Near> = all.iter().map(|to| Near { score: judge.rows.score(&query, *to), id: *to }).collect();
    near.sort_unstable_by(by_score);
    let mut kept = Vec::with_capacity(parts.params.degree());
    prune(judge, &near, parts.params.degree(), parts.params.alpha, ready, &mut kept);
    kept.iter().map(|n| n.id).collect()
}

impl Parts {
    /// Takes rows out of the chains of equal rows. Where the first of a chain goes, the next that stays becomes the node,
    /// with its links: gives for each row that goes the row that takes its place, or [`NONE`].
    fn unchain(&mut self, out: &[bool]) -> Vec<u32> {
        let mut heirs = vec![NONE; self.rows];
        for first in 0..self.rows as u32 {
            if self.twins.is_twin[first as usize] || self.gone[first as usize] {
                continue;
            }
            let chain: Vec<u32> =
                std::iter::successors(Some(first), |id| Some(self.twins.next[*id as usize]).filter(|n| *n != NONE))
                    .collect();
            if !chain.iter().any(|id| out[*id as usize]) {
                continue;
            }
            let stay: Vec<u32> = chain.iter().copied().filter(|id| !out[*id as usize]).collect();
            for id in &chain {
                (self.twins.next[*id as usize], self.twins.is_twin[*id as usize]) = (NONE, false);
            }
            for pair in stay.windows(2) {
                self.twins.next[pair[0] as usize] = pair[1];
                self.twins.is_twin[pair[1] as usize] = true;
            }
            if let Some(heir) = stay.first().filter(|heir| **heir != first) {
                heirs[first as usize] = *heir;
                let list: Vec<u32> = self.links().of(first).collect();
                write_links(&mut self.links, self.params.degree(), *heir, &list);
            }
        }
        heirs
    }

    /// Entries that stay, with others in the place of those that went.
    fn renew_entries(&mut self, heirs: &[u32]) {
        let Self { entries, gone, twins, .. } = self;
        let wanted = entries.len();
        entries.iter_mut().filter(|id| gone[**id as usize]).for_each(|id| *id = heirs[*id as usize]);
        entries.retain(|id| *id != NONE);
        let known: rustc_hash::FxHashSet<u32> = entries.iter().copied().collect();
        let rows = gone.len();
        let nodes = (0..rows).filter(|id| !gone[*id] && !twins.is_twin[*id] && !known.contains(&(*id as u32)));
        let missing = wanted - entries.len();
        let free: Vec<usize> = nodes.collect();
        let taken = missing.min(free.len());
        entries.extend((0..taken).map(|i| free[i * free.len() / taken] as u32));
    }
}
