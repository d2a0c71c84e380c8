//! Asking: the nearest lists, their rows, the best again.

use std::sync::OnceLock;

use vectory_compress::{AnyQuery, Codec};
use vectory_core::simd::{self, Op};
use vectory_core::{Hit, Metric, VectorsRef};

use super::build::ready;
use super::filtered::Few;
use super::model::{Body, Ivf};
use crate::coded::pick::Picker;
use crate::coded::{depth, full_scores, settle};
use crate::kept::Kept;
use crate::search::{Filter, Search, SearchParams, wider};

/// Places scored together.
pub(super) const BLOCK: usize = 512;

/// Buffers of one search, used again by the next.
#[derive(Default)]
pub(super) struct Scratch {
    pub query: AnyQuery,
    /// The score of each centroid.
    pub lists: Vec<f32>,
}

/// The search of an [`Ivf`].
pub struct IvfSearcher<'a> {
    pub(super) ivf: &'a Ivf,
    rows: Option<VectorsRef<'a>>,
    scratch: Kept<Scratch>,
    /// Where each row stands, once a small set was asked for.
    pub(super) places: OnceLock<Vec<u32>>,
}

impl<'a> IvfSearcher<'a> {
    pub(super) fn new(ivf: &'a Ivf, rows: Option<VectorsRef<'a>>) -> Self {
        Self { ivf, rows, scratch: Kept::default(), places: OnceLock::new() }
    }

    pub(super) fn op(&self) -> Op {
        if self.ivf.metric() == Metric::L2 { Op::L2 } else { Op::Dot }
    }

    /// The score of each centroid.
    pub(super) fn score_lists(&self, query: &[f32], scores: &mut Vec<f32>) {
        scores.resize(self.ivf.lists(), 0.0);
        simd::rows(self.op(), query, self.ivf.centroids(), scores);
        if self.ivf.metric() == Metric::L2 {
            scores.iter_mut().for_each(|s| *s = -*s);
        }
    }

