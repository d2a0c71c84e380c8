//! Stochastic gradient descent over the edges, in rounds of disjoint blocks of rows.

use rayon::prelude::*;
use vectory_core::{Context, Vectors, rng};

use super::curve::Curve;
use super::forces::{Draws, Forces, add, by_dimension, padded};
use super::graph::Edge;
use super::{UmapError, UmapParams};

/// Most blocks (even); half as many tasks run side by side.
const BLOCKS: usize = 16;
/// Fewest rows of a block.
const FEWEST: usize = 256;

/// An edge with the epochs between its samples and the epoch of its next.
#[derive(Clone, Copy)]
struct Timed {
    a: u32,
    b: u32,
    every: f32,
    next: f32,
}

/// The edges between two blocks; ends are places in the first block, then in the second.
struct Bucket {
    blocks: [usize; 2],
    edges: Vec<Timed>,
}

/// Moves the rows of `map` along the edges. Runs on the current pool.
pub(super) fn lay_out(
    map: &mut Vectors,
    edges: &[Edge],
    params: &UmapParams,
    curve: Curve,
    ctx: &Context,
) -> Result<(), UmapError> {
    by_dimension!(map.dim(), run(map, edges, params, curve, ctx))
}

/// `D` is at least the map's dimension; the places beyond stay 0.
fn run<const D: usize>(
    map: &mut Vectors,
    edges: &[Edge],
    params: &UmapParams,
    curve: Curve,
    ctx: &Context,
) -> Result<(), UmapError> {
    let (n, epochs) = (map.rows(), params.rounds(map.rows()));
    // Rows in random order, so that blocks have equally many edges between them.
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_key(|i| (rng::mix(ctx.seed ^ rng::mix(*i as u64)), *i));
    let count = (n / FEWEST).clamp(2, BLOCKS) & !1;
    let size = n.div_ceil(count).max(1);
    let mut rounds = schedule(edges, &order, count, size, epochs);
    let all: Vec<[f32; D]> = order.iter().map(|i| padded(map.row(*i))).collect();
    let mut blocks: Vec<Vec<[f32; D]>> =
        (0..count).map(|b| all[(b * size).min(n)..((b + 1) * size).min(n)].to_vec()).collect();
    let mut forces = Forces::new(curve, params.negatives);
    ctx.progress().begin("lay out", Some(epochs as u64), "epochs");
    for epoch in 0..epochs {
        ctx.check()?;
        forces.alpha = (params.learning_rate * (1.0 - epoch as f64 / epochs as f64)) as f32;
        // Each direction of an edge is a sample of its own, and all of one come before those of the other: an edge that
        // pulls twice in a row overshoots, and the map is less true to its rows.
        for back in [false, true] {
            for (r, round) in rounds.iter_mut().enumerate() {
                let seed = ctx.seed ^ rng::mix((epoch << 9 | r << 1 | usize::from(back)) as u64);
                let mut tasks: Vec<Task<'_, D>> =
                    round.iter_mut().map(|bucket| Task::new(bucket, &mut blocks)).collect();
                tasks.par_iter_mut().for_each(|t| t.run(epoch, back, &forces, seed));
                tasks.into_iter().for_each(|t| t.give_back(&mut blocks));
            }
        }
        ctx.progress().advance(1);
    }
    ctx.progress().end();
    let dim = map.dim();
    for (i, place) in order.iter().zip(blocks.iter().flatten()) {
        map.row_mut(*i).copy_from_slice(&place[..dim]);
    }
    Ok(())
}

