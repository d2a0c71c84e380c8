//! The commit: a segment is sealed, then one transaction makes it count.

use vectory_core::Context;

use super::pending::Pending;
use super::seal::Seal;
use super::{Open, WriteError, Writer};
use crate::store::{commit, put_state};

impl Writer {
    /// Makes everything since the last commit durable and visible. When it returns, no crash can lose it; when it
    /// fails, nothing of it is there. Returns the commit's number.
    ///
    /// # Errors
    /// [`WriteError`]; what was committed before stays.
    pub fn commit(&mut self, ctx: &Context) -> Result<u64, WriteError> {
        let Some(open) = self.open.take() else { return Ok(self.committed.manifest.generation) };
        // From here on the transaction is either committed or dropped.
        let Open { txn, mut state, pending } = open;
        if pending.len() > 0 {
            let part = pending.into_part()?;
            let dead = state.dead.clone();
            let number = state.manifest.next_segment;
            if let Some(entry) = self.seal(ctx, false).write(number, &[&part], &|n| !dead.contains(n))? {
                state.manifest.segments.push(entry);
                state.manifest.next_segment += 1;
            }
            forget_unsealed(&mut state, &part);
        }
        state.manifest.generation += 1;
        put_state(&txn, &state.manifest, &state.dead, &state.changed)?;
        self.params.faults.at("items.commit")?;
        commit(txn)?;
        self.committed = state;
        Ok(self.committed.manifest.generation)
    }

    /// Commits when enough waits.
    pub(super) fn commit_when_full(&mut self, ctx: &Context) -> Result<(), WriteError> {
        let full = |p: &Pending| p.len() >= self.params.flush_passages || p.text_bytes() >= self.params.flush_bytes;
        if self.open.as_ref().is_some_and(|o| full(&o.pending)) {
            self.commit(ctx)?;
        }
        Ok(())
    }

    /// Commits even when nothing has changed but the settings in the manifest.
    pub(crate) fn change_manifest(
        &mut self,
        change: impl FnOnce(&mut crate::store::Manifest),
    ) -> Result<(), WriteError> {
        change(&mut self.begin()?.state.manifest);
        Ok(())
    }

    pub(super) fn seal<'a>(&'a self, ctx: &'a Context, graphs: bool) -> Seal<'a> {
        Seal { layout: &self.layout, engines: &self.engines, faults: &self.params.faults, ctx, graphs }
    }
}

/// Passages that died before they were sealed are in no segment: they need no tombstone.
fn forget_unsealed(state: &mut super::State, part: &crate::store::Part) {
    if let (Some(first), Some(last)) = (part.ids.passages().first(), part.ids.passages().last()) {
        state.dead.remove_range(*first..=*last);
    }
}
