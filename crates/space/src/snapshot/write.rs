//! Making a snapshot.

use std::path::Path;
use std::sync::Arc;

use roaring::RoaringBitmap;
use vectory_core::Context;

use super::archive::{Archive, pack};
use super::card::{CARD, Card, SUMS, Sums};
use super::{SnapshotError, archive};
use crate::search::{Snapshot, Space};
use crate::store::{FORMAT, Layout, SpaceFile, StoreError};

/// The snapshot that an increment stands on.
struct Before<'a> {
    path: &'a Path,
    card: Card,
    sums: Sums,
}

impl<'a> Before<'a> {
    fn read(path: &'a Path) -> Result<Self, SnapshotError> {
        let mut file = Archive::open(path)?;
        match (Card::read(&mut file)?, Sums::read(&mut file)?) {
            (Some(card), Some(sums)) => Ok(Self { path, card, sums }),
            _ => Err(archive(
                path,
                "is a snapshot of an earlier version, which nothing can stand on; make a full one first",
            )),
        }
    }
}

impl Space {
    /// Writes a snapshot of the newest commit: all or nothing; with `since`, only what that snapshot does not have. Reading and
    /// writing go on meanwhile. Says how many bytes it has.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn write_snapshot(&self, file: &Path, since: Option<&Path>, ctx: &Context) -> Result<u64, SnapshotError> {
        let before = since.map(Before::read).transpose()?;
        let work = file.with_extension("unfinished");
        if work.exists() {
            fs_err::remove_dir_all(&work)?;
        }
        fs_err::create_dir_all(&work)?;
        let made = self.copy_to(&work, before.as_ref(), ctx).and_then(|()| pack(&work, file, ctx));
        // Ours alone; a failure to remove it must not hide the first error.
        let _ = fs_err::remove_dir_all(&work);
        made
    }

    fn copy_to(&self, folder: &Path, before: Option<&Before<'_>>, ctx: &Context) -> Result<(), SnapshotError> {
        let (from, to) = (Layout::new(self.path()), Layout::new(folder));
        let mut tries = 0;
        // A merge may take a segment away before it is linked: then the newer commit is copied.
        let snapshot = loop {
            let _ = self.refresh()?;
            let snapshot = self.snapshot();
            match link_segments(&from, &to, &missing(&snapshot, before), ctx) {
                Ok(()) => break snapshot,
                Err(SnapshotError::Io(e)) if e.kind() == std::io::ErrorKind::NotFound && tries < 20 => tries += 1,
                Err(e) => return Err(e),
            }
        };
        let sums = Sums::of(&snapshot.tables)?;
        copy_items(&snapshot, &to, before.map(|b| sums.changes(&b.sums)))?;
        let card = Card::new(&snapshot.manifest, &sums, before.map(|b| (&b.card, b.path)));
        let text = serde_json::to_vec_pretty(&card).map_err(std::io::Error::from)?;
        fs_err::write(folder.join(CARD), text)?;
        fs_err::write(folder.join(SUMS), sums.to_bytes())?;
        for model in from.models()? {
            fs_err::copy(&model, folder.join(model.file_name().unwrap_or_default()))?;
        }
        SpaceFile { format: FORMAT, recipe: self.recipe().clone() }.write(&to)?;
        Ok(())
    }
}

/// The segments that the snapshot before does not have.
fn missing(snapshot: &Arc<Snapshot>, before: Option<&Before<'_>>) -> Vec<u32> {
    let has = |s: &crate::store::SegmentEntry| {
        before.is_some_and(|b| b.card.segments.iter().any(|h| (h.number, h.sum) == (s.number, s.sum)))
    };
    snapshot.manifest.segments.iter().filter(|s| !has(s)).map(|s| s.number).collect()
}

/// All items, or those that changed with the numbers of those that are gone.
fn copy_items(
    snapshot: &Snapshot,
    to: &Layout,
    changes: Option<(RoaringBitmap, RoaringBitmap)>,
) -> Result<(), SnapshotError> {
    let Some((changed, gone)) = changes else {
        return Ok(snapshot.tables.copy_to(&to.items(), &snapshot.manifest, &snapshot.dead, None)?);
    };
    snapshot.tables.copy_to(&to.changes(), &snapshot.manifest, &snapshot.dead, Some(&changed))?;
    let mut bytes = Vec::new();
    gone.serialize_into(&mut bytes)?;
    Ok(fs_err::write(to.removed(), bytes)?)
}

fn link_segments(from: &Layout, to: &Layout, numbers: &[u32], ctx: &Context) -> Result<(), SnapshotError> {
    if to.segments().exists() {
        fs_err::remove_dir_all(to.segments())?;
    }
    fs_err::create_dir_all(to.segments())?;
    for number in numbers {
        ctx.check().map_err(StoreError::from)?;
        let target = to.segment(*number);
        fs_err::create_dir_all(&target)?;
        for entry in fs_err::read_dir(from.segment(*number))? {
            let entry = entry?;
            crate::store::link(&entry.path(), &target.join(entry.file_name()))?;
        }
    }
    Ok(())
}