    /// Lists, the nearest first, and the score of each centroid.
    fn nearest(&self, query: &[f32], scores: &mut Vec<f32>, nprobe: usize) -> Vec<u32> {
        let lists = self.ivf.lists();
        self.score_lists(query, scores);
        let mut order: Vec<u32> = (0..lists as u32).collect();
        let best = |a: &u32, b: &u32| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b));
        if nprobe < lists {
            order.select_nth_unstable_by(nprobe, best);
        }
        order[..nprobe].sort_unstable_by(best);
        order
    }

    /// Scores of the places from `start` on.
    fn block(&self, query: &[f32], coded: &AnyQuery, base: f32, start: usize, out: &mut [f32]) {
        let dim = query.len();
        match &self.ivf.body {
            Body::Rows(rows) => {
                simd::rows(self.op(), query, &self.ivf.values(*rows)[start * dim..(start + out.len()) * dim], out);
                if self.ivf.metric() == Metric::L2 {
                    out.iter_mut().for_each(|s| *s = -*s);
                }
            }
            Body::Codes(codes, biases) => {
                codes.codec().block(coded, codes.codes(), start, out);
                let biases = &self.ivf.values(*biases)[start..start + out.len()];
                let factor = self.factor();
                out.iter_mut().zip(biases).for_each(|(s, b)| *s = base + factor * *s + b);
            }
        }
    }

    /// What the product of query and code counts.
    pub(super) fn factor(&self) -> f32 {
        if self.ivf.metric() == Metric::L2 { 2.0 } else { 1.0 }
    }

    /// Runs `work` with the query made ready; a query that is not of these rows finds nothing.
    fn with_ready(&self, query: &[f32], work: impl FnOnce(&[f32], &mut Scratch) -> Vec<Hit>) -> Vec<Hit> {
        if query.len() != self.dim() || query.iter().any(|v| !v.is_finite()) {
            return Vec::new();
        }
        self.scratch.with(|scratch| {
            let ready = ready(query, self.ivf.metric());
            if let Body::Codes(codes, _) = &self.ivf.body {
                codes.codec().query_into(&ready, &mut scratch.query);
            }
            work(&ready, scratch)
        })
    }

    fn nprobe(&self, params: &SearchParams<'_>) -> usize {
        if params.nprobe == 0 { (self.ivf.lists() / 16).max(1) } else { params.nprobe.min(self.ivf.lists()) }
    }

    /// All places of a list whose rows pass, with their first scores.
    fn candidates(&self, query: &[f32], scratch: &Scratch, list: u32, filter: Option<Filter<'_>>) -> Vec<Hit> {
        let (ids, places) = (self.ivf.ids(), self.ivf.list(list as usize));
        let mut scores = vec![0.0; places.len()];
        for (i, out) in scores.chunks_mut(BLOCK).enumerate() {
            self.block(query, &scratch.query, scratch.lists[list as usize], places.start + i * BLOCK, out);
        }
        let passes =
            |place: u32| ids[place as usize] != u32::MAX && filter.is_none_or(|f| f.passes(ids[place as usize]));
        let hits = (places.start as u32..).zip(scores).map(|(id, score)| Hit { id, score });
        hits.filter(|h| passes(h.id)).collect()
    }

    /// The best places of the nearest lists; of more lists while fewer than `k` rows were found.
    fn probe(&self, query: &[f32], scratch: &mut Scratch, params: &SearchParams<'_>) -> Vec<Hit> {
        let (ivf, ids) = (self.ivf, self.ivf.ids());
        let passing = params.filter.map_or(ivf.rows(), |f| f.count(ivf.rows()));
        let nprobe = wider(self.nprobe(params), passing, ivf.rows()).min(ivf.lists());
        let few = match params.filter {
            Some(Filter::Rows(set)) => Few::of(self, set, nprobe),
            _ => Few::No,
        };
        if let Few::Scan(set) = few {
            return self.scan_set(query, scratch, set, params);
        }
        let mut order = self.nearest(query, &mut scratch.lists, nprobe);
        let mut best = self.picker(params);
        let mut scores = [0.0; BLOCK];
        let mut done = 0;
        while done < order.len() && (done < nprobe || best.len() < params.k) {
            if done == nprobe {
                let lists = &scratch.lists;
                order[nprobe..]
                    .sort_unstable_by(|a, b| lists[*b as usize].total_cmp(&lists[*a as usize]).then(a.cmp(b)));
            }
            let list = order[done] as usize;
            let places = ivf.list(list);
            for start in places.clone().step_by(BLOCK) {
                if let Few::InLists(set) = few {
                    let stop = places.end.min(start + BLOCK);
                    self.offer_passing(query, scratch, (list, start..stop), set, &mut best);
                    continue;
                }
                let scores = &mut scores[..BLOCK.min(places.end - start)];
                self.block(query, &scratch.query, scratch.lists[list], start, scores);
                best.offer(scores, |i| {
                    let row = ids[start + i];
                    let there = row != u32::MAX && params.filter.is_none_or(|f| f.passes(row));
                    there.then_some((start + i) as u32)
                });
            }
            done += 1;
        }
        best.into_best()
    }

    /// Keeps as many places as are ranked again.
    pub(super) fn picker(&self, params: &SearchParams<'_>) -> Picker {
        Picker::new(if self.exact() { params.k } else { depth(params) })
    }

    /// Whether the scores of the lists are those of full rows.
    pub(super) fn exact(&self) -> bool {
        matches!(self.ivf.body, Body::Rows(_))
    }

    /// Ranks places again, by full rows or by both levels of their codes, and names their rows.
    fn rank(&self, query: &[f32], scratch: &Scratch, mut hits: Vec<Hit>) -> Vec<Hit> {
        let ids = self.ivf.ids();
        if let (Body::Codes(codes, biases), None) = (&self.ivf.body, self.rows) {
            let places: Vec<u32> = hits.iter().map(|h| h.id).collect();
            let mut scores = vec![0.0; places.len()];
            places.iter().for_each(|p| codes.codes().prefetch_second(*p));
            codes.codec().rerank(&scratch.query, codes.codes(), &places, &mut scores);
            let biases = self.ivf.values(*biases);
            for (h, s) in hits.iter_mut().zip(scores) {
                h.score = scratch.lists[self.ivf.list_of(h.id)] + self.factor() * s + biases[h.id as usize];
            }
        }
        hits.iter_mut().for_each(|h| h.id = ids[h.id as usize]);
        if let Some(rows) = self.rows {
            let ids: Vec<u32> = hits.iter().map(|h| h.id).collect();
            let mut scores = vec![0.0; ids.len()];
            full_scores(rows, query, self.ivf.metric(), &ids, &mut scores);
            hits.iter_mut().zip(scores).for_each(|(h, s)| h.score = s);
        }
        hits.sort_unstable_by(Hit::best_first);
        hits
    }
}

impl Search for IvfSearcher<'_> {
    fn len(&self) -> usize {
        self.ivf.rows()
    }

    fn dim(&self) -> usize {
        self.ivf.dim()
    }

    /// Ties between rows of one score at the border of the candidates go to the nearer list.
    fn search(&self, query: &[f32], params: &SearchParams<'_>) -> Vec<Hit> {
        if params.k == 0 {
            return Vec::new();
        }
        self.with_ready(query, |ready, scratch| {
            let hits = self.probe(ready, scratch, params);
            let mut hits = self.rank(query, scratch, hits);
            hits.truncate(params.k);
            hits
        })
    }

    /// Looks into `nprobe` lists, then on as long as one of the last `nprobe` lists had a row above the floor.
    fn range(&self, query: &[f32], floor: f32, params: &SearchParams<'_>) -> Vec<Hit> {
        self.with_ready(query, |ready, scratch| {
            let nprobe = self.nprobe(params);
            let order = self.nearest(ready, &mut scratch.lists, self.ivf.lists());
            let (mut found, mut dry) = (Vec::new(), 0);
            for (done, list) in order.iter().enumerate() {
                if done >= nprobe && dry >= nprobe {
                    break;
                }
                let first = self.candidates(ready, scratch, *list, params.filter);
                let mut more = settle(first, floor, |hits| self.rank(query, scratch, hits));
                dry = if more.is_empty() { dry + 1 } else { 0 };
                found.append(&mut more);
            }
            found.sort_unstable_by(Hit::best_first);
            found
        })
    }
}
