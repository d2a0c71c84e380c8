//! Merging: many small segments become one, dead passages leave the disk.
//!
//! Neighbours are merged while the older is at most twice as large as all that is newer: sizes then fall
//! geometrically, there are O(log n) segments, and a passage is rewritten O(log n) times in its life.

use serde::Serialize;
use vectory_core::Context;

use super::seal::Seal;
use super::{State, WriteError, Writer};
use crate::store::{Part, SegmentEntry, compact_items, open_segment, put_state};

/// An older segment joins when it has at most so many times the passages of all that is newer.
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
        let sizes: Vec<(u64, u64)> = self.committed.manifest.segments.iter().map(|s| self.size(s)).collect();
        let runs = plan(&sizes, self.params.max_segment as u64, self.params.dead_share);
        self.rewrite(&runs, ctx)
    }

    /// Merges everything into one segment (up to the size limit) and gives the space of deleted items back to the disk.
    ///
    /// # Errors
    /// As [`Writer::compact`].
    pub fn optimize(&mut self, ctx: &Context) -> Result<MergeSummary, WriteError> {
        self.commit(ctx)?;
        let sizes: Vec<(u64, u64)> = self.committed.manifest.segments.iter().map(|s| self.size(s)).collect();
        let runs = fill(&sizes, self.params.max_segment as u64);
        let summary = self.rewrite(&runs, ctx)?;
        // A reader in the way is no failure: its pages are given back another time.
        let _ = compact_items(&mut self.items);
        Ok(summary)
    }

    /// Rows of a segment, and how many of them are dead.
    fn size(&self, s: &SegmentEntry) -> (u64, u64) {
        (u64::from(s.rows), self.committed.dead.range_cardinality(s.first..=s.last))
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
        let mut state = self.committed.clone();
        state.manifest.segments.clear();
        let mut at = 0;
        for run in runs {
            state.manifest.segments.extend_from_slice(&old[at..run.start]);
            let segments = &old[run.clone()];
            let number = state.manifest.next_segment;
            state.manifest.next_segment += 1;
            let merged = self.merge(number, segments, &state, ctx)?;
            let rows: u64 = segments.iter().map(|s| u64::from(s.rows)).sum();
            let kept = merged.as_ref().map_or(0, |m| u64::from(m.rows));
            summary.rewritten += kept;
            summary.dropped += rows - kept;
            state.manifest.segments.extend(merged);
            for s in segments {
                state.dead.remove_range(s.first..=s.last);
            }
            ctx.progress().advance(rows);
            at = run.end;
        }
        state.manifest.segments.extend_from_slice(&old[at..]);
        summary.after = state.manifest.segments.len();
        self.publish(state)?;
        ctx.progress().end();
        Ok(summary)
    }

    fn merge(
        &self,
        number: u32,
        segments: &[SegmentEntry],
        state: &State,
        ctx: &Context,
    ) -> Result<Option<SegmentEntry>, WriteError> {
        let views = crate::engine::segment_views(&self.engines);
        let parts: Vec<Part> = segments
            .iter()
            .map(|s| open_segment(&self.layout.segment(s.number), s, &views))
            .collect::<Result<_, _>>()?;
        let parts: Vec<&Part> = parts.iter().collect();
        let seal: Seal<'_> = self.seal(ctx);
        seal.write(number, &parts, &|n| !state.dead.contains(n))
    }

    /// Commits a new manifest over the same items, then removes what it no longer names.
    pub(super) fn publish(&mut self, state: State) -> Result<(), WriteError> {
        let txn = self.items.begin()?;
        self.publish_in(txn, state)
    }

    /// As [`Writer::publish`], together with what the transaction changed.
    pub(super) fn publish_in(&mut self, txn: redb::WriteTransaction, mut state: State) -> Result<(), WriteError> {
        state.manifest.generation += 1;
        put_state(&txn, &state.manifest, &state.dead)?;
        self.params.faults.at("items.commit")?;
        txn.commit()?;
        self.committed = state;
        self.clean()?;
        Ok(())
    }
}

