//! Random-projection trees: each splits its rows by the plane half-way between two means of random rows (as Annoy's do).
//!
//! A query goes to the nearest leaves of all trees. Waiting for a row to turn up in several of them (voting, Hyvönen et al. 2016) was
//! slower at the same recall, on sentence vectors: rows are cheap to compare in blocks.

use std::collections::BinaryHeap;

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::{Context, Metric, Vectors, VectorsRef, rng, simd};

use super::node::{Node, Open, Split, grow};
use super::ranked::{Gather, lifted_rows};
use super::{FamilyError, check};

/// What a forest is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForestParams {
    /// Trees: more find more with as many proposed rows, and take more memory.
    pub trees: usize,
    /// Most rows of a leaf.
    pub leaf: usize,
}

impl Default for ForestParams {
    fn default() -> Self {
        Self { trees: 16, leaf: 32 }
    }
}

impl ForestParams {
    /// # Errors
    /// [`FamilyError::Params`] names the field that is out of range.
    pub fn check(&self) -> Result<(), FamilyError> {
        if !(1..=4096).contains(&self.trees) {
            return Err(FamilyError::Params { field: "trees", value: self.trees, legal: "in 1..=4096" });
        }
        if self.leaf < 2 {
            return Err(FamilyError::Params { field: "leaf", value: self.leaf, legal: "2 or more" });
        }
        Ok(())
    }
}

/// Rows that move the two means of a plane.
const ROUNDS: usize = 64;

/// The trees.
pub struct Forest {
    trees: Vec<Tree>,
}

struct Tree {
    nodes: Vec<Node>,
    items: Vec<u32>,
    /// Of each split: its normal, and behind it the offset.
    planes: Vectors,
}

impl Forest {
    /// Builds the trees, in parallel. Same rows and seed, same forest. About `n · log n · dim` operations a tree.
    ///
    /// # Errors
    /// [`FamilyError`]: parameters, metric, values that are not finite, interrupted.
    pub fn build(
        rows: VectorsRef<'_>,
        metric: Metric,
        params: ForestParams,
        ctx: &Context,
    ) -> Result<Self, FamilyError> {
        params.check()?;
        check(rows, metric, "a forest")?;
        let lifted = lifted_rows(rows, metric);
        let tree = |t: usize| {
            ctx.check()?;
            let mut split = Plane {
                rows: lifted.view(),
                leaf: params.leaf,
                planes: Vec::new(),
                rng: rng::item(ctx.seed, "forest", t as u64),
            };
            let mut items: Vec<u32> = (0..rows.rows() as u32).collect();
            let nodes = grow(&mut items, &mut split);
            let planes = Vectors::from_slice(&split.planes, lifted.dim() + 1).unwrap_or_else(|_| Vectors::zeros(0, 1));
            Ok(Tree { nodes, items, planes })
        };
        let trees: Result<Vec<Tree>, FamilyError> =
            ctx.pool().install(|| (0..params.trees).into_par_iter().map(tree).collect());
        Ok(Self { trees: trees? })
    }

    /// Bytes that it takes beside the rows.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.trees
            .iter()
            .map(|t| t.nodes.len() * size_of::<Node>() + 4 * (t.items.len() + t.planes.as_slice().len()))
            .sum()
    }
}

struct Plane<'a> {
    rows: VectorsRef<'a>,
    leaf: usize,
    planes: Vec<f32>,
    rng: rng::Rng,
}

impl<'a> Plane<'a> {
    fn any(&mut self, ids: &[u32]) -> &'a [f32] {
        self.rows.row(ids[self.rng.random_range(0..ids.len())] as usize)
    }

    /// The plane half-way between two means of rows of `ids`; `None` where they are equal.
    fn between(&mut self, ids: &[u32]) -> Option<(Vec<f32>, f32)> {
        let [mut a, mut b] = [(); 2].map(|()| self.any(ids).to_vec());
        let mut counts = [1.0f32; 2];
        for _ in 0..ROUNDS.min(ids.len()) {
            let row = self.any(ids);
            // Weighted by the rows that it has: the mean of many is nearer to any row than a single row is.
            let nearer = usize::from(counts[1] * simd::l2_sq(row, &b) < counts[0] * simd::l2_sq(row, &a));
            counts[nearer] += 1.0;
            let (mean, share) = (if nearer == 0 { &mut a } else { &mut b }, 1.0 / counts[nearer]);
            mean.iter_mut().zip(row).for_each(|(m, v)| *m += (v - *m) * share);
        }
        let normal: Vec<f32> = a.iter().zip(&b).map(|(x, y)| x - y).collect();
        let offset = 0.5 * (simd::dot(&normal, &a) + simd::dot(&normal, &b));
        let length = simd::norm(&normal);
        (length > 0.0).then(|| (normal.iter().map(|v| v / length).collect(), offset / length))
    }
}

impl Split for Plane<'_> {
    fn split(&mut self, ids: &mut [u32]) -> Option<(usize, u32)> {
        if ids.len() <= self.leaf {
            return None;
        }
        // A few tries for a plane that leaves at least a tenth on each side.
        for _ in 0..8 {
            let Some((normal, offset)) = self.between(ids) else { continue };
            let side = |id: &u32| simd::dot(&normal, self.rows.row(*id as usize)) > offset;
            let (left, right): (Vec<u32>, Vec<u32>) = ids.iter().partition(|id| side(id));
            if left.len().min(right.len()) * 10 >= ids.len() {
                ids[..left.len()].copy_from_slice(&left);
                ids[left.len()..].copy_from_slice(&right);
                self.planes.extend_from_slice(&normal);
                self.planes.push(offset);
                return Some((left.len(), (self.planes.len() / (normal.len() + 1) - 1) as u32));
            }
        }
        None
    }
}

impl Gather for Forest {
    fn gather(&self, query: &[f32], propose: &mut dyn FnMut(u32) -> bool) {
        let mut open: BinaryHeap<(Open, usize)> =
            (0..self.trees.len()).map(|t| (Open { priority: f32::INFINITY, node: 0 }, t)).collect();
        while let Some((Open { priority, node }, t)) = open.pop() {
            let tree = &self.trees[t];
            match tree.nodes[node as usize] {
                Node::Leaf { start, end } => {
                    if !tree.items[start as usize..end as usize].iter().all(|id| propose(*id)) {
                        return;
                    }
                }
                Node::Inner { left, right, split } => {
                    let plane = tree.planes.row(split as usize);
                    let margin = simd::dot(&plane[..query.len()], query) - plane[query.len()];
                    open.push((Open { priority: priority.min(margin), node: left }, t));
                    open.push((Open { priority: priority.min(-margin), node: right }, t));
                }
            }
        }
    }
}
