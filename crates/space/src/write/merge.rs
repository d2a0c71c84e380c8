//! Merging: many small segments become one, dead passages leave the disk.
//!
//! A segment is merged with all that is newer once it is at most twice as large as they are together: sizes then fall
//! geometrically, there are O(log n) segments, and a passage is rewritten O(log n) times in its life. Merging is also where
//! graphs are built.

use std::sync::Arc;

use roaring::RoaringBitmap;
use serde::Serialize;
use vectory_core::Context;

use super::seal::Seal;
use super::{State, WriteError, Writer};
use crate::engine::Engine;
use crate::memory::merge_cost;
use crate::store::{Faults, Layout, Part, SegmentEntry, Sums, commit, compact_items, open_segment, put_state};

/// A segment is merged when it has at most so many times the passages of all that is newer.
const RATIO: u64 = 2;

/// What a merge did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MergeSummary {
    /// Segments before.
    pub before: usize,
    /// Segments after.
    pub after: usize,
    /// Passages that were rewritten.
    pub rewritten: u64,
    /// Dead passages that left the disk.
    pub dropped: u64,
}

impl Writer {
    /// Merges segments that are worth it and rewrites those with many dead passages. A commit of its own: readers see
    /// the same items before and after.
    ///
    /// # Errors
    /// [`WriteError`]; the space stays as it was.
    pub fn compact(&mut self, ctx: &Context) -> Result<MergeSummary, WriteError> {
        self.commit(ctx)?;
        let sizes = self.sizes()?;
        let runs = plan(&sizes, self.limit(), self.params.dead_share);
        self.rewrite(&runs, ctx)
    }

    /// Merges everything into one segment (up to the size limit) and gives the space of deleted items back to the disk.
    ///
    /// # Errors
    /// As [`Writer::compact`].
    pub fn optimize(&mut self, ctx: &Context) -> Result<MergeSummary, WriteError> {
        self.commit(ctx)?;
        let sizes = self.sizes()?;
        let runs = fill(&sizes, self.limit());
        let summary = self.rewrite(&runs, ctx)?;
        // A reader in the way is no failure: its pages are given back another time.
        let _ = compact_items(&mut self.items);
        Ok(summary)
    }

    fn limit(&self) -> Limit {
        Limit { rows: self.params.max_segment as u64, cost: self.params.merge_bytes }
    }

    fn sizes(&mut self) -> Result<Vec<Size>, WriteError> {
        let segments = self.committed.manifest.segments.clone();
        self.costs.retain(|number, _| segments.iter().any(|s| s.number == *number));
        segments.iter().map(|s| self.size(s)).collect()
    }

    fn size(&mut self, s: &SegmentEntry) -> Result<Size, WriteError> {
        let rows = u64::from(s.rows);
        let dead = self.committed.dead.range_cardinality(s.first..=s.last).min(rows);
        // Where memory is not limited, nobody asks.
        let cost = match self.costs.get(&s.number) {
            _ if self.params.merge_bytes == u64::MAX => 0,
            Some(cost) => *cost,
            None => {
                let sums = Sums::read(&self.layout.segment(s.number), s.sum)?;
                let cost = merge_cost(sums.files.iter().map(|f| (f.name.as_str(), f.bytes)));
                self.costs.insert(s.number, cost);
                cost
            }
        };
        Ok(Size { rows, dead, settled: s.settled, cost })
    }

