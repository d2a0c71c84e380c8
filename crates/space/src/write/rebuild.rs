//! Making segments again from the stored texts, when their files are damaged.

use vectory_core::Context;

use super::pending::Pending;
use super::prepare::{represent, seen};
use super::{State, WriteError, Writer};
use crate::store::{DocumentRecord, PassageRecord, SegmentEntry, WriteTables};

/// A passage to be represented again.
struct Again {
    passage: u32,
    document: u32,
    seen: String,
}

impl Writer {
    /// Lets redb check and repair its file, then removes documents whose passages cannot be read. Says which.
    pub(crate) fn repair_items(&mut self) -> Result<Vec<String>, WriteError> {
        self.rollback();
        self.items.check()?;
        let txn = self.items.begin()?;
        let mut broken: Vec<(u32, DocumentRecord)> = Vec::new();
        let (mut documents, mut passages) = (0, 0);
        {
            let mut tables = WriteTables::open(&txn)?;
            let mut all = Vec::new();
            tables.each_document(|number, record| all.push((number, record)))?;
            for (number, record) in all {
                let whole = record.passages().all(|p| matches!(tables.passage(p), Ok(Some(q)) if q.document == number));
                if whole {
                    documents += 1;
                    passages += u64::from(record.count);
                } else {
                    broken.push((number, record));
                }
            }
            for (number, record) in &broken {
                tables.remove_passages(record.passages())?;
                tables.remove_document(*number, &record.id)?;
            }
        }
        let mut state = self.committed.clone();
        broken.iter().for_each(|(n, r)| {
            state.dead.insert_range(r.passages());
            state.changed.insert(*n);
        });
        (state.manifest.documents, state.manifest.passages) = (documents, passages);
        if state.manifest == self.committed.manifest && broken.is_empty() {
            return Ok(Vec::new());
        }
        self.publish_in(txn, state)?;
        Ok(broken.into_iter().map(|(_, r)| r.id).collect())
    }

    /// Makes segments again; `all`: as if there were none, from every passage there is. One commit at the end. Where vectors
    /// were given, they cannot be made again: the points of those segments are removed, and named.
    pub(crate) fn rebuild(&mut self, numbers: &[u32], all: bool, ctx: &Context) -> Result<Vec<String>, WriteError> {
        if self.engines.iter().any(|e| !e.is_derived()) {
            return self.remove_segments(numbers, ctx);
        }
        let mut state = self.committed.clone();
        let old = std::mem::take(&mut state.manifest.segments);
        if all {
            let last = state.manifest.next_passage;
            self.again(0..last, &mut state, ctx)?;
            state.dead.clear();
        } else {
            for entry in old {
                if numbers.contains(&entry.number) {
                    self.again(entry.first..entry.last + 1, &mut state, ctx)?;
                    state.dead.remove_range(entry.first..=entry.last);
                } else {
                    state.manifest.segments.push(entry);
                }
            }
        }
        self.publish(state)?;
        Ok(Vec::new())
    }

    /// Takes segments out whose vectors nobody has any more, with their points.
    fn remove_segments(&mut self, numbers: &[u32], ctx: &Context) -> Result<Vec<String>, WriteError> {
        let (gone, kept): (Vec<SegmentEntry>, Vec<SegmentEntry>) =
            self.committed.manifest.segments.iter().cloned().partition(|s| numbers.contains(&s.number));
        let within = |p: u32| gone.iter().any(|s| s.first <= p && p <= s.last);
        let mut lost = Vec::new();
        self.each_document(|_, record| {
            if record.passages().any(within) {
                lost.push(record.id);
            }
        })?;
        self.delete(&lost, ctx)?;
        self.commit(ctx)?;
        let mut state = self.committed.clone();
        state.manifest.segments = kept;
        gone.iter().for_each(|s| _ = state.dead.remove_range(s.first..=s.last));
        self.publish(state)?;
        Ok(lost)
    }

    /// Represents and seals the passages of a range, some at a time.
    fn again(&self, range: std::ops::Range<u32>, state: &mut State, ctx: &Context) -> Result<(), WriteError> {
        let step = u32::try_from(self.params.flush_passages).unwrap_or(u32::MAX).max(1);
        ctx.progress().begin("making segments again", Some(u64::from(range.end - range.start)), "passages");
        let mut from = range.start;
        while from < range.end {
            ctx.check()?;
            let to = from.saturating_add(step).min(range.end);
            let list = self.read_again(from..to)?;
            ctx.progress().advance(u64::from(to - from));
            from = to;
            if let Some(entry) = self.seal_again(&list, state.manifest.next_segment, ctx)? {
                state.manifest.next_segment += 1;
                state.manifest.segments.push(entry);
            }
        }
        ctx.progress().end();
        Ok(())
    }

    fn read_again(&self, range: std::ops::Range<u32>) -> Result<Vec<Again>, WriteError> {
        let txn = self.items.begin()?;
        let tables = WriteTables::open(&txn)?;
        let mut list = Vec::new();
        for number in range {
            let Some(PassageRecord { document, heading, text, .. }) = tables.passage(number)? else { continue };
            let Some(record) = tables.document(document)? else { continue };
            list.push(Again { passage: number, document, seen: seen(&record.title, &heading, &text) });
        }
        Ok(list)
    }

    fn seal_again(&self, list: &[Again], number: u32, ctx: &Context) -> Result<Option<SegmentEntry>, WriteError> {
        let texts: Vec<&str> = list.iter().map(|a| a.seen.as_str()).collect();
        let made = represent(&self.engines, &texts, ctx)?;
        let mut pending = Pending::new(&self.engines);
        for (i, a) in list.iter().enumerate() {
            pending.push((a.passage, a.document), a.seen.len(), made.iter().map(|m| m.get(i)))?;
        }
        let part = pending.into_part()?;
        self.seal(ctx, true).write(number, &[&part], &|_| true)
    }
}
