//! Folders of collections that go, or come in another's place: names tell what an interrupted server was about.
//!
//! `NAME.removed` was a collection and is being removed; `NAME.recovered` is being made of a snapshot. Neither is taken for a collection.

use std::io;
use std::path::{Path, PathBuf};

use vectory_core::artifact::sync_folder;

const REMOVED: &str = "removed";
const RECOVERED: &str = "recovered";

/// Where a collection is made that is to take the place of the one at `space`: nothing is there.
///
/// # Errors
/// When what an earlier try left cannot be removed.
pub fn fresh(space: &Path) -> io::Result<PathBuf> {
    let fresh = space.with_extension(RECOVERED);
    clear(&space.with_extension(REMOVED))?;
    clear(&fresh)?;
    Ok(fresh)
}

/// Moves a closed collection out of the way, durably; gives its new place.
///
/// # Errors
/// When it cannot be moved, or what an earlier removal left cannot be removed: then it is where it was.
pub fn set_aside(space: &Path) -> io::Result<PathBuf> {
    let doomed = space.with_extension(REMOVED);
    clear(&doomed)?;
    moved(space, &doomed)?;
    Ok(doomed)
}

/// Puts a whole collection in the place of the closed one at `space`, if one is there.
///
/// # Errors
/// When it cannot be moved: then the old one is where it was.
pub fn put(fresh: &Path, space: &Path) -> io::Result<()> {
    let doomed = if space.exists() { Some(set_aside(space)?) } else { None };
    if let Err(e) = moved(fresh, space) {
        if let Some(old) = &doomed {
            fs_err::rename(old, space)?;
        }
        return Err(e);
    }
    // What stays of it goes at the next start.
    if let Some(old) = doomed {
        let _ = fs_err::remove_dir_all(old);
    }
    Ok(())
}

/// Finishes what an interrupted server was removing, or putting in a collection's place.
///
/// # Errors
/// When the folder cannot be read, or a recovered collection cannot be moved to its place.
pub fn tidy(folder: &Path) -> io::Result<()> {
    let with = |ending: &str| -> io::Result<Vec<PathBuf>> {
        let all: Vec<_> = fs_err::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<io::Result<_>>()?;
        Ok(all.into_iter().filter(|p| p.extension().is_some_and(|e| e == ending)).collect())
    };
    for fresh in with(RECOVERED)? {
        let space = fresh.with_extension("space");
        // The old one went aside only when the new one was whole.
        if !space.exists() && space.with_extension(REMOVED).exists() {
            fs_err::rename(&fresh, &space)?;
            sync_folder(&space)?;
        } else {
            let _ = fs_err::remove_dir_all(&fresh);
        }
    }
    for doomed in with(REMOVED)? {
        let _ = fs_err::remove_dir_all(&doomed);
    }
    Ok(())
}

/// Renames a folder, durably or not at all.
fn moved(from: &Path, to: &Path) -> io::Result<()> {
    fs_err::rename(from, to)?;
    sync_folder(to).or_else(|e| fs_err::rename(to, from).and(Err(e)))
}

fn clear(path: &Path) -> io::Result<()> {
    if path.exists() { fs_err::remove_dir_all(path) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(names: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in names {
            fs_err::create_dir(dir.path().join(name)).unwrap();
            fs_err::write(dir.path().join(name).join("which"), name).unwrap();
        }
        dir
    }

    fn left(dir: &Path) -> Vec<String> {
        let read = |e: io::Result<fs_err::DirEntry>| {
            let path = e.unwrap().path();
            let which = fs_err::read_to_string(path.join("which")).unwrap();
            format!("{} is {which}", path.file_name().unwrap().to_string_lossy())
        };
        let mut all: Vec<_> = fs_err::read_dir(dir).unwrap().map(read).collect();
        all.sort();
        all
    }

    #[test]
    fn a_name_is_free_again_whatever_a_removal_left() {
        let dir = folders(&["a.space", "a.removed"]);
        let doomed = set_aside(&dir.path().join("a.space")).unwrap();
        assert_eq!(left(dir.path()), ["a.removed is a.space"]);
        assert_eq!(doomed, dir.path().join("a.removed"));
    }

    #[test]
    fn what_was_begun_is_finished() {
        // b: between the two moves of a recovery. c: a recovery that did not get so far. d: a removal.
        let dir =
            folders(&["a.space", "b.removed", "b.recovered", "c.space", "c.recovered", "d.removed", "e.recovered"]);
        tidy(dir.path()).unwrap();
        assert_eq!(left(dir.path()), ["a.space is a.space", "b.space is b.recovered", "c.space is c.space"]);
    }

    #[test]
    fn a_collection_takes_the_place_of_another() {
        let dir = folders(&["a.space", "a.recovered"]);
        let (fresh, space) = (dir.path().join("a.recovered"), dir.path().join("a.space"));
        assert!(put(&dir.path().join("none"), &space).is_err());
        assert_eq!(left(dir.path()), ["a.recovered is a.recovered", "a.space is a.space"]);
        put(&fresh, &space).unwrap();
        assert_eq!(left(dir.path()), ["a.space is a.recovered"]);
    }
}
