//! The moment at which the new vectors are those of the space.

use vectory_core::artifact::sync_folder;

use super::Plan;
use super::beside::Beside;
use crate::store::{FORMAT, SegmentEntry, SpaceFile, Sums, link, sums};
use crate::write::{State, WriteError, Writer};

impl Writer {
    /// Puts the segments that were made beside in the place of those of the newest commit, in one commit.
    pub(super) fn take_view(&mut self, plan: &Plan, beside: &Beside) -> Result<(), WriteError> {
        let mut state: State = self.state().clone();
        state.changed.clear();
        for entry in &mut state.manifest.segments {
            let number = state.manifest.next_segment;
            state.manifest.next_segment += 1;
            *entry = self.take_segment(entry, number, beside)?;
        }
        if let Some(made) = plan.engine.entry() {
            state.manifest.encoders.insert(plan.engine.name.clone(), made);
        }
        state.manifest.recipe = Some(plan.recipe.clone());
        self.publish(state)?;
        // The commit says it all; this is for people, and for programs of before.
        SpaceFile { format: FORMAT, recipe: plan.recipe.clone() }.write(&plan.layout)?;
        Ok(())
    }

    /// Links a segment from beside under a number of its own: were the commit not to come, the work would still be there.
    fn take_segment(&self, old: &SegmentEntry, number: u32, beside: &Beside) -> Result<SegmentEntry, WriteError> {
        let (from, to) = (beside.layout.segment(old.number), self.layout().segment(number));
        if to.exists() {
            fs_err::remove_dir_all(&to)?;
        }
        self.faults().at("reembed.create")?;
        fs_err::create_dir_all(&to)?;
        for file in fs_err::read_dir(&from)? {
            let file = file?.path();
            self.faults().at("reembed.link")?;
            link(&file, &to.join(file.file_name().unwrap_or_default()))?;
        }
        self.faults().at("reembed.sync-folder")?;
        fs_err::File::open(&to)?.sync_all()?;
        sync_folder(&to)?;
        let text = fs_err::read(to.join(sums::NAME))?;
        let sum = crc32c::crc32c(&text);
        let bytes = Sums::read(&to, sum)?.bytes() + text.len() as u64;
        Ok(SegmentEntry { number, bytes, sum, ..old.clone() })
    }
}
