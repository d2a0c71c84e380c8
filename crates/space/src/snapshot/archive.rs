//! A ZIP archive without compression, as snapshots are kept.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use vectory_core::Context;
use vectory_core::artifact::sync_folder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{SnapshotError, archive};
use crate::store::{StoreError, is_model};

/// An archive, opened.
pub(super) struct Archive {
    path: PathBuf,
    zip: ZipArchive<fs_err::File>,
}

impl Archive {
    pub fn open(path: &Path) -> Result<Self, SnapshotError> {
        let zip =
            ZipArchive::new(fs_err::File::open(path)?).map_err(|e| archive(path, format!("is no snapshot: {e}")))?;
        Ok(Self { path: path.to_owned(), zip })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A small entry, whole; none if it is not there.
    pub fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, SnapshotError> {
        let Some(at) = self.zip.index_for_name(name) else { return Ok(None) };
        let mut entry = self.zip.by_index(at).map_err(|e| archive(&self.path, e))?;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|e| archive(&self.path, format!("{name}: {e}")))?;
        Ok(Some(bytes))
    }

    /// Writes the entries that `wanted` names below a folder; reading to the end compares their checksums. Says how many.
    pub fn unpack(&mut self, to: &Path, wanted: &dyn Fn(&Path) -> bool, ctx: &Context) -> Result<usize, SnapshotError> {
        let mut count = 0;
        let mut block = vec![0; 1 << 20];
        for i in 0..self.zip.len() {
            ctx.check().map_err(StoreError::from)?;
            let mut entry = self.zip.by_index(i).map_err(|e| archive(&self.path, e))?;
            let name = entry.enclosed_name().filter(|n| is_ours(n));
            let name = name.ok_or_else(|| archive(&self.path, format!("entry {i} is no file of a space")))?;
            if !wanted(&name) {
                continue;
            }
            let path = to.join(name);
            if let Some(parent) = path.parent() {
                fs_err::create_dir_all(parent)?;
            }
            let mut out = fs_err::File::create(&path)?;
            loop {
                match entry.read(&mut block).map_err(|e| archive(&self.path, format!("{}: {e}", path.display())))? {
                    0 => break,
                    n => out.write_all(&block[..n])?,
                }
            }
            out.sync_all()?;
            count += 1;
        }
        Ok(count)
    }
}

/// Packs a folder: all or nothing. Says how many bytes it has.
pub(super) fn pack(folder: &Path, file: &Path, ctx: &Context) -> Result<u64, SnapshotError> {
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

/// Whether a name in an archive is one that snapshots have.
fn is_ours(name: &Path) -> bool {
    let parts: Vec<_> = name.iter().map(|p| p.to_string_lossy()).collect();
    match parts.iter().map(AsRef::as_ref).collect::<Vec<&str>>().as_slice() {
        ["space.toml" | "items.redb" | "changes.redb" | "removed" | "snapshot.json" | "documents.sums"] => true,
        [name] => is_model(name),
        ["segments", number, _] => number.len() == 6 && number.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    }
}