    /// Rewrites each run of neighbouring segments as one.
    fn rewrite(&mut self, runs: &[std::ops::Range<usize>], ctx: &Context) -> Result<MergeSummary, WriteError> {
        let old = self.committed.manifest.segments.clone();
        let mut summary = MergeSummary { before: old.len(), after: old.len(), ..MergeSummary::default() };
        if runs.is_empty() {
            return Ok(summary);
        }
        let total: u64 = runs.iter().flat_map(|r| &old[r.clone()]).map(|s| u64::from(s.rows)).sum();
        ctx.progress().begin("merging segments", Some(total), "passages");
        let mut state = State { changed: RoaringBitmap::new(), ..self.committed.clone() };
        state.manifest.segments.clear();
        let mut at = 0;
        for run in runs {
            state.manifest.segments.extend_from_slice(&old[at..run.start]);
            let number = state.manifest.next_segment;
            state.manifest.next_segment += 1;
            let merged = self.job(number, &old[run.clone()]).run(ctx)?;
            summary.rewritten += merged.rows - merged.dropped;
            summary.dropped += merged.dropped;
            state.manifest.segments.extend(merged.entry);
            state.dead -= &merged.gone;
            ctx.progress().advance(merged.rows);
            at = run.end;
        }
        state.manifest.segments.extend_from_slice(&old[at..]);
        summary.after = state.manifest.segments.len();
        self.publish(state)?;
        ctx.progress().end();
        Ok(summary)
    }

    /// The next merge that is worth it, to be run on any thread while this writer goes on; give its result to
    /// [`Writer::adopt`], or tell of its failure with [`Writer::give_up`].
    pub fn plan_merge(&mut self) -> Option<MergeJob> {
        let run = self.next_run()?;
        let number = self.committed.manifest.next_segment;
        self.committed.manifest.next_segment += 1;
        if let Some(open) = &mut self.open {
            open.state.manifest.next_segment = open.state.manifest.next_segment.max(number + 1);
        }
        self.busy.insert(number);
        Some(self.job(number, &self.committed.manifest.segments[run]))
    }

    /// How many segments the next merge would take in.
    pub(crate) fn merge_debt(&mut self) -> usize {
        self.next_run().map_or(0, |run| run.len())
    }

    fn next_run(&mut self) -> Option<std::ops::Range<usize>> {
        // A segment whose sums cannot be read fails when it is merged, or checked.
        let sizes = self.sizes().ok()?;
        let runs = plan(&sizes, self.limit(), self.params.dead_share);
        let worth = |r: &std::ops::Range<usize>| r.len() >= self.params.merge_from || r.len() == 1;
        runs.into_iter().find(worth)
    }

    /// Takes a merged segment in the place of those it was made of. What has died meanwhile stays dead.
    ///
    /// # Errors
    /// [`WriteError`]; the space stays as it was.
    pub fn adopt(&mut self, merged: Merged, ctx: &Context) -> Result<(), WriteError> {
        self.commit(ctx)?;
        self.busy.remove(&merged.number);
        let mut state = State { changed: RoaringBitmap::new(), ..self.committed.clone() };
        let replaced = |s: &SegmentEntry| merged.replaced.contains(&s.number);
        let Some(at) = state.manifest.segments.iter().position(replaced) else {
            // They were rewritten meanwhile: what was merged is nobody's, and may hold what is deleted.
            return Ok(self.clean()?);
        };
        state.manifest.segments.retain(|s| !replaced(s));
        if let Some(entry) = merged.entry {
            state.manifest.segments.insert(at, entry);
        }
        state.dead -= &merged.gone;
        self.publish(state)
    }

    /// Forgets a merge that failed.
    pub fn give_up(&mut self, number: u32) {
        self.busy.remove(&number);
    }

    fn job(&self, number: u32, segments: &[SegmentEntry]) -> MergeJob {
        MergeJob {
            number,
            layout: self.layout.clone(),
            engines: Arc::clone(&self.engines),
            faults: self.params.faults.clone(),
            segments: segments.to_vec(),
            dead: self.committed.dead.clone(),
        }
    }

    /// Commits a new manifest over the same items, then removes what it no longer names.
    pub(crate) fn publish(&mut self, state: State) -> Result<(), WriteError> {
        let txn = self.items.begin()?;
        self.publish_in(txn, state)
    }