/// Rounds of buckets whose blocks are disjoint: a round-robin tournament. The first round has the edges inside blocks too.
fn schedule(edges: &[Edge], order: &[usize], count: usize, size: usize, epochs: usize) -> Vec<Vec<Bucket>> {
    let mut rounds: Vec<Vec<Bucket>> = Vec::new();
    let mut at = vec![(0, 0); count * count];
    for r in 0..count - 1 {
        // The last block stays, the others turn.
        let turned = |i: usize| (i + r) % (count - 1);
        let pair = |i: usize| if i == 0 { [turned(0), count - 1] } else { [turned(i), turned(count - 1 - i)] };
        let pairs: Vec<[usize; 2]> = (0..count / 2).map(pair).map(|[x, y]| [x.min(y), x.max(y)]).collect();
        for (slot, [x, y]) in pairs.iter().enumerate() {
            at[x * count + y] = (r, slot);
            if r == 0 {
                at[x * count + x] = (r, slot);
                at[y * count + y] = (r, slot);
            }
        }
        rounds.push(pairs.into_iter().map(|blocks| Bucket { blocks, edges: vec![] }).collect());
    }
    let mut place = vec![0; order.len()];
    order.iter().enumerate().for_each(|(p, i)| place[*i] = p);
    let largest = edges.iter().map(|e| e.weight).fold(0.0, f32::max);
    for e in edges.iter().filter(|e| e.weight * epochs as f32 >= largest) {
        let [a, b] = [place[e.a as usize], place[e.b as usize]];
        let (low, high) = (a.min(b), a.max(b));
        let (r, slot) = at[low / size * count + high / size];
        let bucket = &mut rounds[r][slot];
        let local = |p: usize| {
            (if p / size == bucket.blocks[0] {
                p % size
            } else {
                size_of(bucket.blocks[0], size, order.len()) + p % size
            }) as u32
        };
        let every = largest / e.weight;
        let timed = Timed { a: local(low), b: local(high), every, next: every };
        bucket.edges.push(timed);
    }
    rounds
}

/// Rows of block `b`.
fn size_of(b: usize, size: usize, n: usize) -> usize {
    ((b + 1) * size).min(n) - (b * size).min(n)
}

/// A bucket with its two blocks' rows, taken out for a round.
struct Task<'a, const D: usize> {
    bucket: &'a mut Bucket,
    rows: Vec<[f32; D]>,
    first: usize,
}

impl<'a, const D: usize> Task<'a, D> {
    fn new(bucket: &'a mut Bucket, blocks: &mut [Vec<[f32; D]>]) -> Self {
        let mut rows = std::mem::take(&mut blocks[bucket.blocks[0]]);
        let first = rows.len();
        rows.append(&mut blocks[bucket.blocks[1]]);
        Self { bucket, rows, first }
    }

    fn give_back(mut self, blocks: &mut [Vec<[f32; D]>]) {
        let [a, b] = self.bucket.blocks;
        blocks[b] = self.rows.split_off(self.first);
        blocks[a] = self.rows;
    }

    /// Samples one direction of the edges that are due; they are due again after the other.
    fn run(&mut self, epoch: usize, back: bool, forces: &Forces, seed: u64) {
        let mut draws = Draws::new(seed ^ rng::mix(self.bucket.blocks[0] as u64 + 1));
        for e in 0..self.bucket.edges.len() {
            let edge = &mut self.bucket.edges[e];
            if edge.next > epoch as f32 {
                continue;
            }
            let (a, b) = (edge.a as usize, edge.b as usize);
            if back {
                edge.next += edge.every;
                self.sample(b, a, forces, &mut draws);
            } else {
                self.sample(a, b, forces, &mut draws);
            }
        }
    }

    /// Pulls `head` and `tail` together and pushes `head` away from rows of `tail`'s block: blocks are random and edges
    /// join them evenly, so over all its edges a row meets all others alike.
    #[inline]
    fn sample(&mut self, head: usize, tail: usize, forces: &Forces, draws: &mut Draws) {
        let mut here = self.rows[head];
        let pull = forces.pull(&here, &self.rows[tail]);
        add(&mut here, &pull);
        self.rows[tail].iter_mut().zip(&pull).for_each(|(t, p)| *t -= p);
        let block = if tail < self.first { 0..self.first } else { self.first..self.rows.len() };
        let own = head.wrapping_sub(block.start);
        forces.scatter(&mut here, own, &self.rows[block], draws);
        self.rows[head] = here;
    }
}
