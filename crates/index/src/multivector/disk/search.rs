//! Candidates, guesses, reads, scores.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use vectory_core::simd::{self, Op};
use vectory_core::{Hit, TopK, VectorsRef};

use super::pool::Job;
use super::{DiskIndex, DiskStats, build};
use crate::multivector::{Scratch, StoreError};

/// How to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiskSearch {
    /// How many hits at most.
    pub k: usize,
    /// Lists of the inverted file that are scanned.
    pub nprobe: usize,
    /// The share of these lists after which the reads of the candidates so far begin; 1: none begins early.
    pub ahead: f64,
    /// Candidates whose tokens are read and scored; the others rank behind them, by their mean vectors.
    pub rerank: usize,
    /// What a candidate's mean vector counts beside its MaxSim.
    pub mean_weight: f32,
}

impl Default for DiskSearch {
    fn default() -> Self {
        Self { k: 10, nprobe: 32, ahead: 0.3, rerank: 128, mean_weight: 0.0 }
    }
}

/// The answer to one query.
#[derive(Clone, Debug)]
pub struct Found {
    /// Best first.
    pub hits: Vec<Hit>,
    /// What it cost.
    pub stats: DiskStats,
}

impl DiskIndex {
    /// Finds candidates by mean vectors, reads and scores the best of them.
    ///
    /// # Errors
    /// [`StoreError::Dim`], [`StoreError::Param`] for queries that do not fit; [`StoreError::File`] when a read fails.
    pub fn search(&self, query: VectorsRef<'_>, params: &DiskSearch) -> Result<Found, StoreError> {
        let (start, mut stats) = (Instant::now(), DiskStats { queries: 1, ..DiskStats::default() });
        let job = Job::new(self.store().query(query)?);
        if query.rows() == 0 || self.is_empty() || params.k == 0 {
            return Ok(Found { hits: Vec::new(), stats });
        }
        let mut guessed = HashSet::new();
        let candidates = self.candidates(query, params, |so_far| {
            guessed = so_far.iter().map(|h| h.id).collect();
            self.pool.guess(so_far.iter().map(|h| self.place(h.id)), &job);
        });
        let read: Vec<u32> = candidates.iter().take(params.rerank).map(|h| h.id).collect();
        let wanted: HashSet<u32> = read.iter().copied().collect();
        let missing: Vec<_> = read.iter().filter(|d| !guessed.contains(d)).map(|d| self.place(*d)).collect();
        self.pool.need(&missing, |d| wanted.contains(&d), &job);
        let waiting = Instant::now();
        let (scores, reads, bytes) = job.wait(&read).map_err(crate::file::FileError::from)?;
        (stats.wanted, stats.hits) = (read.len() as u64, (read.len() - missing.len()) as u64);
        (stats.reads, stats.bytes) = (reads, bytes);
        stats.time(start.elapsed(), waiting.elapsed());
        Ok(Found { hits: rank(&candidates, &scores, params), stats })
    }

    /// The same search over records in memory (mapped), without reads of its own: to compare with.
    ///
    /// # Errors
    /// As [`DiskIndex::search`].
    pub fn search_mapped(&self, query: VectorsRef<'_>, params: &DiskSearch) -> Result<Vec<Hit>, StoreError> {
        let ready = self.store().query(query)?;
        if query.rows() == 0 || self.is_empty() || params.k == 0 {
            return Ok(Vec::new());
        }
        let candidates = self.candidates(query, params, |_| ());
        let mut scratch = Scratch::default();
        let read = candidates.iter().take(params.rerank);
        let scores: Vec<f32> = read.map(|h| self.store().score(&ready, h.id as usize, &mut scratch)).collect();
        Ok(rank(&candidates, &scores, params))
    }

    /// The best documents by mean vectors; those so far are given to `guess` once, on the way. Documents without tokens are left
    /// out.
    fn candidates(&self, query: VectorsRef<'_>, params: &DiskSearch, mut guess: impl FnMut(&[Hit])) -> Vec<Hit> {
        let mut mean = vec![0.0; self.dim()];
        build::mean(query, &mut mean);
        let mut lists = TopK::new(params.nprobe.clamp(1, self.lists().max(1)));
        for (l, row) in self.coarse().iter().enumerate() {
            lists.push(l as u32, -simd::l2_sq(&mean, row));
        }
        let lists = lists.into_sorted();
        let early = (lists.len() as f64 * params.ahead).ceil() as usize;
        let mut top = TopK::new(params.rerank.max(params.k));
        let mut scores = Vec::new();
        for (i, list) in lists.iter().enumerate() {
            let (rows, documents) = self.list(list.id as usize);
            scores.resize(documents.len(), 0.0);
            simd::rows(Op::Dot, &mean, rows, &mut scores);
            for (d, s) in documents.iter().zip(&scores) {
                if *s >= top.threshold() && self.place(*d).tokens > 0 {
                    top.push(*d, *s);
                }
            }
            if i + 1 == early && early < lists.len() {
                let so_far = top.clone().into_sorted();
                guess(&so_far[..so_far.len().min(params.rerank)]);
            }
        }
        top.into_sorted()
    }
}

/// Candidates with scores by these, then the others by their mean vectors, each below every score.
fn rank(candidates: &[Hit], scores: &[f32], params: &DiskSearch) -> Vec<Hit> {
    let scored = candidates.iter().zip(scores).map(|(c, s)| Hit { id: c.id, score: s + params.mean_weight * c.score });
    let mut hits: Vec<Hit> = scored.collect();
    hits.sort_by(Hit::best_first);
    let floor = hits.last().map_or(0.0, |h| h.score);
    hits.extend(candidates.iter().skip(scores.len()).map(|c| Hit { id: c.id, score: floor - 1.0 + c.score.min(1.0) }));
    hits.truncate(params.k);
    hits
}

/// Jobs are shared with the readers.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Arc<Job>>();
};