    /// As [`Writer::publish`], together with what the transaction changed.
    pub(super) fn publish_in(&mut self, txn: redb::WriteTransaction, mut state: State) -> Result<(), WriteError> {
        state.manifest.generation += 1;
        put_state(&txn, &state.manifest, &state.dead, &state.changed)?;
        self.params.faults.at("items.commit")?;
        commit(txn)?;
        self.committed = state;
        self.parts.clear();
        self.clean()?;
        Ok(())
    }
}

/// A merge that is to be done: independent of the writer, for segments do not change.
pub struct MergeJob {
    number: u32,
    layout: Layout,
    engines: Arc<Vec<Engine>>,
    faults: Faults,
    segments: Vec<SegmentEntry>,
    dead: RoaringBitmap,
}

/// A merged segment that no commit names yet.
pub struct Merged {
    number: u32,
    replaced: Vec<u32>,
    entry: Option<SegmentEntry>,
    /// Dead passages that it left out.
    gone: RoaringBitmap,
    rows: u64,
    dropped: u64,
}

impl MergeJob {
    /// The number of the segment that it makes.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// How many passages it reads.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.segments.iter().map(|s| u64::from(s.rows)).sum()
    }

    /// Writes the merged segment.
    ///
    /// # Errors
    /// [`WriteError`]; nothing is left behind.
    pub fn run(&self, ctx: &Context) -> Result<Merged, WriteError> {
        let views = crate::engine::segment_views(&self.engines);
        let parts: Vec<Part> = self
            .segments
            .iter()
            .map(|s| open_segment(&self.layout.segment(s.number), s, &views))
            .collect::<Result<_, _>>()?;
        let parts: Vec<&Part> = parts.iter().collect();
        let Self { layout, engines, faults, .. } = self;
        let seal = Seal { layout, engines, faults, ctx, graphs: true };
        let entry = seal.write(self.number, &parts, &|n| !self.dead.contains(n))?;
        let mut gone = RoaringBitmap::new();
        self.segments.iter().for_each(|s| gone |= self.dead.range(s.first..=s.last).collect::<RoaringBitmap>());
        let kept = entry.as_ref().map_or(0, |m| u64::from(m.rows));
        let replaced = self.segments.iter().map(|s| s.number).collect();
        Ok(Merged { number: self.number, replaced, entry, gone, rows: self.rows(), dropped: self.rows() - kept })
    }
}

/// A segment, as far as merging is concerned.
#[derive(Clone, Copy, Debug)]
struct Size {
    rows: u64,
    dead: u64,
    settled: bool,
    /// Bytes of memory that merging it takes.
    cost: u64,
}

/// What a merged segment may be at most.
#[derive(Clone, Copy, Debug)]
struct Limit {
    rows: u64,
    cost: u64,
}

impl Size {
    fn live(&self) -> u64 {
        self.rows - self.dead
    }

    /// Whether it is to be rewritten on its own account.
    fn is_due(&self, dead_share: f64) -> bool {
        !self.settled || self.dead as f64 > dead_share * self.rows as f64
    }
}

/// Runs of neighbours to rewrite.
fn plan(sizes: &[Size], max: Limit, dead_share: f64) -> Vec<std::ops::Range<usize>> {
    let newer = |i: usize| sizes[i + 1..].iter().map(Size::live).sum::<u64>();
    let cost = |i: usize| sizes[i..].iter().map(|s| s.cost).fold(0, u64::saturating_add);
    let fits = |i: usize| sizes[i].live() + newer(i) <= max.rows && cost(i) <= max.cost;
    let joins = |i: &usize| sizes[*i].live() <= RATIO * newer(*i) && fits(*i);
    let start = (0..sizes.len().saturating_sub(1)).find(joins).unwrap_or(sizes.len());
    let mut runs: Vec<_> = (0..start).filter(|i| sizes[*i].is_due(dead_share)).map(|i| i..i + 1).collect();
    if start < sizes.len() {
        runs.push(start..sizes.len());
    }
    runs
}

