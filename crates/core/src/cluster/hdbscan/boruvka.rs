//! The minimum spanning tree by Borůvka's rounds: each component finds its shortest way out, through the k-d tree, where
//! boxes that lie inside the component, or farther than the component's best way out, are passed over.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::Edge;
use crate::neighbors::kdtree::{KdTree, squared};
use crate::{Cancelled, Context, VectorsRef};

/// Points of one task.
const TASK: usize = 1024;
/// A box that holds points of several components.
const MIXED: u32 = u32::MAX;

pub(crate) fn tree(rows: VectorsRef<'_>, samples: usize, ctx: &Context) -> Result<Vec<Edge>, Cancelled> {
    let n = rows.rows();
    let tree = KdTree::new(rows);
    let core: Vec<f64> = (0..n).into_par_iter().with_min_len(256).map(|p| tree.kth(p, samples)).collect();
    ctx.check()?;
    let mut sets = Sets::new(n);
    let mut edges = Vec::with_capacity(n - 1);
    while edges.len() + 1 < n {
        ctx.check()?;
        let component: Vec<u32> = (0..n as u32).map(|p| sets.find(p)).collect();
        let round = Round::new(&tree, &core, component);
        for edge in round.ways_out(ctx)? {
            if sets.join(edge.a, edge.b) {
                edges.push(edge);
            }
        }
    }
    // Places of the tree's order become rows.
    let row = |place: u32| tree.order[place as usize];
    Ok(edges.into_iter().map(|e| Edge::new(e.length.sqrt(), row(e.a), row(e.b))).collect())
}

/// One round; points are places in the tree's order, lengths are squared.
struct Round<'a> {
    tree: &'a KdTree,
    core: &'a [f64],
    component: Vec<u32>,
    /// Of each node: the component of all its points, or `MIXED`.
    whole: Vec<u32>,
    /// Of each node: the smallest core distance.
    least: Vec<f64>,
    /// Of each component: the shortest way out so far, as the bits of an f64 (which order as the numbers do).
    bound: Vec<AtomicU64>,
}

impl<'a> Round<'a> {
    fn new(tree: &'a KdTree, core: &'a [f64], component: Vec<u32>) -> Self {
        let n = tree.nodes.len();
        let (mut whole, mut least) = (vec![MIXED; n], vec![f64::INFINITY; n]);
        for (i, node) in tree.nodes.iter().enumerate().rev() {
            let [a, b] = node.children;
            if [a, b] == [0, 0] {
                let first = component[node.from];
                let same = component[node.from..node.to].iter().all(|c| *c == first);
                whole[i] = if same { first } else { MIXED };
                least[i] = core[node.from..node.to].iter().copied().fold(f64::INFINITY, f64::min);
            } else {
                whole[i] = if whole[a] == whole[b] { whole[a] } else { MIXED };
                least[i] = least[a].min(least[b]);
            }
        }
        let bound = component.iter().map(|_| AtomicU64::new(f64::INFINITY.to_bits())).collect();
        Self { tree, core, component, whole, least, bound }
    }

    /// The shortest edge out of each component.
    fn ways_out(&self, ctx: &Context) -> Result<Vec<Edge>, Cancelled> {
        let n = self.core.len();
        let starts: Vec<usize> = (0..n).step_by(TASK).collect();
        let task = |start: &usize| {
            ctx.check()?;
            Ok((*start..n.min(start + TASK)).filter_map(|p| self.way_out(p)).collect())
        };
        let found: Vec<Vec<Edge>> = starts.par_iter().map(task).collect::<Result<_, Cancelled>>()?;
        let mut best: Vec<Option<Edge>> = vec![None; n];
        for edge in found.into_iter().flatten() {
            for end in [edge.a, edge.b] {
                let slot = &mut best[self.component[end as usize] as usize];
                if slot.is_none_or(|s| edge.order(&s).is_lt()) {
                    *slot = Some(edge);
                }
            }
        }
        Ok(best.into_iter().flatten().collect())
    }

    /// The shortest edge from a point to another component, if it may be its component's shortest. What is passed over is
    /// longer than an edge that another point has, so the answer does not depend on who was first.
    fn way_out(&self, point: usize) -> Option<Edge> {
        let bound = &self.bound[self.component[point] as usize];
        if self.core[point] > f64::from_bits(bound.load(Ordering::Relaxed)) {
            return None;
        }
        let mut best = None;
        self.search(0, point, bound, &mut best);
        best
    }

    fn search(&self, node: usize, point: usize, bound: &AtomicU64, best: &mut Option<Edge>) {
        let (own, here) = (self.component[point], &self.tree.nodes[node]);
        if self.whole[node] == own {
            return;
        }
        if here.children == [0, 0] {
            let others = (here.from..here.to).filter(|o| self.component[*o] != own);
            others.for_each(|other| self.offer(point, other, bound, best));
            return;
        }
        for (gap, child) in self.tree.nearer_first(self.tree.point(point), here) {
            let least = gap.max(self.least[child]).max(self.core[point]);
            if least <= f64::from_bits(bound.load(Ordering::Relaxed)) {
                self.search(child, point, bound, best);
            }
        }
    }

    fn offer(&self, point: usize, other: usize, bound: &AtomicU64, best: &mut Option<Edge>) {
        let distance = squared(self.tree.point(point), self.tree.point(other));
        let edge = Edge::new(distance.max(self.core[point]).max(self.core[other]), point as u32, other as u32);
        if best.is_none_or(|b| edge.order(&b).is_lt()) {
            *best = Some(edge);
            bound.fetch_min(edge.length.to_bits(), Ordering::Relaxed);
        }
    }
}

/// Disjoint sets with path halving.
pub(crate) struct Sets {
    parent: Vec<u32>,
}

impl Sets {
    pub fn new(n: usize) -> Self {
        Self { parent: (0..n as u32).collect() }
    }

    pub fn find(&mut self, mut i: u32) -> u32 {
        while self.parent[i as usize] != i {
            let up = self.parent[self.parent[i as usize] as usize];
            self.parent[i as usize] = up;
            i = up;
        }
        i
    }

    /// Makes one set of two, named by the smaller; says whether they were two.
    pub fn join(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.find(a), self.find(b));
        self.parent[a.max(b) as usize] = a.min(b);
        a != b
    }
}
