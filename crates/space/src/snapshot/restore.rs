//! Making a space of a snapshot, or of a chain of them.

use std::path::{Path, PathBuf};

use roaring::RoaringBitmap;
use vectory_core::Context;
use vectory_core::artifact::sync_folder;

use super::archive::Archive;
use super::card::Card;
use super::{SnapshotError, archive};
use crate::store::{Layout, SpaceFile, Sums, apply_changes};

/// One snapshot of a chain.
struct Link {
    file: Archive,
    card: Option<Card>,
}

impl Link {
    fn open(path: &Path) -> Result<Self, SnapshotError> {
        let mut file = Archive::open(path)?;
        let card = Card::read(&mut file)?;
        Ok(Self { file, card })
    }
}

/// Makes a space out of a snapshot, in a folder that is not there. Of an increment, the whole chain is needed, in any order; links that
/// are not given are looked for beside those that are. Every byte is checked; on failure nothing is left.
///
/// # Errors
/// [`SnapshotError`]; a link that is missing is named.
pub fn restore(files: &[PathBuf], folder: &Path, ctx: &Context) -> Result<(), SnapshotError> {
    if folder.exists() {
        return Err(SnapshotError::Exists(folder.to_owned()));
    }
    let mut chain = chain(files)?;
    let work = folder.with_extension("restoring");
    if work.exists() {
        fs_err::remove_dir_all(&work)?;
    }
    let mut made = work.as_path();
    let done = unpack(&mut chain, &work, ctx).and_then(|()| {
        fs_err::rename(&work, folder)?;
        made = folder;
        Ok(sync_folder(folder)?)
    });
    if done.is_err() {
        // Ours alone; a failure to remove it must not hide the first error.
        let _ = fs_err::remove_dir_all(made);
    }
    done
}

/// The chain from the full snapshot to the newest.
fn chain(files: &[PathBuf]) -> Result<Vec<Link>, SnapshotError> {
    let mut all = files.iter().map(|f| Link::open(f)).collect::<Result<Vec<_>, _>>()?;
    let is_base = |id: &str, all: &[Link]| {
        all.iter().any(|l| l.card.as_ref().and_then(|c| c.since.as_ref()).is_some_and(|s| s.id == id))
    };
    let newest: Vec<usize> =
        (0..all.len()).filter(|i| all[*i].card.as_ref().is_none_or(|c| !is_base(&c.id, &all))).collect();
    let &[at] = newest.as_slice() else {
        let path = files.first().cloned().unwrap_or_default();
        return Err(archive(
            &path,
            "and the other snapshots make no one chain; give one snapshot and those that it stands on",
        ));
    };
    let mut chain = vec![all.swap_remove(at)];
    while let Some(since) = chain[chain.len() - 1].card.as_ref().and_then(|c| c.since.clone()) {
        let from = chain[chain.len() - 1].file.path().to_owned();
        let known = all.iter().position(|l| l.card.as_ref().is_some_and(|c| c.id == since.id));
        let beside = from.with_file_name(&since.file);
        let link = match known {
            Some(at) => Some(all.swap_remove(at)),
            None if beside.exists() => Some(Link::open(&beside)?),
            None => None,
        };
        let link = link.filter(|l| l.card.as_ref().is_some_and(|c| c.id == since.id)).ok_or_else(|| {
            let (file, generation, id) = (&since.file, since.generation, &since.id);
            archive(
                &from,
                format!(
                    "stands on the snapshot {file} (commit {generation}, {id}), which is not there; give it as well"
                ),
            )
        })?;
        chain.push(link);
    }
    if let Some(extra) = all.first() {
        return Err(archive(extra.file.path(), "is no part of the chain of the others"));
    }
    chain.reverse();
    Ok(chain)
}

fn unpack(chain: &mut [Link], work: &Path, ctx: &Context) -> Result<(), SnapshotError> {
    let layout = Layout::new(work);
    fs_err::create_dir_all(layout.segments())?;
    let last = chain.len() - 1;
    let items = |n: &Path| n == Path::new("items.redb");
    if chain[0].file.unpack(work, &items, ctx)? == 0 {
        return Err(archive(chain[0].file.path(), "has no items"));
    }
    for link in &mut chain[1..] {
        let changes = |n: &Path| n == Path::new("changes.redb") || n == Path::new("removed");
        if link.file.unpack(work, &changes, ctx)? != 2 {
            return Err(archive(link.file.path(), "lacks its changes"));
        }
        let removed = RoaringBitmap::deserialize_from(&fs_err::read(layout.removed())?[..])?;
        apply_changes(&layout.items(), &layout.changes(), &removed)?;
        fs_err::remove_file(layout.changes())?;
        fs_err::remove_file(layout.removed())?;
    }
    let top = |n: &Path| n.parent() == Some(Path::new("")) && !items(n) && !is_of_snapshot(n);
    chain[last].file.unpack(work, &top, ctx)?;
    segments(chain, work, ctx)?;
    match SpaceFile::read(&layout)? {
        Ok(_) => Ok(()),
        Err(e) => Err(archive(chain[last].file.path(), e)),
    }
}

/// Entries that are about the snapshot, not of the space.
fn is_of_snapshot(name: &Path) -> bool {
    ["snapshot.json", "documents.sums", "changes.redb", "removed"].iter().any(|n| name == Path::new(n))
}

/// Takes every segment of the newest snapshot from the link that has it.
fn segments(chain: &mut [Link], work: &Path, ctx: &Context) -> Result<(), SnapshotError> {
    let layout = Layout::new(work);
    let newest = &chain[chain.len() - 1];
    let Some(card) = newest.card.clone() else {
        chain[0].file.unpack(work, &|n| n.starts_with("segments"), ctx)?;
        return Ok(());
    };
    let path = newest.file.path().to_owned();
    for segment in &card.segments {
        let holds = |l: &&mut Link| {
            let here = l
                .card
                .as_ref()
                .map(|c| c.segments.iter().any(|s| s.here && (s.number, s.sum) == (segment.number, segment.sum)));
            here.unwrap_or(false)
        };
        let missing = || archive(&path, format!("segment {:06} is in no snapshot of the chain", segment.number));
        let link = chain.iter_mut().rev().find(holds).ok_or_else(missing)?;
        let folder = Path::new("segments").join(format!("{:06}", segment.number));
        link.file.unpack(work, &|n| n.starts_with(&folder), ctx)?;
        // Its own file of sums must be the one that the manifest means.
        Sums::read(&layout.segment(segment.number), segment.sum)?;
    }
    Ok(())
}
