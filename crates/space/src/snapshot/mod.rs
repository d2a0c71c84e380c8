//! Snapshots: one file that holds a space as it was at one commit, made while it is written to.
//!
//! Segments never change, so they are linked or copied as they are; the table of items is copied from one read transaction.
//! The file is a ZIP archive without compression; each entry carries its checksum, and restoring reads every byte against it.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;
use vectory_core::Context;
use vectory_core::artifact::sync_folder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::search::Space;
use crate::store::{FORMAT, Layout, SpaceFile, StoreError};

/// Why a snapshot could not be made or restored.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// A file failed; the text names it.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The space cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file is no snapshot, or is damaged.
    #[error("{path}: {why}")]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Something is there already.
    #[error("{0}: is there already; name another folder, or remove it")]
    Exists(PathBuf),
}

fn archive(path: &Path, why: impl std::fmt::Display) -> SnapshotError {
    SnapshotError::Archive { path: path.to_owned(), why: why.to_string() }
}

impl Space {
    /// Writes a snapshot of the newest commit: all or nothing. Reading and writing go on meanwhile. Says how many bytes it has.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn write_snapshot(&self, file: &Path, ctx: &Context) -> Result<u64, SnapshotError> {
        let work = file.with_extension("unfinished");
        if work.exists() {
            fs_err::remove_dir_all(&work)?;
        }
        fs_err::create_dir_all(&work)?;
        let made = self.copy_to(&work, ctx).and_then(|()| pack(&work, file, ctx));
        // Ours alone; a failure to remove it must not hide the first error.
        let _ = fs_err::remove_dir_all(&work);
        made
    }

    fn copy_to(&self, folder: &Path, ctx: &Context) -> Result<(), SnapshotError> {
        let (from, to) = (Layout::new(self.path()), Layout::new(folder));
        let mut tries = 0;
        // A merge may take a segment away before it is linked: then the newer commit is copied.
        let snapshot = loop {
            let _ = self.refresh()?;
            let snapshot = self.snapshot();
            match link_segments(
                &from,
                &to,
                &snapshot.manifest.segments.iter().map(|s| s.number).collect::<Vec<_>>(),
                ctx,
            ) {
                Ok(()) => break snapshot,
                Err(SnapshotError::Io(e)) if e.kind() == std::io::ErrorKind::NotFound && tries < 20 => tries += 1,
                Err(e) => return Err(e),
            }
        };
        snapshot.tables.copy_to(&to.items(), &snapshot.manifest, &snapshot.dead)?;
        SpaceFile { format: FORMAT, recipe: self.recipe().clone() }.write(&to)?;
        Ok(())
    }
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
            let new = target.join(entry.file_name());
            // Another file system takes no links.
            if fs_err::hard_link(entry.path(), &new).is_err() {
                fs_err::copy(entry.path(), &new)?;
            }
        }
    }
    Ok(())
}

fn pack(folder: &Path, file: &Path, ctx: &Context) -> Result<u64, SnapshotError> {
    let unfinished = file.with_extension("part");
    let mut zip = ZipWriter::new(fs_err::File::create(&unfinished)?);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    for path in files_below(folder)? {
        ctx.check().map_err(StoreError::from)?;
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        zip.start_file(name, options).map_err(|e| archive(file, e))?;
        std::io::copy(&mut fs_err::File::open(&path)?, &mut zip)?;
    }
    let mut out = zip.finish().map_err(|e| archive(file, e))?;
    out.flush()?;
    out.sync_all()?;
    fs_err::rename(&unfinished, file)?;
    sync_folder(file)?;
    Ok(fs_err::metadata(file)?.len())
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut out = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            out.extend(files_below(&path)?);
        } else {
            out.push(path);
        }
    }
    out.sort();
    Ok(out)
}

/// Makes a space out of a snapshot, in a folder that is not there. Every byte is checked; on failure nothing is left.
///
/// # Errors
/// [`SnapshotError`].
pub fn restore(file: &Path, folder: &Path, ctx: &Context) -> Result<(), SnapshotError> {
    if folder.exists() {
        return Err(SnapshotError::Exists(folder.to_owned()));
    }
    let work = folder.with_extension("restoring");
    if work.exists() {
        fs_err::remove_dir_all(&work)?;
    }
    let done = unpack(file, &work, ctx).and_then(|()| {
        fs_err::rename(&work, folder)?;
        Ok(sync_folder(folder)?)
    });
    if done.is_err() {
        let _ = fs_err::remove_dir_all(&work);
    }
    done
}

fn unpack(file: &Path, work: &Path, ctx: &Context) -> Result<(), SnapshotError> {
    let mut zip =
        ZipArchive::new(fs_err::File::open(file)?).map_err(|e| archive(file, format!("is no snapshot: {e}")))?;
    fs_err::create_dir_all(work.join("segments"))?;
    for i in 0..zip.len() {
        ctx.check().map_err(StoreError::from)?;
        let mut entry = zip.by_index(i).map_err(|e| archive(file, e))?;
        let name = entry.enclosed_name().filter(|n| is_ours(n));
        let name = name.ok_or_else(|| archive(file, format!("entry {i} is no file of a space")))?;
        let path = work.join(name);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        let mut out = fs_err::File::create(&path)?;
        // Reading to the end compares the checksum.
        let mut block = vec![0; 1 << 20];
        loop {
            match entry.read(&mut block).map_err(|e| archive(file, format!("{}: {e}", path.display())))? {
                0 => break,
                n => out.write_all(&block[..n])?,
            }
        }
        out.sync_all()?;
    }
    match SpaceFile::read(&Layout::new(work))? {
        Ok(_) => Ok(()),
        Err(e) => Err(archive(file, e)),
    }
}

/// Whether a name in an archive is one of a space's files.
fn is_ours(name: &Path) -> bool {
    let parts: Vec<_> = name.iter().map(|p| p.to_string_lossy()).collect();
    match parts.iter().map(AsRef::as_ref).collect::<Vec<&str>>().as_slice() {
        ["space.toml" | "items.redb"] => true,
        ["segments", number, _] => number.len() == 6 && number.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    }
}
