//! A k-d tree: splits at the median of the widest coordinate.

use std::collections::BinaryHeap;

use vectory_core::{Context, Hit, Metric, TopK, VectorsRef, simd};

use super::node::{Node, Open, Split, grow};
use super::ranked::{Gather, lifted_rows};
use super::{FamilyError, check};

/// Most rows of a leaf.
const LEAF: usize = 16;

/// The tree.
pub struct KdTree {
    nodes: Vec<Node>,
    items: Vec<u32>,
    /// Of each split: coordinate and value.
    splits: Vec<(u32, f32)>,
}

/// An exact answer, and what it took.
pub struct Touched {
    /// The best rows; scores are minus squared distances in the lifted space.
    pub hits: Vec<Hit>,
    /// Rows that were compared with the query.
    pub rows: usize,
}

impl KdTree {
    /// Builds the tree: `n log n` comparisons and a pass over all values a level.
    ///
    /// # Errors
    /// [`FamilyError`]: metric, values that are not finite, interrupted.
    pub fn build(rows: VectorsRef<'_>, metric: Metric, ctx: &Context) -> Result<Self, FamilyError> {
        ctx.check()?;
        check(rows, metric, "a k-d tree")?;
        let lifted = lifted_rows(rows, metric);
        let mut items: Vec<u32> = (0..rows.rows() as u32).collect();
        let mut split = Median { rows: lifted.view(), splits: Vec::new() };
        let nodes = grow(&mut items, &mut split);
        Ok(Self { nodes, items, splits: split.splits })
    }

    /// Bytes that it takes beside the rows.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.nodes.len() * size_of::<Node>() + 4 * self.items.len() + 8 * self.splits.len()
    }

    /// The exact best `k` of `rows` (the lifted ones it was built of; for l2 the rows themselves), looking only into what may
    /// hold a better one.
    #[must_use]
    pub fn exact(&self, rows: VectorsRef<'_>, query: &[f32], k: usize) -> Touched {
        let mut best = TopK::new(k);
        let mut touched = 0;
        self.visit(query, &mut |id, bound| {
            if -bound < best.threshold() {
                return false;
            }
            touched += 1;
            best.push(id, -simd::l2_sq(query, rows.row(id as usize)));
            true
        });
        Touched { hits: best.into_sorted(), rows: touched }
    }

    /// Tells `meet` every row with the least squared distance that rows of its leaf can have, nearest leaves first, until it
    /// says stop.
    fn visit(&self, query: &[f32], meet: &mut dyn FnMut(u32, f32) -> bool) {
        // Distances of a node from the query by coordinate: only those that a split has set.
        let mut open =
            BinaryHeap::from([(Open { priority: 0.0, node: 0 }, Vec::<(u32, f32)>::new())].map(|(o, s)| Bin(o, s)));
        while let Some(Bin(Open { priority, node }, sides)) = open.pop() {
            match self.nodes[node as usize] {
                Node::Leaf { start, end } => {
                    if !self.items[start as usize..end as usize].iter().all(|id| meet(*id, -priority)) {
                        return;
                    }
                }
                Node::Inner { left, right, split } => {
                    let (axis, value) = self.splits[split as usize];
                    let gap = query[axis as usize] - value;
                    let (near, far) = if gap <= 0.0 { (left, right) } else { (right, left) };
                    let before = sides.iter().find(|s| s.0 == axis).map_or(0.0, |s| s.1);
                    let mut farther: Vec<(u32, f32)> = sides.iter().copied().filter(|s| s.0 != axis).collect();
                    farther.push((axis, gap * gap));
                    open.push(Bin(Open { priority: priority + before - gap * gap, node: far }, farther));
                    open.push(Bin(Open { priority, node: near }, sides));
                }
            }
        }
    }
}

/// A node to be looked into with its distances by coordinate; the distances do not take part in the order.
struct Bin(Open, Vec<(u32, f32)>);

impl Ord for Bin {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl PartialOrd for Bin {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Bin {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl Eq for Bin {}

struct Median<'a> {
    rows: VectorsRef<'a>,
    splits: Vec<(u32, f32)>,
}

impl Split for Median<'_> {
    fn split(&mut self, ids: &mut [u32]) -> Option<(usize, u32)> {
        if ids.len() <= LEAF {
            return None;
        }
        let dim = self.rows.dim();
        let mut range = vec![(f32::INFINITY, f32::NEG_INFINITY); dim];
        for id in &*ids {
            range.iter_mut().zip(self.rows.row(*id as usize)).for_each(|(r, v)| *r = (r.0.min(*v), r.1.max(*v)));
        }
        let axis = (0..dim).max_by(|a, b| (range[*a].1 - range[*a].0).total_cmp(&(range[*b].1 - range[*b].0)))?;
        if range[axis].1 <= range[axis].0 {
            return None;
        }
        let value = |id: &u32| self.rows.row(*id as usize)[axis];
        let middle = ids.len() / 2;
        ids.select_nth_unstable_by(middle, |a, b| value(a).total_cmp(&value(b)).then(a.cmp(b)));
        // Rows left of the middle have at most the value of the split, rows right of it at least.
        let at = value(&ids[middle]);
        self.splits.push((axis as u32, at));
        Some((middle, (self.splits.len() - 1) as u32))
    }
}

impl Gather for KdTree {
    fn gather(&self, query: &[f32], propose: &mut dyn FnMut(u32) -> bool) {
        self.visit(query, &mut |id, _| propose(id));
    }
}
