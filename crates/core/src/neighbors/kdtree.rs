//! A k-d tree over few dimensions, with distances in f64.

use rayon::prelude::*;

use crate::{Cancelled, Context, Hit, TopK, VectorsRef, simd};

/// Rows of a leaf.
const LEAF: usize = 16;
/// Queries between two looks at the flag that asks for a stop.
const BLOCK: usize = 1024;
/// Most dimensions in which boxes shut out most of the rows.
const FEW: usize = 8;
/// Fewest rows for which a tree pays.
const MANY: usize = 5000;

/// Rows in nested boxes. Nodes are in the order of their making: a node's children come after it.
pub(crate) struct KdTree {
    /// Row numbers, leaf after leaf.
    pub order: Vec<u32>,
    /// Coordinates in that order.
    points: Vec<f64>,
    pub nodes: Vec<Node>,
    dim: usize,
}

/// A box and what lies in it.
pub(crate) struct Node {
    /// Lower ends, then upper ends.
    bounds: Vec<f64>,
    /// Places in `order`.
    pub from: usize,
    pub to: usize,
    /// The two halves; 0 for a leaf.
    pub children: [usize; 2],
}

impl KdTree {
    pub fn new(rows: VectorsRef<'_>) -> Self {
        let mut order: Vec<u32> = (0..rows.rows() as u32).collect();
        let mut nodes = Vec::new();
        build(rows, &mut order, 0, &mut nodes);
        let points = order.iter().flat_map(|i| rows.row(*i as usize)).map(|v| f64::from(*v)).collect();
        Self { order, points, nodes, dim: rows.dim() }
    }

    /// The coordinates at a place of `order`.
    pub fn point(&self, place: usize) -> &[f64] {
        &self.points[place * self.dim..(place + 1) * self.dim]
    }

    /// Squared distance from a point to the box of a node; 0 inside.
    pub fn gap(&self, point: &[f64], node: &Node) -> f64 {
        let (low, high) = node.bounds.split_at(self.dim);
        let one = |((p, l), h): ((&f64, &f64), &f64)| (l - p).max(p - h).max(0.0).powi(2);
        point.iter().zip(low).zip(high).map(one).sum()
    }

    /// The squared distance from the point at `place` to its k-th nearest other point (k at least 1, below the points).
    pub fn kth(&self, place: usize, k: usize) -> f64 {
        // k + 1 with itself, at distance 0.
        let mut best = vec![f64::INFINITY; k + 1];
        self.nearest(0, self.point(place), &mut best);
        best[k]
    }

    fn nearest(&self, node: usize, point: &[f64], best: &mut [f64]) {
        let n = &self.nodes[node];
        if n.children == [0, 0] {
            for place in n.from..n.to {
                insert(best, squared(point, self.point(place)));
            }
            return;
        }
        for (gap, child) in self.nearer_first(point, n) {
            if gap <= best[best.len() - 1] {
                self.nearest(child, point, best);
            }
        }
    }

    /// The `k` rows nearest to `query`, best first, with minus the squared distance as their score.
    fn hits(&self, rows: VectorsRef<'_>, query: usize, k: usize) -> Vec<Hit> {
        let point: Vec<f64> = rows.row(query).iter().map(|v| f64::from(*v)).collect();
        let mut top = TopK::new(k);
        self.offer(0, &point, query as u32, &mut top);
        // Ranked by f64 above, scored as everywhere else.
        let score = |h: Hit| Hit { score: -simd::l2_sq(rows.row(query), rows.row(h.id as usize)), ..h };
        let mut hits: Vec<Hit> = top.into_sorted().into_iter().map(score).collect();
        hits.sort_by(Hit::best_first);
        hits
    }

    fn offer(&self, node: usize, point: &[f64], own: u32, top: &mut TopK) {
        let n = &self.nodes[node];
        if n.children == [0, 0] {
            for place in (n.from..n.to).filter(|p| self.order[*p] != own) {
                top.push(self.order[place], -squared(point, self.point(place)) as f32);
            }
            return;
        }
        for (gap, child) in self.nearer_first(point, n) {
            if -gap as f32 >= top.threshold() {
                self.offer(child, point, own, top);
            }
        }
    }

    /// The two halves with the squared distances of their boxes.
    pub fn nearer_first(&self, point: &[f64], node: &Node) -> [(f64, usize); 2] {
        let [a, b] = node.children.map(|c| (self.gap(point, &self.nodes[c]), c));
        if b.0 < a.0 { [b, a] } else { [a, b] }
    }
}

/// Whether a tree is the quicker way: many rows of few dimensions, all finite.
pub(super) fn suits(rows: VectorsRef<'_>) -> bool {
    rows.rows() > MANY
        && u32::try_from(rows.rows()).is_ok()
        && (1..=FEW).contains(&rows.dim())
        && rows.first_non_finite().is_none()
}

/// The nearest `k` other rows of each row by l2, exactly. O(n log n) for few dimensions; finite rows only.
pub(super) fn exact_self(rows: VectorsRef<'_>, k: usize, ctx: &Context) -> Result<Vec<Vec<Hit>>, Cancelled> {
    let tree = KdTree::new(rows);
    let block = |from: usize| {
        ctx.check()?;
        Ok((from..rows.rows().min(from + BLOCK)).map(|i| tree.hits(rows, i, k)).collect())
    };
    let starts: Vec<usize> = (0..rows.rows()).step_by(BLOCK).collect();
    let found: Vec<Vec<Vec<Hit>>> =
        ctx.pool().install(|| starts.into_par_iter().map(block).collect::<Result<_, Cancelled>>())?;
    Ok(found.into_iter().flatten().collect())
}

pub(crate) fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

/// Keeps the smallest values, in order.
fn insert(best: &mut [f64], value: f64) {
    let Some(last) = best.last() else { return };
    if value < *last {
        let place = best.partition_point(|b| *b <= value);
        best[place..].rotate_right(1);
        best[place] = value;
    }
}

fn build(rows: VectorsRef<'_>, ids: &mut [u32], from: usize, nodes: &mut Vec<Node>) -> usize {
    let (at, dim) = (nodes.len(), rows.dim());
    let mut bounds = [vec![f64::INFINITY; dim], vec![f64::NEG_INFINITY; dim]].concat();
    for id in ids.iter() {
        for (d, v) in rows.row(*id as usize).iter().enumerate() {
            bounds[d] = bounds[d].min(f64::from(*v));
            bounds[dim + d] = bounds[dim + d].max(f64::from(*v));
        }
    }
    let width = |d: &usize| bounds[dim + d] - bounds[*d];
    let widest = (0..dim).max_by(|a, b| width(a).total_cmp(&width(b))).unwrap_or(0);
    nodes.push(Node { bounds, from, to: from + ids.len(), children: [0, 0] });
    if ids.len() > LEAF {
        let middle = ids.len() / 2;
        let key = |i: &u32| rows.row(*i as usize)[widest];
        ids.select_nth_unstable_by(middle, |a, b| key(a).total_cmp(&key(b)).then(a.cmp(b)));
        let (low, high) = ids.split_at_mut(middle);
        let children = [build(rows, low, from, nodes), build(rows, high, from + middle, nodes)];
        nodes[at].children = children;
    }
    at
}