/// Runs that fill segments up to the limit; a lone segment is rewritten only when something in it is to be done.
fn fill(sizes: &[Size], max: Limit) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    let (mut rows, mut cost) = (0, 0u64);
    for (i, size) in sizes.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if rows + size.live() <= max.rows && cost.saturating_add(size.cost) <= max.cost => {
                run.end = i + 1;
                rows += size.live();
                cost += size.cost;
            }
            _ => {
                runs.push(i..i + 1);
                (rows, cost) = (size.live(), size.cost);
            }
        }
    }
    runs.retain(|r| r.len() > 1 || sizes[r.start].is_due(0.0));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(list: &[(u64, u64)]) -> Vec<Size> {
        list.iter().map(|(rows, dead)| Size { rows: *rows, dead: *dead, settled: true, cost: *rows }).collect()
    }

    fn most(rows: u64) -> Limit {
        Limit { rows, cost: u64::MAX }
    }

    fn one(start: usize, end: usize) -> Vec<std::ops::Range<usize>> {
        std::iter::once(start..end).collect()
    }

    fn runs(list: &[(u64, u64)]) -> Vec<std::ops::Range<usize>> {
        plan(&sizes(list), most(1000), 0.3)
    }

    #[test]
    fn equal_segments_merge_and_a_large_old_one_stays() {
        assert_eq!(runs(&[(100, 0), (100, 0), (100, 0)]), one(0, 3));
        assert_eq!(runs(&[(100, 0), (100, 0), (100, 0), (7, 0)]), one(0, 4), "the rest of a build joins");
        assert_eq!(runs(&[(900, 0), (10, 0), (10, 0)]), one(1, 3));
        assert!(runs(&[(900, 0), (10, 0)]).is_empty());
        assert!(runs(&[(600, 0), (500, 0)]).is_empty(), "the limit holds");
        assert!(runs(&[]).is_empty());
        assert!(runs(&[(5, 0)]).is_empty());
    }

    #[test]
    fn dying_and_unsettled_segments_are_rewritten() {
        assert_eq!(runs(&[(900, 400), (10, 0)]), one(0, 1));
        assert_eq!(runs(&[(10, 9)]), one(0, 1));
        assert_eq!(runs(&[(10, 10)]), one(0, 1));
        assert!(runs(&[(900, 200), (10, 1)]).is_empty());
        let fresh = Size { rows: 900, dead: 0, settled: false, cost: 0 };
        assert_eq!(plan(&[fresh], most(1000), 0.3), one(0, 1));
        assert_eq!(fill(&[fresh], most(1000)), one(0, 1));
    }

    #[test]
    fn many_small_commits_leave_few_segments() {
        let mut list: Vec<(u64, u64)> = Vec::new();
        let mut rewritten = 0;
        for _ in 0..1000 {
            list.push((1, 0));
            for run in plan(&sizes(&list), most(u64::MAX), 0.3).into_iter().rev() {
                let sum: u64 = list[run.clone()].iter().map(|s| s.0).sum();
                rewritten += sum;
                list.splice(run, [(sum, 0)]);
            }
            assert!(list.len() <= 12, "{list:?}");
        }
        assert!(rewritten < 20_000, "{rewritten} rewritten for 1000");
    }

    #[test]
    fn what_would_take_too_much_memory_is_not_merged() {
        let tight = Limit { rows: u64::MAX, cost: 250 };
        assert_eq!(plan(&sizes(&[(100, 0), (100, 0), (100, 0)]), tight, 0.3), one(1, 3));
        assert_eq!(fill(&sizes(&[(100, 0), (100, 0), (100, 0)]), tight), one(0, 2));
    }

    #[test]
    fn filling_stops_at_the_limit() {
        assert_eq!(fill(&sizes(&[(400, 0), (400, 0), (400, 0)]), most(1000)), one(0, 2));
        assert_eq!(fill(&sizes(&[(400, 0), (700, 5)]), most(1000)), one(1, 2));
        assert!(fill(&sizes(&[(400, 0)]), most(1000)).is_empty());
    }
}
