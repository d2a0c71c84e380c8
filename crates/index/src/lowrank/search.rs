//! Asking: the nearest clusters, the estimates of their rows, the best again by full rows.

use vectory_core::scorer::{FlatScorer, Scorer};
use vectory_core::simd::{self, Op};
use vectory_core::{Hit, Metric, VectorsRef, vectors};

use super::model::LowRank;
use crate::bytes::ByteRow;
use crate::flat::Flat;
use crate::graph::prefetch;
use crate::kept::Kept;
use crate::pool::{BATCH, Pool};
use crate::search::{FEW_PASS, Filter, Search, SearchParams, wider};
use crate::second::{Exact, Second, Want};

/// A row that is scored by its values costs as much as so many rows of a cluster.
const ASKED: usize = 8;

/// Buffers of one search, used again by the next.
#[derive(Default)]
struct Scratch {
    /// The query relative to the mean; then its inputs.
    moved: Vec<f32>,
    inputs: Vec<f32>,
    row: ByteRow,
    /// What a cluster makes of it.
    turned: Vec<f32>,
    short: ByteRow,
    clusters: Pool,
    /// The best places.
    pool: Pool,
    second: Second,
}

/// A [`LowRank`] together with its rows.
pub struct LowRankSearcher<'a> {
    index: &'a LowRank,
    rows: VectorsRef<'a>,
    scratch: Kept<Scratch>,
}

impl<'a> LowRankSearcher<'a> {
    pub(super) fn new(index: &'a LowRank, rows: VectorsRef<'a>) -> Self {
        Self { index, rows, scratch: Kept::default() }
    }

    /// What a product adds to a score.
    fn factor(&self) -> f32 {
        if self.index.metric() == Metric::L2 { 2.0 } else { 1.0 }
    }

    /// The query's inputs, in bytes.
    fn ready(&self, query: &[f32], scratch: &mut Scratch) {
        let Scratch { moved, inputs, row, .. } = scratch;
        moved.clear();
        moved.extend(query.iter().zip(self.index.mean()).map(|(q, m)| q - m));
        row.set(moved);
        if let Some(axes) = self.index.quick.axes() {
            inputs.resize(self.index.inputs(), 0.0);
            axes.by(row, 1.0, 0.0).all(inputs);
            row.set(inputs);
        }
    }

    /// Fills the pool: from more clusters, in the end all, where too few rows pass a filter.
    fn candidates(&self, query: &[f32], scratch: &mut Scratch, params: &SearchParams<'_>) {
        self.ready(query, scratch);
        let all = self.index.clusters();
        let mut nprobe = self.nprobe(params);
        self.probe(query, scratch, nprobe, params);
        while nprobe < all && scratch.pool.near().take(params.k).count() < params.k {
            nprobe = (4 * nprobe).min(all);
            self.probe(query, scratch, nprobe, params);
        }
    }

    /// How many clusters are looked into first.
    fn nprobe(&self, params: &SearchParams<'_>) -> usize {
        let (all, rows) = (self.index.clusters(), self.index.rows());
        let nprobe = if params.nprobe == 0 { all.div_ceil(16) } else { params.nprobe.min(all) };
        wider(nprobe, params.filter.map_or(rows, |f| f.count(rows)), rows).min(all)
    }

    /// Whether the rows that may be found are so few that they are scored in less time than it takes to look into clusters.
    fn are_few(&self, params: &SearchParams<'_>) -> bool {
        let Some(Filter::Rows(set)) = params.filter else { return false };
        let asked = self.index.rows() as f64 * self.nprobe(params) as f64 / self.index.clusters() as f64;
        set.len() <= FEW_PASS.max(asked as usize / ASKED)
    }

    /// Fills the pool with the best places of the nearest `nprobe` clusters.
    fn probe(&self, query: &[f32], scratch: &mut Scratch, nprobe: usize, params: &SearchParams<'_>) {
        let Scratch { row, clusters, .. } = scratch;
        clusters.reset(nprobe, nprobe);
        let products = self.index.quick.centroids().by(row, self.factor(), 0.0);
        for start in (0..self.index.clusters()).step_by(BATCH) {
            let mut scores = [0.0; BATCH];
            let above = products.scores(start, clusters.floor, &mut scores);
            clusters.offer(&scores, above, |j| (start + j) as u32);
        }
        let chosen: Vec<u32> = clusters.near().take(nprobe).map(|n| n.id).collect();
        let keep = depth(params);
        scratch.pool.reset(keep, keep);
        for (i, cluster) in chosen.iter().enumerate() {
            if let Some(next) = chosen.get(i + 1) {
                self.fetch_turn(*next as usize);
            }
            self.scan(query, scratch, *cluster as usize, params);
        }
    }

