//! The minimum spanning tree by Prim's algorithm: n rounds over all rows that are still outside.

use rayon::prelude::*;

use super::Edge;
use crate::neighbors::exact_self;
use crate::simd::{self, Op};
use crate::{Cancelled, Context, Metric, VectorsRef};

/// Rows of one task.
const TASK: usize = 2048;

/// A row outside the tree: its shortest edge into it.
#[derive(Clone, Copy)]
struct Outside {
    row: u32,
    length: f64,
    inside: u32,
}

pub(super) fn tree(rows: VectorsRef<'_>, samples: usize, ctx: &Context) -> Result<Vec<Edge>, Cancelled> {
    let core = cores(rows, samples, ctx)?;
    let first = |row| Outside { row, length: f64::INFINITY, inside: 0 };
    let mut outside: Vec<Outside> = (1..rows.rows() as u32).map(first).collect();
    let mut edges = Vec::with_capacity(outside.len());
    let mut new = 0u32;
    while !outside.is_empty() {
        ctx.check()?;
        let best = outside
            .par_chunks_mut(TASK)
            .enumerate()
            .filter_map(|(c, part)| reach(rows, &core, new, part).map(|at| (c * TASK + at, part[at])))
            .min_by(|(_, a), (_, b)| edge(a).order(&edge(b)));
        let Some((at, chosen)) = best else { break };
        edges.push(edge(&chosen));
        new = chosen.row;
        outside.swap_remove(at);
    }
    Ok(edges)
}

fn edge(o: &Outside) -> Edge {
    Edge::new(o.length, o.row, o.inside)
}

/// Offers the edges to row `new`; returns the place of the shortest edge of all.
fn reach(rows: VectorsRef<'_>, core: &[f64], new: u32, part: &mut [Outside]) -> Option<usize> {
    let ids: Vec<u32> = part.iter().map(|o| o.row).collect();
    let mut squared = vec![0.0; ids.len()];
    simd::rows_at(Op::L2, rows.row(new as usize), rows.as_slice(), &ids, &mut squared);
    for (o, s) in part.iter_mut().zip(&squared) {
        let length = f64::from(*s).sqrt().max(core[o.row as usize]).max(core[new as usize]);
        let offered = Outside { length, inside: new, ..*o };
        if edge(&offered).order(&edge(o)).is_lt() {
            *o = offered;
        }
    }
    (0..part.len()).min_by(|a, b| edge(&part[*a]).order(&edge(&part[*b])))
}

/// The distance of each row to its nearest but `samples` − 1.
fn cores(rows: VectorsRef<'_>, samples: usize, ctx: &Context) -> Result<Vec<f64>, Cancelled> {
    match exact_self(rows, Metric::L2, samples, ctx) {
        Ok(found) => Ok(found.iter().map(|h| h.last().map_or(0.0, |h| f64::from(-h.score).max(0.0).sqrt())).collect()),
        // Shapes were checked: only a stop is left.
        Err(_) => Err(Cancelled),
    }
}
