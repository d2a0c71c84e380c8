//! HNSW as it was published, one insertion after another: what the order does to other engines' graphs.
//!
//! A row is drawn into layers 0 to l, l from an exponential distribution with mean 1 / ln M. It is sought from the top layer down,
//! linked on each of its own layers to at most M of the `ef_construct` best rows found there, and back; a list that grows past M
//! links (2 M on layer 0) is thinned. A candidate is linked when it is nearer to the row than to every link chosen before it.
//!
//! Source: Malkov and Yashunin 2018, algorithms 1, 2, 4 and 5, with what is left open there as in hnswlib: no candidates beyond those
//! found, and none that were thinned out taken back. This is for study, not for speed: an insertion costs some milliseconds.

use std::collections::BinaryHeap;

use rand::RngExt;
use vectory_core::{Cancelled, Context, Hit, Metric, TopK, VectorsRef, rng, simd};
use vectory_index::graph::GraphParams;

/// Layers above this one are never drawn in practice.
const MOST_LAYERS: usize = 16;

/// The finished graph over rows that the caller keeps.
pub struct Hnsw<'a> {
    rows: VectorsRef<'a>,
    metric: Metric,
    params: GraphParams,
    /// Of each row its links on each of its layers.
    links: Vec<Vec<Vec<u32>>>,
    entry: Option<u32>,
}

/// The rows that a walk met: those marked with its number.
struct Met {
    walk: u32,
    marks: Vec<u32>,
}

impl Met {
    fn new(rows: usize) -> Self {
        Self { walk: 0, marks: vec![0; rows] }
    }

    fn begin(&mut self) {
        self.walk += 1;
    }

    /// Marks a row; whether it is new.
    fn insert(&mut self, id: u32) -> bool {
        std::mem::replace(&mut self.marks[id as usize], self.walk) != self.walk
    }
}

/// A candidate that was not looked around from; the best is the greatest.
struct Open(Hit);

impl Ord for Open {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        Hit::best_first(&other.0, &self.0)
    }
}
impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Open {}

impl<'a> Hnsw<'a> {
    /// Inserts the rows in this order; `m` and `ef_construct` of the parameters count. The i-th row inserted is always drawn into
    /// the same layers, whichever it is. O(rows · `ef_construct` · m) scores on one thread.
    ///
    /// # Errors
    /// When interrupted.
    pub fn build(
        rows: VectorsRef<'a>,
        metric: Metric,
        params: GraphParams,
        order: &[u32],
        ctx: &Context,
    ) -> Result<Self, Cancelled> {
        let mut graph = Self { rows, metric, params, links: vec![Vec::new(); rows.rows()], entry: None };
        let (mut draw, mut met) = (rng::stream(ctx.seed, "hnsw levels"), Met::new(rows.rows()));
        let mean = 1.0 / (params.m as f64).ln();
        for id in order {
            ctx.check()?;
            let drawn = -(1.0 - draw.random::<f64>()).ln() * mean;
            graph.insert(*id, (drawn as usize).min(MOST_LAYERS), &mut met);
        }
        Ok(graph)
    }

    /// The best `k` rows of a walk that keeps the best `ef`, best first.
    pub fn search(&self, query: &[f32], k: usize, ef: usize) -> Vec<Hit> {
        let Some(entry) = self.entry else { return Vec::new() };
        let mut met = Met::new(self.rows.rows());
        let from = self.descend(query, self.hit(query, entry), (self.top(entry), 0), &mut met);
        let mut found = self.walk(query, &[from], 0, ef.max(k), &mut met);
        found.truncate(k);
        found
    }

    fn insert(&mut self, id: u32, level: usize, met: &mut Met) {
        self.links[id as usize] = vec![Vec::new(); level + 1];
        let Some(entry) = self.entry else {
            self.entry = Some(id);
            return;
        };
        let (top, query) = (self.top(entry), self.rows.row(id as usize));
        let mut from = vec![self.descend(query, self.hit(query, entry), (top, level), met)];
        for layer in (0..=level.min(top)).rev() {
            from = self.walk(query, &from, layer, self.params.ef_construct, met);
            let chosen = self.choose(&from, self.params.m);
            for to in &chosen {
                self.link_back(*to, id, layer);
            }
            self.links[id as usize][layer] = chosen;
        }
        if level > top {
            self.entry = Some(id);
        }
    }

    /// Links `from` to `to`; a list that is too long then is thinned.
    fn link_back(&mut self, from: u32, to: u32, layer: usize) {
        let most = if layer == 0 { self.params.degree() } else { self.params.m };
        let mut list = std::mem::take(&mut self.links[from as usize][layer]);
        list.push(to);
        if list.len() > most {
            let query = self.rows.row(from as usize);
            let mut near: Vec<Hit> = list.iter().map(|id| self.hit(query, *id)).collect();
            near.sort_unstable_by(Hit::best_first);
            list = self.choose(&near, most);
        }
        self.links[from as usize][layer] = list;
    }

    /// At most `most` candidates (best first): each nearer to the row that they are scored for than to any chosen before.
    fn choose(&self, candidates: &[Hit], most: usize) -> Vec<u32> {
        let mut chosen: Vec<u32> = Vec::with_capacity(most);
        for c in candidates {
            if chosen.len() == most {
                break;
            }
            let row = self.rows.row(c.id as usize);
            if chosen.iter().all(|id| self.score(row, *id) <= c.score) {
                chosen.push(c.id);
            }
        }
        chosen
    }