    /// Offers the rows of a cluster.
    fn scan(&self, query: &[f32], scratch: &mut Scratch, cluster: usize, params: &SearchParams<'_>) {
        let Scratch { row, turned, short, pool, .. } = scratch;
        let start = self.index.start(cluster);
        let places = self.index.start(cluster + 1) - start;
        if places == 0 {
            return;
        }
        let centroid = self.index.centroid(cluster);
        let base = match self.index.metric() {
            Metric::L2 => -simd::l2_sq(query, centroid),
            _ => simd::pair(Op::Dot, query, centroid),
        };
        turned.resize(self.index.rank(), 0.0);
        self.index.turn(cluster).by(row, 1.0, 0.0).all(turned);
        short.set(turned);
        let (ids, products) = (self.index.ids(), self.index.codes(cluster).by(short, self.factor(), base));
        for from in (0..places).step_by(BATCH) {
            let mut scores = [0.0; BATCH];
            let mut above = products.scores(from, pool.floor, &mut scores);
            if let Some(filter) = params.filter {
                above = passing(above, |j| filter.passes(ids[start + from + j]));
            }
            pool.offer(&scores, above, |j| (start + from + j) as u32);
        }
    }

    /// Asks the processor to fetch what a cluster makes of a query.
    fn fetch_turn(&self, cluster: usize) {
        self.index.turn(cluster).bytes.iter().step_by(64).take(32).for_each(prefetch);
    }
}

/// The bits of `above` that pass.
fn passing(above: u64, pass: impl Fn(usize) -> bool) -> u64 {
    let (mut rest, mut out) = (above, 0);
    while rest != 0 {
        let j = rest.trailing_zeros() as usize;
        rest &= rest - 1;
        out |= u64::from(pass(j)) << j;
    }
    out
}

/// How many candidates are kept for the second look, which takes as many of them as it needs.
fn depth(params: &SearchParams<'_>) -> usize {
    if params.rerank == 0 { 6 * params.k + 4 } else { params.rerank.max(params.k) }
}

/// The full rows at places.
struct AtPlaces<'a> {
    ids: &'a [u32],
    rows: VectorsRef<'a>,
    scorer: FlatScorer<'a>,
}

impl Exact for AtPlaces<'_> {
    fn row(&self, candidate: u32) -> u32 {
        self.ids[candidate as usize]
    }

    fn fetch(&self, rows: &[u32]) {
        for id in rows {
            self.rows.row(*id as usize).iter().step_by(16).for_each(prefetch);
        }
    }

    fn scores(&self, rows: &[u32], out: &mut [f32]) {
        self.scorer.score(rows, out);
    }
}

impl Search for LowRankSearcher<'_> {
    fn len(&self) -> usize {
        self.index.rows()
    }

    fn dim(&self) -> usize {
        self.index.dim()
    }

    /// `nprobe` 0 looks into a sixteenth of the clusters; `rerank` bounds how many rows are looked at again. Where few rows pass a
    /// filter, more clusters are looked into, in the end all; where a set has few rows, all of them are scored.
    fn search(&self, query: &[f32], params: &SearchParams<'_>) -> Vec<Hit> {
        let wrong = query.len() != self.dim() || query.iter().any(|v| !v.is_finite());
        let scorer = FlatScorer::new(self.rows, query, self.index.metric());
        let (false, false, Ok(scorer)) = (wrong || params.k == 0, self.is_empty(), scorer) else { return Vec::new() };
        if self.are_few(params) {
            return Flat::new(self.rows, self.index.metric()).search(query, params);
        }
        let mut unit = Vec::new();
        let near = match self.index.metric() {
            Metric::Cosine => {
                unit.extend_from_slice(query);
                vectors::normalize(&mut unit);
                unit.as_slice()
            }
            _ => query,
        };
        let by = AtPlaces { ids: self.index.ids(), rows: self.rows, scorer };
        let want = Want { k: params.k, depth: depth(params), worth: 1.0, deviations: 4.0 };
        self.scratch.with(|scratch| {
            self.candidates(near, scratch, params);
            scratch.second.rescore_promising(&scratch.pool, want, &by);
            scratch.second.best(params.k).map(|n| Hit { id: n.id, score: n.score }).collect()
        })
    }
}