/// Runs of neighbours to rewrite, for segments given as (rows, dead).
fn plan(sizes: &[(u64, u64)], max: u64, dead_share: f64) -> Vec<std::ops::Range<usize>> {
    let live = |s: &(u64, u64)| s.0 - s.1.min(s.0);
    let mut start = sizes.len();
    let mut sum = 0;
    while let Some(older) = start.checked_sub(1).map(|i| live(&sizes[i])) {
        if start < sizes.len() && (older > RATIO * sum || older + sum > max) {
            break;
        }
        sum += older;
        start -= 1;
    }
    let mut runs: Vec<_> = (0..start)
        .filter(|i| sizes[*i].1 as f64 > dead_share * sizes[*i].0 as f64)
        .map(|i| i..i + 1)
        .collect();
    let dying = |i: usize| sizes[i].1 as f64 > dead_share * sizes[i].0 as f64;
    match sizes.len() - start {
        0 => {}
        1 if !dying(start) => {}
        _ => runs.push(start..sizes.len()),
    }
    runs
}

/// Runs that fill segments up to the limit; a lone segment is rewritten only when something in it is dead.
fn fill(sizes: &[(u64, u64)], max: u64) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    let mut sum = 0;
    for (i, (rows, dead)) in sizes.iter().enumerate() {
        let live = rows - dead.min(rows);
        match runs.last_mut() {
            Some(run) if sum + live <= max => {
                run.end = i + 1;
                sum += live;
            }
            _ => {
                runs.push(i..i + 1);
                sum = live;
            }
        }
    }
    runs.retain(|r| r.len() > 1 || sizes[r.start].1 > 0);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(sizes: &[(u64, u64)]) -> Vec<std::ops::Range<usize>> {
        plan(sizes, 1000, 0.3)
    }

    #[test]
    fn equal_segments_merge_and_a_large_old_one_stays() {
        assert_eq!(runs(&[(100, 0), (100, 0), (100, 0)]), [0..3]);
        assert_eq!(runs(&[(900, 0), (10, 0), (10, 0)]), [1..3]);
        assert_eq!(runs(&[(900, 0), (10, 0)]), []);
        assert_eq!(runs(&[(600, 0), (500, 0)]), [], "the limit holds");
        assert_eq!(runs(&[]), []);
        assert_eq!(runs(&[(5, 0)]), []);
    }

    #[test]
    fn dying_segments_are_rewritten() {
        assert_eq!(runs(&[(900, 400), (10, 0)]), [0..1]);
        assert_eq!(runs(&[(10, 9)]), [0..1]);
        assert_eq!(runs(&[(10, 10)]), [0..1]);
        assert_eq!(runs(&[(900, 200), (10, 1)]), []);
    }

    #[test]
    fn many_small_commits_leave_few_segments() {
        let mut sizes: Vec<(u64, u64)> = Vec::new();
        let mut rewritten = 0;
        for _ in 0..1000 {
            sizes.push((1, 0));
            for run in plan(&sizes, u64::MAX, 0.3).into_iter().rev() {
                let sum: u64 = sizes[run.clone()].iter().map(|s| s.0).sum();
                rewritten += sum;
                sizes.splice(run, [(sum, 0)]);
            }
            assert!(sizes.len() <= 12, "{sizes:?}");
        }
        assert!(rewritten < 20_000, "{rewritten} rewritten for 1000");
    }

    #[test]
    fn filling_stops_at_the_limit() {
        assert_eq!(fill(&[(400, 0), (400, 0), (400, 0)], 1000), [0..2]);
        assert_eq!(fill(&[(400, 0), (700, 5)], 1000), [1..2]);
        assert_eq!(fill(&[(400, 0)], 1000), []);
    }
}