    /// The nearest row that going from better to better leads to on the layers from the first down to above the last.
    fn descend(&self, query: &[f32], mut best: Hit, (first, last): (usize, usize), met: &mut Met) -> Hit {
        for layer in (last + 1..=first).rev() {
            best = self.walk(query, &[best], layer, 1, met).first().copied().unwrap_or(best);
        }
        best
    }

    /// The best `ef` rows that a walk on a layer meets, best first.
    fn walk(&self, query: &[f32], from: &[Hit], layer: usize, ef: usize, met: &mut Met) -> Vec<Hit> {
        met.begin();
        let (mut open, mut best) = (BinaryHeap::new(), TopK::new(ef));
        for hit in from {
            met.insert(hit.id);
            best.push(hit.id, hit.score);
            open.push(Open(*hit));
        }
        while let Some(Open(next)) = open.pop() {
            if best.len() == ef && next.score < best.threshold() {
                break;
            }
            for id in &self.links[next.id as usize][layer] {
                if met.insert(*id) {
                    let hit = self.hit(query, *id);
                    if best.push(hit.id, hit.score) {
                        open.push(Open(hit));
                    }
                }
            }
        }
        best.into_sorted()
    }

    fn top(&self, id: u32) -> usize {
        self.links[id as usize].len().saturating_sub(1)
    }

    fn hit(&self, query: &[f32], id: u32) -> Hit {
        Hit { id, score: self.score(query, id) }
    }

    fn score(&self, query: &[f32], id: u32) -> f32 {
        let row = self.rows.row(id as usize);
        match self.metric {
            Metric::L2 => -simd::l2_sq(query, row),
            Metric::Cosine => simd::cosine(query, row),
            _ => simd::dot(query, row),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::seq::SliceRandom;
    use vectory_core::{Vectors, neighbors};

    use super::*;

    fn normal(rows: usize, dim: usize, seed: u64) -> Vectors {
        let mut r = rng::stream(seed, "hnsw test");
        let mut v = Vectors::zeros(rows, dim);
        v.as_mut_slice().iter_mut().for_each(|x| *x = (0..12).map(|_| r.random::<f32>()).sum::<f32>() - 6.0);
        v
    }

    #[test]
    fn it_finds_what_an_exact_search_finds() {
        let ctx = Context::new(1, 2).unwrap();
        let (rows, queries) = (normal(2000, 16, 1), normal(50, 16, 2));
        let mut order: Vec<u32> = (0..2000).collect();
        order.shuffle(&mut rng::stream(1, "hnsw test order"));
        for metric in [Metric::L2, Metric::Cosine, Metric::Dot] {
            let truth = neighbors::exact(rows.view(), queries.view(), metric, 10, &ctx).unwrap();
            let params = GraphParams { m: 12, ef_construct: 100, ..GraphParams::default() };
            let graph = Hnsw::build(rows.view(), metric, params, &order, &ctx).unwrap();
            let found = |ef: usize| queries.iter().map(|q| graph.search(q, 10, ef)).collect::<Vec<_>>();
            let [narrow, wide] = [10, 200].map(|ef| neighbors::recall(&found(ef), &truth, 10));
            assert!(wide > 0.97 && narrow < wide, "{metric}: {narrow}, {wide}");
            let first = graph.search(queries.row(0), 10, 200);
            assert!(first.iter().zip(&truth[0]).all(|(f, t)| f.id != t.id || (f.score - t.score).abs() < 1e-3));
        }
    }

    #[test]
    fn layers_thin_out_and_lists_keep_their_bounds() {
        let ctx = Context::new(3, 1).unwrap();
        let rows = normal(3000, 8, 3);
        let order: Vec<u32> = (0..3000).rev().collect();
        let params = GraphParams { m: 8, ef_construct: 40, ..GraphParams::default() };
        let graph = Hnsw::build(rows.view(), Metric::L2, params, &order, &ctx).unwrap();
        let above = |layer: usize| graph.links.iter().filter(|l| l.len() > layer).count();
        assert_eq!(above(0), 3000);
        // One in M goes up from each layer: 375 and 47 of these.
        assert!((300..450).contains(&above(1)) && (20..80).contains(&above(2)), "{} {}", above(1), above(2));
        assert_eq!(graph.top(graph.entry.unwrap()), graph.links.iter().map(Vec::len).max().unwrap() - 1);
        for (id, layers) in graph.links.iter().enumerate() {
            for (layer, list) in layers.iter().enumerate() {
                assert!(list.len() <= if layer == 0 { 16 } else { 8 });
                let mut seen = list.clone();
                seen.sort_unstable();
                seen.dedup();
                assert_eq!(seen.len(), list.len(), "twice");
                assert!(list.iter().all(|to| *to as usize != id && graph.links[*to as usize].len() > layer));
            }
        }
        // The same order and seed give the same graph.
        assert_eq!(graph.links, Hnsw::build(rows.view(), Metric::L2, params, &order, &ctx).unwrap().links);
    }

    #[test]
    fn few_and_equal_rows_are_found() {
        let ctx = Context::new(1, 1).unwrap();
        let params = GraphParams { m: 4, ef_construct: 10, ..GraphParams::default() };
        let none = Vectors::zeros(0, 3);
        assert!(Hnsw::build(none.view(), Metric::L2, params, &[], &ctx).unwrap().search(&[0.0; 3], 2, 5).is_empty());
        let equal = Vectors::zeros(50, 3);
        let order: Vec<u32> = (0..50).collect();
        let graph = Hnsw::build(equal.view(), Metric::L2, params, &order, &ctx).unwrap();
        assert_eq!(graph.search(&[0.0; 3], 4, 20).len(), 4);
    }
}
